"""One number for every node of a view: degrees, ranks, core numbers, …"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.adjacency import Adjacency, Walk
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.time import format_time
from graphsocial.schema import NodeKey

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class NodeScores(QueryResult):
    """Nodes with one value each, the largest first, equal ones by type and in canonical order.

    Attributes:
        name: What the value is, and its column's name.
        rows: The numbering of nodes, and the relations that were used.
        walk: How edges were walked.
        score: Value of each node in that numbering, int64 or float64 [node].
        score_error: Standard error of each value, float64 [node]; None where values are exact.

    >>> import pyarrow as pa
    >>> from graphsocial.graph import SocialGraph, adjacency
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["ann", "bob", "cy"], "dst": ["bob", "cy", "bob"], "time": [1, 2, 3]})
    >>> rows = adjacency(SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges}), [follow], "in")
    >>> scores = NodeScores("followers", rows, "in", rows.degree)
    >>> scores
    followers of 3 nodes over user follow user, walked in
      node_type  id   followers
      user       bob  2
      user       cy   1
      user       ann  0
    >>> scores.top(2), scores.of(("user", "cy"))
    ({('user', 'bob'): 2, ('user', 'cy'): 1}, 1)
    >>> scores.of_type("user").tolist()  # as node_ids("user")
    [0, 2, 1]
    """

    name: str
    rows: Adjacency
    walk: Walk
    score: np.ndarray
    score_error: np.ndarray | None = None

    def __post_init__(self) -> None:
        for array in (self.score, self.score_error):
            if array is not None and array.shape != (len(self.rows),):
                raise SchemaError(
                    f"{self.name} got {array.shape} values, expected one for each of {len(self.rows)} nodes"
                )

    @cached_property
    def order(self) -> np.ndarray:
        """Numbers of the nodes in the order they are shown, int64 [node]."""
        return np.argsort(-self.score, kind="stable")

    @property
    def value(self) -> np.ndarray:
        """Values, descending, [node]."""
        return self.score[self.order]

    @property
    def error(self) -> np.ndarray | None:
        """Standard errors beside the values, float64 [node], None where values are exact."""
        return None if self.score_error is None else self.score_error[self.order]

    def __len__(self) -> int:
        return len(self.score)

    def title(self) -> str:
        """What it is, of which view."""
        graph = self.rows.graph
        relations = ", ".join(" ".join(e) for e in self.rows.edge_types) or "no relation"
        until = "" if graph.end is None else f", as of {format_time(graph.end)}"
        since = "" if graph.start is None else f", edges from {format_time(graph.start)}"
        walked = "either way" if self.walk == "both" else f"walked {self.walk}"
        return f"{self.name} of {len(self):,} nodes over {relations}, {walked}{until}{since}"

    def columns(self) -> Mapping[str, Column]:
        """Node type, id and what is known of the node, in the order shown."""
        node_type, name = self.rows.types_and_ids()
        columns = {"node_type": node_type[self.order], "id": name[self.order], self.name: self.value}
        return columns if self.error is None else {**columns, "error": self.error}

    def top(self, k: int) -> dict[NodeKey, float]:
        """The k nodes with the largest values, and these, in order.

        Raises:
            SchemaError: k is no whole number of at least 0.
        """
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 0:
            raise SchemaError(f"top got k={k!r}, expected a whole number of at least 0")
        first = self.order[:k]
        return dict(zip(self.rows.keys(first), self.score[first].tolist(), strict=True))

    def of(self, key: NodeKey) -> float:
        """Value of one node.

        Raises:
            UnknownNodeError: The view has no such node.
            SchemaError: None of the relations touches its type.
        """
        return self.score[self.rows.number(key)].item()

    def of_type(self, node_type: str) -> np.ndarray:
        """Values of all nodes of a type in canonical order, as `node_ids` names them, [node].

        Raises:
            SchemaError: Unknown node type, or none of the relations touches it.
        """
        self.rows.graph.schema.check_node_type(node_type)
        if node_type not in self.rows.node_types:
            raise SchemaError(
                f"{self.name} has no {node_type}, expected {' or '.join(self.rows.node_types) or 'nothing'}"
            )
        place = self.rows.node_types.index(node_type)
        return self.score[self.rows.offset[place] : self.rows.offset[place + 1]]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Share of nodes that have at least a value, both axes logarithmic; zeros only lower the curve's start."""
        if ax is None:
            from matplotlib import pyplot

            ax = pyplot.subplots()[1]
        value, count = np.unique(self.score, return_counts=True)
        share = np.cumsum(count[::-1])[::-1] / max(len(self), 1)
        ax.step(value[value > 0], share[value > 0], where="pre")
        ax.set(xlabel=self.name, ylabel="share of nodes with at least this", title=self.title())
        if (value > 0).any():
            ax.set(xscale="log", yscale="log")
        return ax

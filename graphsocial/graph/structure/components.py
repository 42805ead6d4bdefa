"""Which nodes hang together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.adjacency import Adjacency, Walk, adjacency
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.time import format_time
from graphsocial.schema import EdgeType, NodeKey

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class Components(QueryResult):
    """Every node with its component, 0 the largest; equally large ones in the order of their first nodes.

    Attributes:
        rows: The numbering of nodes, and the relations that were used.
        walk: How edges were walked.
        label: Component of each node in that numbering, int64 [node].
        size: Nodes of each component, descending, int64 [component].
    """

    rows: Adjacency
    walk: Walk
    label: np.ndarray
    size: np.ndarray

    @cached_property
    def order(self) -> np.ndarray:
        """Numbers of the nodes, component by component, int64 [node]."""
        return np.argsort(self.label, kind="stable")

    def __len__(self) -> int:
        return len(self.label)

    def title(self) -> str:
        """What it is, of which view."""
        graph = self.rows.graph
        kind = "weakly" if self.walk == "both" else "strongly"
        until = "" if graph.end is None else f", as of {format_time(graph.end)}"
        since = "" if graph.start is None else f", edges from {format_time(graph.start)}"
        largest = f", the largest of {self.size[0]:,}" if len(self.size) else ""
        return f"{len(self.size):,} {kind} connected components of {len(self):,} nodes{largest}{until}{since}"

    def columns(self) -> Mapping[str, Column]:
        """Node type, id and what is known of the node, in the order shown."""
        node_type, name = self.rows.types_and_ids()
        label = self.label[self.order]
        return {
            "node_type": node_type[self.order],
            "id": name[self.order],
            "component": label,
            "size": self.size[label],
        }

    def of(self, key: NodeKey) -> int:
        """Component of one node.

        Raises:
            UnknownNodeError: The view has no such node.
            SchemaError: None of the relations touches its type.
        """
        return int(self.label[self.rows.number(key)])

    def members(self, component: int = 0) -> list[NodeKey]:
        """Nodes of a component, by type and in canonical order.

        Raises:
            SchemaError: There is no such component.
        """
        if not isinstance(component, int | np.integer) or not 0 <= component < len(self.size):
            raise SchemaError(f"no component {component!r}, expected a whole number from 0 to {len(self.size) - 1}")
        return self.rows.keys(np.flatnonzero(self.label == component))

    def plot(self, ax: Axes | None = None) -> Axes:
        """How many components there are of each size, both axes logarithmic."""
        if ax is None:
            from matplotlib import pyplot

            ax = pyplot.subplots()[1]
        size, count = np.unique(self.size, return_counts=True)
        ax.plot(size, count, marker="o", linestyle="none")
        ax.set(xlabel="nodes", ylabel="components", title=self.title())
        if len(size):
            ax.set(xscale="log", yscale="log")
        return ax


def components(graph: SocialGraph, edge_types: Iterable[EdgeType] | None = None, walk: Walk = "both") -> Components:
    """The sets of nodes that reach each other.

    Args:
        graph: View whose edges are walked.
        edge_types: Relations, None for all.
        walk: `both` for weakly connected components; any other for strongly connected ones, whose nodes reach each
            other along the direction.

    Raises:
        SchemaError: Unknown edge type or walk.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> reply = ("user", "reply", "user")
    >>> table = {"src": ["ann", "bob", "bob", "eve"], "dst": ["bob", "ann", "cy", "dee"], "time": [1, 2, 3, 4]}
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {}}), {}, {reply: pa.table(table)})
    >>> components(graph, [reply]).size.tolist(), components(graph, [reply], walk="out").size.tolist()
    ([3, 2], [2, 1, 1, 1])
    >>> components(graph, [reply]).members(1)
    [('user', 'dee'), ('user', 'eve')]
    """
    from graphsocial.graph.structure.components_kernel import (  # numba: imported when first needed
        strong_labels,
        weak_labels,
    )

    rows = adjacency(graph, edge_types, "out" if walk == "both" else walk)  # one end's row is enough for weak ones
    labels = weak_labels if walk == "both" else strong_labels
    return Components(rows, walk, *by_size(labels(rows.first, rows.last, rows.neighbour)))


def by_size(label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels renamed 0, 1, … by descending size, then by first node, int64 [node], and the sizes, int64 [label]."""
    _, first, place, size = np.unique(label, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -size))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[place], size[order].astype(np.int64)

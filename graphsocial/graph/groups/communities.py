"""Groups of nodes with more edges inside than between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.adjacency import Adjacency, adjacency
from graphsocial.graph.groups.leiden import leiden
from graphsocial.graph.groups.modularity import check_resolution, edge_list, modularity_of
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.time import format_time
from graphsocial.schema import EdgeType, NodeKey

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class Communities(QueryResult):
    """A partition of a view's nodes.

    Attributes:
        near: The view's neighbours, which number the nodes.
        label: Community of each node, int64 [node]: 0 is the largest, equal ones stand in the order of their first
            nodes. A node without edges is a community of its own.
        modularity: Of this partition, nan without edges.
        resolution: It was looked for with.
        weighted: Whether parallel edges counted each.
    """

    near: Adjacency
    label: np.ndarray
    modularity: float
    resolution: float
    weighted: bool

    @cached_property
    def size(self) -> np.ndarray:
        """Nodes of each community, int64 [community]."""
        return np.bincount(self.label)

    def members(self, community: int) -> list[NodeKey]:
        """Nodes of one community, in the order of the numbering.

        Raises:
            SchemaError: No such community.
        """
        whole = isinstance(community, int | np.integer) and not isinstance(community, bool)
        if not whole or not 0 <= community < len(self.size):
            raise SchemaError(f"no community {community!r}, expected 0 to {len(self.size) - 1}")
        return self.near.keys(np.flatnonzero(self.label == community))

    def of(self, key: NodeKey) -> int:
        """Community of one node.

        Raises:
            UnknownNodeError: The view has no such node.
            SchemaError: None of the relations touches its type.
        """
        return int(self.label[self.near.number(key)])

    def title(self) -> str:
        """How many communities, of what size."""
        end = self.near.graph.end
        when = "" if end is None else f" as of {format_time(end)}"
        alone = int((self.size == 1).sum())
        largest = ", ".join(f"{size:,}" for size in self.size[self.size > 1][:3])
        return (
            f"{len(self.size) - alone:,} communities of {len(self.label):,} nodes{when}, modularity "
            f"{self.modularity:.3f}" + (f", the largest of {largest}" if largest else "") + f"; {alone:,} nodes alone"
        )

    def columns(self) -> Mapping[str, Column]:
        """`type`, `id`, `community`, one row per node."""
        types, ids = self.near.types_and_ids()
        return {"type": types, "id": ids, "community": self.label}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Sizes of the communities of two nodes and more, the largest first."""
        import matplotlib.pyplot as plt

        ax = plt.subplots()[1] if ax is None else ax
        size = self.size[self.size > 1]
        ax.step(np.arange(1, len(size) + 1), size, where="mid")
        ax.set(xlabel="community, by size", ylabel="nodes")
        if len(size):
            ax.set(xscale="log", yscale="log")
        return ax


def communities(
    graph: SocialGraph,
    edge_types: Iterable[EdgeType] | None = None,
    resolution: float = 1.0,
    weighted: bool = True,
    rng: int | np.random.Generator = 0,
) -> Communities:
    """Communities by the Leiden algorithm, which looks for the partition of largest modularity.

    Directions are ignored, so there is no walk to choose; self-loops are left out. Every community is connected.
    Another seed may give another partition of nearly the same modularity: `community_stability` says what to trust.

    Args:
        graph: View whose edges count; all its nodes that the relations could touch are placed.
        edge_types: Relations, None for all.
        resolution: Above 1 favours smaller communities, below 1 larger ones.
        weighted: Parallel edges count each; otherwise a pair counts once.
        rng: Seed or generator that orders the moves. The answer depends on nothing else, and not on threads.

    Raises:
        SchemaError: Unknown edge type, or a resolution below 0.
        MissingExtraError: networkit is not installed.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["a", "b", "c", "d"], "dst": ["b", "c", "a", "e"], "time": [1, 2, 3, 4]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> found = communities(graph, [follow])
    >>> found
    2 communities of 5 nodes, modularity 0.375, the largest of 3, 2; 0 nodes alone
      type  id  community
      user  a   0
      user  b   0
      user  c   0
      user  d   1
      user  e   1
    >>> found.members(1), found.of(("user", "b"))
    ([('user', 'd'), ('user', 'e')], 0)
    """
    resolution = check_resolution(resolution)
    near = adjacency(graph, edge_types, simple=True)
    a, b, weight = edge_list(near, weighted)
    label = leiden(len(near), a, b, weight, resolution, rng)
    label.setflags(write=False)
    return Communities(near, label, modularity_of(label, a, b, weight, resolution), resolution, weighted)

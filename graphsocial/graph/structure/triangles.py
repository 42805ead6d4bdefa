"""Triangles, and how closed the surroundings of nodes are."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graphsocial.graph.adjacency import Adjacency, adjacency
from graphsocial.graph.centrality.node_scores import NodeScores
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


def triangles(
    graph: SocialGraph, edge_types: Iterable[EdgeType] | None = None, threads: int | None = None
) -> NodeScores:
    """Triangles that each node is a corner of.

    Edges count in either direction, parallel ones once, self-loops not.

    Args:
        graph: View whose edges count.
        edge_types: Relations, None for all.
        threads: At most this many, None for one per core; the result does not depend on it.

    Raises:
        SchemaError: Unknown edge type.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> reply = ("user", "reply", "user")
    >>> edges = pa.table({"src": ["ann", "bob", "cy", "dee"], "dst": ["bob", "cy", "ann", "ann"], "time": [1, 2, 3, 4]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {}}), {}, {reply: edges})
    >>> triangles(graph, [reply]).top(4)
    {('user', 'ann'): 1, ('user', 'bob'): 1, ('user', 'cy'): 1, ('user', 'dee'): 0}
    >>> local_clustering(graph, [reply]).of(("user", "bob")), transitivity(graph, [reply])
    (1.0, 0.6)
    """
    rows, count = _counted(graph, edge_types, threads)
    return NodeScores("triangles", rows, "both", count)


def local_clustering(
    graph: SocialGraph, edge_types: Iterable[EdgeType] | None = None, threads: int | None = None
) -> NodeScores:
    """Share of the pairs of each node's neighbours that are neighbours; 0 for nodes with fewer than two.

    Watts, Strogatz 1998, "Collective dynamics of 'small-world' networks". Arguments and errors as of `triangles`.
    """
    rows, count = _counted(graph, edge_types, threads)
    pairs = rows.degree * (rows.degree - 1) / 2
    return NodeScores("clustering", rows, "both", np.divide(count, pairs, out=np.zeros(len(rows)), where=pairs > 0))


def transitivity(graph: SocialGraph, edge_types: Iterable[EdgeType] | None = None, threads: int | None = None) -> float:
    """Share of the paths of two edges whose ends are neighbours; 0 where there is no such path.

    Arguments and errors as of `triangles`.
    """
    rows, count = _counted(graph, edge_types, threads)
    paths = int((rows.degree * (rows.degree - 1) // 2).sum())
    return int(count.sum()) / paths if paths else 0.0


def _counted(
    graph: SocialGraph, edge_types: Iterable[EdgeType] | None, threads: int | None
) -> tuple[Adjacency, np.ndarray]:
    """The rows, and the triangles of each node, counted once per view."""
    from graphsocial.graph.structure.triangles_kernel import triangle_counts  # numba: imported when first needed

    rows = adjacency(graph, edge_types, "both", simple=True)
    key = ("triangles", rows.edge_types)
    if key not in graph.cache:
        count = triangle_counts(rows.first, rows.last, rows.neighbour, threads)
        count.setflags(write=False)
        graph.cache[key] = count
    return rows, graph.cache[key]

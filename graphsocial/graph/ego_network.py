"""Everything within a few steps of one node."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.csr import Direction
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.subset import subset
from graphsocial.schema import EdgeType, NodeKey


def ego_network(
    graph: SocialGraph, key: NodeKey, hops: int = 1, edge_types: Iterable[EdgeType] | None = None
) -> SocialGraph:
    """The nodes within `hops` steps of the ego and the view's edges among them.

    Args:
        graph: View to look in; only its edges count, and the result keeps its bounds.
        key: The ego, `(node type, id)`.
        hops: Steps, each along an edge in either direction.
        edge_types: Edge types to follow and keep, None for all.

    Raises:
        UnknownNodeError: The view does not know the ego.
        SchemaError: Unknown edge type, or hops is no whole number of at least 0.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> edges = pa.table({"src": ["bob", "cy", "dee"], "dst": ["ann", "bob", "cy"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges})
    >>> ego_network(graph, ("user", "ann"), hops=2).node_ids("user").tolist()
    ['ann', 'bob', 'cy']
    """
    from graphsocial.graph.kernels import mark_neighbours  # numba: imported when first needed

    if isinstance(hops, bool) or not isinstance(hops, int | np.integer) or hops < 0:
        raise SchemaError(f"ego_network got hops={hops!r}, expected a whole number of at least 0")
    followed = {graph.schema.check_edge_type(e) for e in (graph.edge_types if edge_types is None else edge_types)}
    start = np.int64(np.iinfo(np.int64).min if graph.start is None else graph.start)
    stop = np.int64(np.iinfo(np.int64).max if graph.end is None else graph.end)

    # marks cover the whole store because its rows do; edges before `stop` only ever name nodes of the view
    mark = {t: np.zeros(len(graph.tables.nodes[t]), dtype=bool) for t in graph.node_types}
    ego = graph.index_of(key)
    mark[key[0]][ego] = True
    frontier = {key[0]: np.array([ego], dtype=np.int64)}
    directions: tuple[Direction, ...] = ("out", "in")
    for _ in range(hops):
        reached = {t: m.copy() for t, m in mark.items()}
        for edge_type in followed:
            for direction in directions:
                here, there = (edge_type[0], edge_type[2]) if direction == "out" else (edge_type[2], edge_type[0])
                if here in frontier:
                    csr = graph.csr(edge_type, direction)
                    mark_neighbours(
                        frontier[here], start, stop, csr.indptr, csr.neighbour, csr.time, reached[there]
                    )  # fmt: skip
        frontier = {t: new for t in mark if len(new := np.flatnonzero(reached[t] & ~mark[t]))}
        mark = reached
        if not frontier:
            break

    kept_edges = {}
    for edge_type in followed:
        edges = graph.edges(edge_type)
        kept_edges[edge_type] = np.flatnonzero(mark[edge_type[0]][edges.src] & mark[edge_type[2]][edges.dst])
    return subset(graph, {t: np.flatnonzero(m) for t, m in mark.items()}, kept_edges)

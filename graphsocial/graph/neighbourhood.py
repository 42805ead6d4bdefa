"""Who is within a few steps of one node."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.chosen_relations import chosen_relations
from graphsocial.graph.csr import Direction
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType, NodeKey


def neighbourhood(
    graph: SocialGraph, key: NodeKey, hops: int = 1, edge_types: Iterable[EdgeType] | None = None
) -> dict[str, np.ndarray]:
    """Positions of the nodes within `hops` steps of the ego, itself among them, by node type, ascending, int64 [node].

    Args:
        graph: View to look in; only its edges count.
        key: The ego, `(node type, id)`.
        hops: Steps, each along an edge in either direction.
        edge_types: Edge types to follow, None for all.

    Raises:
        UnknownNodeError: The view does not know the ego.
        SchemaError: Unknown edge type, or hops is no whole number of at least 0.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> edges = pa.table({"src": ["bob", "cy", "dee"], "dst": ["ann", "bob", "cy"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges})
    >>> graph.node_ids("user")[neighbourhood(graph, ("user", "ann"), hops=2)["user"]].tolist()
    ['ann', 'bob', 'cy']
    """
    from graphsocial.graph.kernels import expand, mark_rows  # numba: imported when first needed

    if isinstance(hops, bool) or not isinstance(hops, int | np.integer) or hops < 0:
        raise SchemaError(f"got hops={hops!r}, expected a whole number of at least 0")
    followed = chosen_relations(graph, edge_types)
    ego = graph.index_of(key)
    touched = {key[0], *(end for e in followed for end in (e[0], e[2]))}
    # marks cover the whole store because its rows do; edges before the end only ever name nodes of the view
    sizes = {t: len(graph.tables.nodes[t]) for t in graph.node_types if t in touched}
    mark = {t: np.zeros(size, dtype=bool) for t, size in sizes.items()}
    found = {t: np.empty(size, dtype=np.int64) for t, size in sizes.items()}
    done, count = dict.fromkeys(sizes, 0), dict.fromkeys(sizes, 0)
    mark[key[0]][ego], found[key[0]][0], count[key[0]] = True, ego, 1
    directions: tuple[Direction, ...] = ("out", "in")
    for hop in range(hops):
        frontier = {t: found[t][done[t] : count[t]] for t in sizes if count[t] > done[t]}
        if not frontier:
            break
        done = dict(count)
        for edge_type in followed:
            for direction in directions:
                here, there = (edge_type[0], edge_type[2]) if direction == "out" else (edge_type[2], edge_type[0])
                if here not in frontier:
                    continue
                csr = graph.csr(edge_type, direction)
                start, stop = csr.on_clock(graph.start), csr.on_clock(_last(graph))
                rows = frontier[here], start, stop, csr.indptr, csr.neighbour, csr.clock, mark[there]
                if hop == hops - 1:
                    mark_rows(*rows)  # nobody walks on from these, so they need no list
                else:
                    count[there] = expand(*rows, found[there], count[there])
    nothing = np.empty(0, dtype=np.int64)
    return {t: np.flatnonzero(mark[t]) if t in mark else nothing for t in graph.node_types}


def _last(graph: SocialGraph) -> int:
    return np.iinfo(np.int64).max if graph.end is None else graph.end

"""Triangles, squares and clustering without weights."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Rows


def triangles(G: BackendGraph, nodes: Any = None) -> Any:
    """`nx.triangles`."""
    if nodes is None:
        return dict(zip(G, _all_triangles(G).tolist(), strict=True))
    _refuse_multigraph(G)
    number = G.numbers(nodes)
    pairs = _pairs(G.simple, number)
    return int(pairs[0]) // 2 if nodes in G else dict(zip(G.named(number), (pairs // 2).tolist(), strict=True))


def clustering(G: BackendGraph, nodes: Any = None, weight: None = None) -> Any:
    """`nx.clustering` without weights."""
    _refuse_multigraph(G)
    number = G.numbers(nodes)
    if G.is_directed():
        # edges either way make a neighbour count twice, and such a pair is no pair (Fagiolo 2007)
        rows = G.either_way
        pairs, degree = _pairs(rows, number), rows.edges[number]
        both = degree - np.diff(rows.indptr)[number]
        possible = (degree * (degree - 1) - 2 * both) * 2
    else:
        degree = np.diff(G.simple.indptr)[number]
        pairs, possible = 2 * _all_triangles(G) if nodes is None else _pairs(G.simple, number), degree * (degree - 1)
    values = [t / p if t else 0 for t, p in zip(pairs.tolist(), possible.tolist(), strict=True)]
    return values[0] if nodes in G else dict(zip(G.named(number), values, strict=True))


def average_clustering(G: BackendGraph, nodes: Any = None, weight: None = None, count_zeros: bool = True) -> float:
    """`nx.average_clustering` without weights."""
    values = list(clustering(G, nodes).values())
    if not count_zeros:
        values = [value for value in values if abs(value) > 0]
    return sum(values) / len(values)


def transitivity(G: BackendGraph) -> float:
    """`nx.transitivity`; in a directed graph, of successors."""
    _refuse_multigraph(G)
    degree = np.diff(G.simple.indptr)
    pairs = _pairs(G.simple, np.arange(len(G))) if G.is_directed() else 2 * _all_triangles(G)
    closed, possible = int(pairs.sum()), int((degree * (degree - 1)).sum())
    return closed / possible if closed else 0


def square_clustering(G: BackendGraph, nodes: Any = None) -> Any:
    """`nx.square_clustering` of an undirected graph."""
    from graphsocial.graph.structure.closed_pairs_kernel import squares  # numba: imported when first needed

    number, rows = G.numbers(nodes), G.simple
    closed, possible = np.empty(len(number), dtype=np.int64), np.empty(len(number), dtype=np.int64)
    squares(number, rows.first, rows.last, rows.neighbour, closed, possible)
    values = [s / p if p > 0 else 0 for s, p in zip(closed.tolist(), possible.tolist(), strict=True)]
    return values[0] if nodes in G else dict(zip(G.named(number), values, strict=True))


def _refuse_multigraph(graph: BackendGraph) -> None:
    if graph.is_multigraph():
        raise nx.NetworkXNotImplemented("not implemented for multigraph type")


def _all_triangles(graph: BackendGraph) -> np.ndarray:
    """Triangles of every node of an undirected graph, int64 [node]."""
    from graphsocial.graph.structure.triangles_kernel import triangle_counts  # numba: imported when first needed

    rows = graph.simple
    return triangle_counts(rows.first, rows.last, rows.neighbour)


def _pairs(rows: Rows, number: np.ndarray) -> np.ndarray:
    """Joined ordered pairs of each node's neighbours, int64 [node]."""
    from graphsocial.graph.structure.closed_pairs_kernel import closed_pairs  # numba: imported when first needed

    found = np.empty(len(number), dtype=np.int64)
    closed_pairs(number, rows.first, rows.last, rows.neighbour, rows.count, found)
    return found

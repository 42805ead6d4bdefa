"""Betweenness without weights, of all nodes or sampled."""

from __future__ import annotations

import math
from random import Random

import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Label
from graphsocial.graph.networkx_backend.distance_sums import distance_sums
from graphsocial.graph.networkx_backend.search import search


def betweenness_centrality(
    G: BackendGraph,
    k: int | None = None,
    normalized: bool = True,
    weight: None = None,
    endpoints: bool = False,
    seed: Random | None = None,
) -> dict[Label, float]:
    """`nx.betweenness_centrality` without weights; the same seed samples the same nodes."""
    from graphsocial.graph.centrality.betweenness_kernel import dependency_sums  # numba: imported when first needed

    if k == len(G):
        k = None
    pivots = np.arange(len(G)) if k is None else _sampled(G, k, seed)
    value = dependency_sums(G.out.first, G.out.last, G.out.neighbour, pivots)[0]
    if endpoints:
        value += _as_endpoints(G, pivots, everyone=k is None)
    value *= _scale(G, pivots, k is not None, normalized, endpoints)
    return dict(zip(G, value.tolist(), strict=True))


def _sampled(graph: BackendGraph, k: int, seed: Random | None) -> np.ndarray:
    # NetworkX has made a generator of the seed by now
    return np.array((seed or Random()).sample(range(len(graph)), k), dtype=np.int64)


def _as_endpoints(graph: BackendGraph, pivots: np.ndarray, everyone: bool) -> np.ndarray:
    """How many paths from the pivots begin or end at each node, [node]."""
    ends = distance_sums(graph, pivots).reached
    if everyone:
        begins = distance_sums(graph, backward=True).reached
    else:
        begins = np.array([len(search(graph, [pivot]).order) for pivot in pivots.tolist()])
    ends[pivots] += begins - 2  # a node is no end of a path from itself
    return ends


def _scale(
    graph: BackendGraph, pivots: np.ndarray, sampled: bool, normalized: bool, endpoints: bool
) -> np.ndarray | float:
    """What each sum is multiplied with, as NetworkX does; a sampled node has one pivot less: itself."""
    others = len(graph) - (0 if endpoints else 1)
    if others < 2:
        return 1.0
    count = len(pivots) if sampled else others

    def factor(sources: int) -> float:
        pairs = sources * (others - 1) if normalized else sources * (1 if graph.is_directed() else 2)
        return (1 if normalized else others) / pairs

    if not sampled or endpoints:
        return factor(count)
    scale = np.full(len(graph), factor(count))
    scale[pivots] = factor(count - 1) if count > 1 else math.nan
    return scale

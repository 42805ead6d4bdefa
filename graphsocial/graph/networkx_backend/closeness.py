"""Closeness and harmonic centrality without weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Label
from graphsocial.graph.networkx_backend.distance_sums import distance_sums
from graphsocial.graph.networkx_backend.search import known, search

FEW = 16
"""Up to so many nodes are searched from one by one."""


def closeness_centrality(
    G: BackendGraph, u: Label | None = None, distance: None = None, wf_improved: bool = True
) -> Any:
    """`nx.closeness_centrality` without distances on edges."""
    if u is None:
        sums = distance_sums(G)
        values = _closeness(sums.reached, sums.total, len(G), wf_improved)
        return dict(zip(G, values.tolist(), strict=True))
    found = search(G, [known(G, u, "Source {} is not in G")], backward=True)
    total = int(found.distance[found.order].sum(dtype=np.int64))
    return float(_closeness(np.array([len(found.order)]), np.array([total]), len(G), wf_improved)[0])


def _closeness(reached: np.ndarray, total: np.ndarray, size: int, wf_improved: bool) -> np.ndarray:
    others = reached - 1.0
    closeness = np.divide(others, total, out=np.zeros(len(total)), where=total > 0)
    return closeness * (others / (size - 1)) if wf_improved and size > 1 else closeness


def harmonic_centrality(
    G: BackendGraph, nbunch: Any = None, distance: None = None, sources: Any = None
) -> dict[Label, float]:
    """`nx.harmonic_centrality` without distances on edges."""
    asked = set(G.nbunch_iter(nbunch) if nbunch is not None else G)
    given = set(G.nbunch_iter(sources) if sources is not None else G)
    number, sending = [G.number_of[v] for v in asked], np.array([G.number_of[v] for v in given], dtype=np.int64)
    if len(asked) <= FEW < len(given):
        inverse = np.array([_inverse_to(G, v, sending) for v in number])
    else:
        inverse = distance_sums(G, sending).inverse[number] if number else np.empty(0)
    return {v: value if value else 0 for v, value in zip(asked, inverse.tolist(), strict=True)}


def _inverse_to(graph: BackendGraph, number: int, sending: np.ndarray) -> float:
    steps = search(graph, [number], backward=True).distance[sending]
    return float((1.0 / steps[steps > 0]).sum())

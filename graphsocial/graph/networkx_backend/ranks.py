"""PageRank, step by step as NetworkX takes them, so that both stop at the same values."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx
import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Label


def pagerank(
    G: BackendGraph,
    alpha: float = 0.85,
    personalization: Mapping[Label, float] | None = None,
    max_iter: int = 100,
    tol: float = 1.0e-6,
    nstart: Mapping[Label, float] | None = None,
    weight: str | None = "weight",
    dangling: Mapping[Label, float] | None = None,
) -> dict[Label, float]:
    """`nx.pagerank`."""
    from graphsocial.graph.power_kernel import power_iterations  # numba: imported when first needed

    size = len(G)
    if size == 0:
        return {}
    uniform = np.full(size, 1.0 / size)
    value = uniform.copy() if nstart is None else _shares(G, nstart)
    jump = uniform if personalization is None else _shares(G, personalization, may_be_nothing=False)
    stuck = jump if dangling is None else _shares(G, dangling)
    first, last, neighbour, weights, leaving = _steps(G, weight)
    scale = np.divide(1.0, leaving, out=np.zeros(size), where=leaving != 0)
    if not power_iterations(
        first, last, neighbour, weights, scale, jump, stuck, value, float(alpha), float(size * tol), int(max_iter)
    ):
        raise nx.PowerIterationFailedConvergence(max_iter)
    return dict(zip(G, value.tolist(), strict=True))


def _shares(graph: BackendGraph, given: Mapping[Label, float], may_be_nothing: bool = True) -> np.ndarray:
    """Values of the nodes divided by their sum, 0 where none is given, float64 [node]."""
    values = np.array([given.get(label, 0) for label in graph], dtype=float)
    total = values.sum()
    if total == 0 and not may_be_nothing:
        raise ZeroDivisionError
    return values / total


def _steps(
    graph: BackendGraph, weight: str | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None, np.ndarray]:
    """Rows of the nodes that a step comes from, the weights of their entries, and the weight leaving each node."""
    from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

    out, into, weights = graph.out, graph.into, graph.weight(weight)
    if weights is None:
        return into.first, into.last, into.neighbour, None, out.edges.astype(np.float64)
    leaving = np.bincount(out.row, weights=weights, minlength=len(graph))
    if not graph.is_directed():
        return out.first, out.last, out.neighbour, weights, leaving
    if weight not in graph.columns and into.count is not None:
        return into.first, into.last, into.neighbour, into.count.astype(np.float64), leaving
    order = np.empty(len(out.neighbour), dtype=out.neighbour.dtype)
    indptr = stable_groups(out.neighbour, len(graph), order)
    return indptr[:-1], indptr[1:], out.row[order], weights[order], leaving

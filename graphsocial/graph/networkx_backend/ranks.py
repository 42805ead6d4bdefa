"""PageRank, eigenvector and Katz centrality, step by step as in NetworkX, so that both stop at the same values."""

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
    from graphsocial.graph.centrality.power_kernel import power_iterations  # numba: imported when first needed

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


def eigenvector_centrality(
    G: BackendGraph, max_iter: int = 100, tol: float = 1.0e-6, nstart: None = None, weight: str | None = None
) -> dict[Label, float]:
    """`nx.eigenvector_centrality` from equal values."""
    from graphsocial.graph.centrality.power_kernel import arriving_values  # numba: imported when first needed

    size = len(G)
    if size == 0:
        raise nx.NetworkXPointlessConcept("cannot compute centrality for the null graph")
    first, last, neighbour, weights, _ = _steps(G, weight or None)
    value, arriving = np.full(size, 1.0 / size), np.empty(size)
    for _ in range(max_iter):
        arriving_values(first, last, neighbour, weights, value, arriving)
        arriving += value
        following = arriving / (np.linalg.norm(arriving) or 1)
        change = np.abs(following - value).sum()
        value = following
        if change < size * tol:
            return dict(zip(G, value.tolist(), strict=True))
    raise nx.PowerIterationFailedConvergence(max_iter)


def katz_centrality(
    G: BackendGraph,
    alpha: float = 0.1,
    beta: float | Mapping[Label, float] = 1.0,
    max_iter: int = 1000,
    tol: float = 1.0e-6,
    nstart: None = None,
    normalized: bool = True,
    weight: str | None = None,
) -> dict[Label, float]:
    """`nx.katz_centrality` from zero."""
    from graphsocial.graph.centrality.power_kernel import arriving_values  # numba: imported when first needed

    size = len(G)
    if size == 0:
        return {}
    base = _base(G, beta)
    first, last, neighbour, weights, _ = _steps(G, weight)
    value, arriving = np.zeros(size), np.empty(size)
    for _ in range(max_iter):
        arriving_values(first, last, neighbour, weights, value, arriving)
        following = alpha * arriving + base
        change = np.abs(following - value).sum()
        value = following
        if change < size * tol:
            length = np.linalg.norm(value) if normalized else 1.0
            return dict(zip(G, (value * (1.0 / length if length else 1.0)).tolist(), strict=True))
    raise nx.PowerIterationFailedConvergence(max_iter)


def _base(graph: BackendGraph, beta: float | Mapping[Label, float]) -> np.ndarray:
    """What Katz centrality gives every node to begin with, float64 [node]."""
    try:
        return np.full(len(graph), float(beta))  # type: ignore[arg-type]
    except (TypeError, ValueError, AttributeError) as error:
        if set(beta) != set(graph):  # type: ignore[arg-type]
            raise nx.NetworkXError("beta dictionary must have a value for every node") from error
    return np.array([beta[label] for label in graph], dtype=float)  # type: ignore[index]


def _shares(graph: BackendGraph, given: Mapping[Label, float], may_be_nothing: bool = True) -> np.ndarray:
    """Values of the nodes divided by their sum, 0 where none is given, float64 [node]."""
    values = np.array([given.get(label, 0) for label in graph], dtype=float)
    total = values.sum()
    if total == 0 and not may_be_nothing:
        raise ZeroDivisionError
    with np.errstate(invalid="ignore"):  # nothing to divide leads nowhere, and the iteration then says so
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

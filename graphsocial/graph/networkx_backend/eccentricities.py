"""Eccentricity, and the diameter, radius, centre and periphery that follow from it, without weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import networkx as nx
import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Label
from graphsocial.graph.networkx_backend.distance_sums import distance_sums
from graphsocial.graph.networkx_backend.search import search

BOUNDING_SEARCHES = 64
"""Searches spent on bounds before the nodes that are still open are searched from, many at once."""


def eccentricity(G: BackendGraph, v: Any = None, sp: None = None, weight: None = None) -> Any:
    """`nx.eccentricity` without weights and without given path lengths."""
    number = G.numbers(v)
    if len(number):
        _check_reach(G, number)
    if G.is_directed() or len(number) <= BOUNDING_SEARCHES:
        found = distance_sums(G, number).height
    else:
        found = _bounds(G, "all")[0][number]
    if v in G:
        return int(found[0])
    return dict(zip(G.named(number), found.tolist(), strict=True))


def diameter(
    G: BackendGraph, e: Mapping[Label, int] | None = None, usebounds: bool = False, weight: None = None
) -> int:
    """`nx.diameter` without weights."""
    return max(_given(G, e, usebounds, "largest").values())


def radius(G: BackendGraph, e: Mapping[Label, int] | None = None, usebounds: bool = False, weight: None = None) -> int:
    """`nx.radius` without weights."""
    return min(_given(G, e, usebounds, "smallest").values())


def periphery(
    G: BackendGraph, e: Mapping[Label, int] | None = None, usebounds: bool = False, weight: None = None
) -> list[Label]:
    """`nx.periphery` without weights."""
    e = _given(G, e, usebounds, "largest")
    longest = max(e.values())
    return [v for v in e if e[v] == longest]


def center(
    G: BackendGraph, e: Mapping[Label, int] | None = None, usebounds: bool = False, weight: None = None
) -> list[Label]:
    """`nx.center` without weights."""
    if e is None and not usebounds and not G.is_directed() and not len(G):
        raise nx.NetworkXPointlessConcept("G has no nodes.")  # NetworkX asks first whether it is a tree
    e = _given(G, e, usebounds, "smallest")
    shortest = min(e.values())
    return [v for v in e if e[v] == shortest]


Wanted = Literal["all", "largest", "smallest"]


def _given(graph: BackendGraph, e: Mapping[Label, int] | None, usebounds: bool, wanted: Wanted) -> Mapping[Label, int]:
    """Eccentricities, of which the wanted ones are exact and the others are not among them."""
    if e is not None:
        return e
    if graph.is_directed() or not len(graph):
        if usebounds is True and not graph.is_directed():
            max(())  # NetworkX's bounds begin with a maximum, too, and the error is that of `max`
        return eccentricity(graph)
    if usebounds is True and len(search(graph, [0]).order) < len(graph):
        raise nx.NetworkXError("Cannot compute metric because graph is not connected.")
    _check_reach(graph, np.arange(1))
    lower, upper = _bounds(graph, wanted)
    return dict(zip(graph, (lower if wanted == "largest" else upper).tolist(), strict=True))


def _check_reach(graph: BackendGraph, number: np.ndarray) -> None:
    """Raises the error of NetworkX unless every node of `number` reaches every other.

    Two searches do: from one of them forward, and backward to see who reaches it.
    """
    forward, backward = (search(graph, number[:1], backward=way) for way in (False, True))
    if len(forward.order) < len(graph) or (backward.distance[number] < 0).any():
        kind = "digraph is not strongly" if graph.is_directed() else "graph is not"
        raise nx.NetworkXError(f"Found infinite path length because the {kind} connected")


def _bounds(graph: BackendGraph, wanted: Wanted) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bounds of all eccentricities, equal where it matters, int64 [node] each.

    A search narrows the bounds of every node (Takes, Kosters 2013, "Computing the eccentricity distribution of large
    graphs", Algorithms 6). It starts where the upper bound is highest, or the lower one lowest, in turn.

    Args:
        graph: Connected and undirected.
        wanted: Which eccentricities have to be exact. The lower bounds of nodes that do not have the largest stay below
            it, and the upper bounds of those that do not have the smallest stay above it.
    """
    size, degree = len(graph), graph.degree
    lower, upper, open_ = np.zeros(size, dtype=np.int64), np.full(size, 2 * size), np.ones(size, dtype=bool)
    for turn in range(BOUNDING_SEARCHES):
        candidates = np.flatnonzero(open_)
        if not len(candidates):
            return lower, upper
        bound = upper if turn % 2 else -lower
        best = candidates[bound[candidates] == bound[candidates].max()]
        distance = search(graph, best[[np.argmax(degree[best])]]).distance.astype(np.int64)
        np.maximum(lower, np.maximum(distance, distance.max() - distance), out=lower)
        np.minimum(upper, distance + distance.max(), out=upper)
        open_ = lower < upper
        if wanted == "largest":
            open_ &= upper >= lower.max()
        elif wanted == "smallest":
            open_ &= lower <= upper.min()
    rest = np.flatnonzero(open_)
    lower[rest] = upper[rest] = distance_sums(graph, rest).height
    return lower, upper

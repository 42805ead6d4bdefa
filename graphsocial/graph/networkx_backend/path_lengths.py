"""Shortest path lengths without weights, from one node, to one node, and between all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Label
from graphsocial.graph.networkx_backend.components import is_connected, is_strongly_connected
from graphsocial.graph.networkx_backend.distance_sums import distance_sums
from graphsocial.graph.networkx_backend.search import known, search, whole_steps
from graphsocial.graph.networkx_backend.shortest_paths import checked_method, path_length


def single_source_shortest_path_length(G: BackendGraph, source: Label, cutoff: float | None = None) -> dict[Label, int]:
    """`nx.single_source_shortest_path_length`."""
    number = known(G, source, "Source {} is not in G")
    return search(G, [number], whole_steps(cutoff, len(G))).lengths(G)


def single_target_shortest_path_length(G: BackendGraph, target: Label, cutoff: float | None = None) -> dict[Label, int]:
    """`nx.single_target_shortest_path_length`."""
    number = known(G, target, "Target {} is not in G")
    return search(G, [number], whole_steps(cutoff, len(G)), backward=True).lengths(G)


def all_pairs_shortest_path_length(
    G: BackendGraph, cutoff: float | None = None
) -> Iterator[tuple[Label, dict[Label, int]]]:
    """`nx.all_pairs_shortest_path_length`."""
    steps = whole_steps(cutoff, len(G))
    for number, label in enumerate(G):
        yield label, search(G, [number], steps).lengths(G)


def shortest_path_length(
    G: BackendGraph,
    source: Label | None = None,
    target: Label | None = None,
    weight: None = None,
    method: str = "dijkstra",
) -> Any:
    """`nx.shortest_path_length` without weights."""
    checked_method(method)
    if source is None:
        if target is None:
            return all_pairs_shortest_path_length(G)
        return search(G, [known(G, target, "Source {} is not in G")], backward=True).lengths(G)
    if target is None:
        return single_source_shortest_path_length(G, source)
    return path_length(G, source, target)


def has_path(G: BackendGraph, source: Label, target: Label) -> bool:
    """`nx.has_path`."""
    try:
        shortest_path_length(G, source, target)
    except nx.NetworkXNoPath:
        return False
    return True


def average_shortest_path_length(G: BackendGraph, weight: None = None, method: str | None = None) -> float:
    """`nx.average_shortest_path_length` without weights."""
    size = len(G)
    if size == 0:
        raise nx.NetworkXPointlessConcept("the null graph has no paths, thus there is no average shortest path length")
    if size == 1:
        return 0
    if G.is_directed() and not is_strongly_connected(G):
        raise nx.NetworkXError("Graph is not strongly connected.")
    if not G.is_directed() and not is_connected(G):
        raise nx.NetworkXError("Graph is not connected.")
    return int(distance_sums(G).total.sum()) / (size * (size - 1))


def wiener_index(G: BackendGraph, weight: None = None) -> float:
    """`nx.wiener_index` without weights."""
    if not (is_strongly_connected(G) if G.is_directed() else is_connected(G)):
        return float("inf")
    total = int(distance_sums(G).total.sum())
    return total if G.is_directed() else total / 2


def global_efficiency(G: BackendGraph) -> float:
    """`nx.global_efficiency`."""
    pairs = len(G) * (len(G) - 1)
    return float(distance_sums(G).inverse.sum()) / pairs if pairs else 0

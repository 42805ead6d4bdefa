"""Shortest paths without weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Label, Rows
from graphsocial.graph.networkx_backend.search import Found, known, search, whole_steps


def bidirectional_shortest_path(G: BackendGraph, source: Label, target: Label) -> list[Label]:
    """`nx.bidirectional_shortest_path`: the same path where there are several."""
    from graphsocial.graph.networkx_backend.networkx_path_kernel import (
        networkx_path,  # numba: imported when first needed
    )

    start, end = known(G, source, "Source {} is not in G"), known(G, target, "Target {} is not in G")
    path = networkx_path(start, end, _walk(G.out), _walk(G.into))
    if not len(path):
        raise nx.NetworkXNoPath(f"No path between {source} and {target}.")
    return [G.labels[i] for i in path.tolist()]


def path_length(G: BackendGraph, source: Label, target: Label) -> int:
    """Steps between two nodes; raises what `bidirectional_shortest_path` raises."""
    from graphsocial.graph.paths.shortest_path_kernel import pair_lengths  # numba: imported when first needed

    start, end = known(G, source, "Source {} is not in G"), known(G, target, "Target {} is not in G")
    length = np.empty(1, dtype=np.int64)
    pair_lengths(0, 1, np.array([start]), np.array([end]), _walk(G.out), _walk(G.into), length)
    if length[0] < 0:
        raise nx.NetworkXNoPath(f"No path between {source} and {target}.")
    return int(length[0])


def _walk(rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return rows.first, rows.last, rows.neighbour


def single_source_shortest_path(
    G: BackendGraph, source: Label, cutoff: float | None = None
) -> dict[Label, list[Label]]:
    """`nx.single_source_shortest_path`."""
    number = known(G, source, "Source {} not in G")
    return _paths(G, search(G, [number], whole_steps(cutoff, len(G))))


def single_target_shortest_path(
    G: BackendGraph, target: Label, cutoff: float | None = None
) -> dict[Label, list[Label]]:
    """`nx.single_target_shortest_path`."""
    number = known(G, target, "Target {} not in G")
    return _paths(G, search(G, [number], whole_steps(cutoff, len(G)), backward=True), to_source=True)


def all_pairs_shortest_path(
    G: BackendGraph, cutoff: float | None = None
) -> Iterator[tuple[Label, dict[Label, list[Label]]]]:
    """`nx.all_pairs_shortest_path`."""
    for label in G:
        yield label, single_source_shortest_path(G, label, cutoff)


def shortest_path(
    G: BackendGraph,
    source: Label | None = None,
    target: Label | None = None,
    weight: None = None,
    method: str = "dijkstra",
) -> Any:
    """`nx.shortest_path` without weights."""
    checked_method(method)
    if source is None:
        if target is None:
            return all_pairs_shortest_path(G)
        return _paths(G, search(G, [known(G, target, "Source {} not in G")], backward=True), to_source=True)
    if target is None:
        return single_source_shortest_path(G, source)
    return bidirectional_shortest_path(G, source, target)


def checked_method(method: str) -> None:
    """Refuses the methods that NetworkX refuses."""
    if method not in ("dijkstra", "bellman-ford"):
        raise ValueError(f"method not supported: {method}")


def _paths(graph: BackendGraph, found: Found, to_source: bool = False) -> dict[Label, list[Label]]:
    """Path of every node that was found, in the order of discovery: from the source, or to it."""
    labels = graph.named(found.order)
    paths = {labels[0]: [labels[0]]}
    for label, parent in zip(labels[1:], graph.named(found.parent[found.order[1:]]), strict=True):
        paths[label] = [label, *paths[parent]] if to_source else [*paths[parent], label]
    return paths

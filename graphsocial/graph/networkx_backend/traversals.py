"""Breadth-first traversals: edges, layers, predecessors, and who can be reached at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import networkx as nx
import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Label
from graphsocial.graph.networkx_backend.search import Found, search, start, whole_steps


def _traverse(G: BackendGraph, source: Any, reverse: Any, depth_limit: Any) -> Found:
    return search(G, [start(G, source)], whole_steps(depth_limit, len(G)), bool(reverse))


def bfs_edges(
    G: BackendGraph,
    source: Label,
    reverse: bool = False,
    depth_limit: float | None = None,
    sort_neighbors: Callable[..., Any] | None = None,
) -> Iterator[tuple[Label, Label]]:
    """`nx.bfs_edges` without `sort_neighbors`."""
    found = _traverse(G, source, reverse, depth_limit)
    children = found.order[1:]
    yield from zip(G.named(found.parent[children]), G.named(children), strict=True)


def bfs_predecessors(
    G: BackendGraph,
    source: Label,
    depth_limit: float | None = None,
    sort_neighbors: Callable[..., Any] | None = None,
) -> Iterator[tuple[Label, Label]]:
    """`nx.bfs_predecessors` without `sort_neighbors`."""
    for parent, child in bfs_edges(G, source, depth_limit=depth_limit):
        yield child, parent


def bfs_successors(
    G: BackendGraph,
    source: Label,
    depth_limit: float | None = None,
    sort_neighbors: Callable[..., Any] | None = None,
) -> Iterator[tuple[Label, list[Label]]]:
    """`nx.bfs_successors` without `sort_neighbors`."""
    found = _traverse(G, source, False, depth_limit)
    children = found.order[1:]
    if not len(children):
        yield source, []
        return
    parents, labels = found.parent[children], G.named(children)
    begins = np.flatnonzero(np.diff(parents, prepend=-1))
    for parent, begin, end in zip(G.named(parents[begins]), begins, [*begins[1:], len(labels)], strict=True):
        yield parent, labels[begin:end]


def bfs_layers(G: BackendGraph, sources: Any) -> Iterator[list[Label]]:
    """`nx.bfs_layers`."""
    if sources in G:
        sources = [sources]
    first = list(set(sources))
    for source in first:
        if source not in G:
            raise nx.NetworkXError(f"The node {source} is not in the graph.")
    if first:
        found = search(G, [G.number_of[source] for source in first])
        ends = np.flatnonzero(np.diff(found.distance[found.order])) + 1
        yield first
        for layer in np.split(found.order, ends)[1:]:
            yield G.named(layer)


def descendants_at_distance(G: BackendGraph, source: Label, distance: int) -> set[Label]:
    """`nx.descendants_at_distance`."""
    if source not in G:
        raise nx.NetworkXError(f"The node {source} is not in the graph.")
    found = search(G, [G.number_of[source]])
    return set(G.named(found.order[found.distance[found.order] == distance]))


def descendants(G: BackendGraph, source: Label) -> set[Label]:
    """`nx.descendants`."""
    return set(G.named(_traverse(G, source, False, None).order[1:]))


def ancestors(G: BackendGraph, source: Label) -> set[Label]:
    """`nx.ancestors`."""
    return set(G.named(_traverse(G, source, True, None).order[1:]))

"""Connected components: undirected, weak and strong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import networkx as nx
import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Label
from graphsocial.graph.networkx_backend.search import search


def connected_components(G: BackendGraph) -> Iterator[set[Label]]:
    """`nx.connected_components`."""
    yield from _sets(G, *_weak(G))


def number_connected_components(G: BackendGraph) -> int:
    """`nx.number_connected_components`."""
    return _weak(G)[1]


def is_connected(G: BackendGraph) -> bool:
    """`nx.is_connected`."""
    if not len(G):
        raise nx.NetworkXPointlessConcept("Connectivity is undefined for the null graph.")
    return len(search(G, [0]).order) == len(G)


def node_connected_component(G: BackendGraph, n: Label) -> set[Label]:
    """`nx.node_connected_component`."""
    return set(G.named(search(G, [G.number_of[n]]).order))


def weakly_connected_components(G: BackendGraph) -> Iterator[set[Label]]:
    """`nx.weakly_connected_components`."""
    yield from _sets(G, *_weak(G))


def number_weakly_connected_components(G: BackendGraph) -> int:
    """`nx.number_weakly_connected_components`."""
    return _weak(G)[1]


def is_weakly_connected(G: BackendGraph) -> bool:
    """`nx.is_weakly_connected`."""
    if not len(G):
        raise nx.NetworkXPointlessConcept("Connectivity is undefined for the null graph.")
    return _weak(G)[1] == 1


def strongly_connected_components(G: BackendGraph) -> Iterator[set[Label]]:
    """`nx.strongly_connected_components`, in the same order."""
    yield from _sets(G, *_strong(G))


def number_strongly_connected_components(G: BackendGraph) -> int:
    """`nx.number_strongly_connected_components`."""
    return _strong(G)[1]


def is_strongly_connected(G: BackendGraph) -> bool:
    """`nx.is_strongly_connected`."""
    if not len(G):
        raise nx.NetworkXPointlessConcept("Connectivity is undefined for the null graph.")
    return all(len(search(G, [0], backward=way).order) == len(G) for way in (False, True))


def _weak(graph: BackendGraph) -> tuple[np.ndarray, int]:
    """Component of each node, in the order of their first nodes, [node], and how many there are."""
    from graphsocial.graph.structure.components_kernel import weak_labels  # numba: imported when first needed

    rows = graph.out
    smallest = weak_labels(rows.first, rows.last, rows.neighbour)
    roots = np.flatnonzero(smallest == np.arange(len(graph)))
    return np.searchsorted(roots, smallest), len(roots)


def _strong(graph: BackendGraph) -> tuple[np.ndarray, int]:
    """Component of each node, in the order in which NetworkX's search closes them, [node], and how many there are."""
    from graphsocial.graph.structure.components_kernel import strong_labels  # numba: imported when first needed

    rows = graph.out
    label = strong_labels(rows.first, rows.last, rows.neighbour)
    return label, int(label.max(initial=-1)) + 1


def _sets(graph: BackendGraph, component: np.ndarray, count: int) -> Iterator[set[Label]]:
    from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

    order = np.empty(len(graph), dtype=np.int64)
    indptr = stable_groups(component, count, order)
    members = graph.named(order)
    for low, high in pairwise(indptr.tolist()):
        yield set(members[low:high])

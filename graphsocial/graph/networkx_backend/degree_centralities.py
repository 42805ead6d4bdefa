"""Degree centralities."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Label


def degree_centrality(G: BackendGraph) -> dict[Label, float]:
    """`nx.degree_centrality`."""
    return _centrality(G, G.degree)


def in_degree_centrality(G: BackendGraph) -> dict[Label, float]:
    """`nx.in_degree_centrality`."""
    return _centrality(G, G.into.edges)


def out_degree_centrality(G: BackendGraph) -> dict[Label, float]:
    """`nx.out_degree_centrality`."""
    return _centrality(G, G.out.edges)


def _centrality(graph: BackendGraph, degree: np.ndarray) -> dict[Label, float]:
    if len(graph) <= 1:
        return dict.fromkeys(graph, 1)
    return dict(zip(graph, (degree * (1.0 / (len(graph) - 1.0))).tolist(), strict=True))

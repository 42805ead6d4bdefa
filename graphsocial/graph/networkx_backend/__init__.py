"""NetworkX backend `graphsocial`: `nx.pagerank(graph, backend="graphsocial")` runs on compiled rows.

NetworkX loads this module when a call may go to the backend, looks up the function by its name here, and asks `can_run`
and `should_run` before. Every function has NetworkX's signature, errors, and order of results; a call that the backend
does not serve, such as one with weights on paths, is left to NetworkX.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph
from graphsocial.graph.networkx_backend.betweenness import betweenness_centrality
from graphsocial.graph.networkx_backend.closeness import closeness_centrality, harmonic_centrality
from graphsocial.graph.networkx_backend.clusterings import (
    average_clustering,
    clustering,
    square_clustering,
    transitivity,
    triangles,
)
from graphsocial.graph.networkx_backend.components import (
    connected_components,
    is_connected,
    is_strongly_connected,
    is_weakly_connected,
    node_connected_component,
    number_connected_components,
    number_strongly_connected_components,
    number_weakly_connected_components,
    strongly_connected_components,
    weakly_connected_components,
)
from graphsocial.graph.networkx_backend.conversion import convert_from_nx, convert_to_nx
from graphsocial.graph.networkx_backend.cores import core_number
from graphsocial.graph.networkx_backend.degree_centralities import (
    degree_centrality,
    in_degree_centrality,
    out_degree_centrality,
)
from graphsocial.graph.networkx_backend.eccentricities import center, diameter, eccentricity, periphery, radius
from graphsocial.graph.networkx_backend.path_lengths import (
    all_pairs_shortest_path_length,
    average_shortest_path_length,
    global_efficiency,
    has_path,
    shortest_path_length,
    single_source_shortest_path_length,
    single_target_shortest_path_length,
    wiener_index,
)
from graphsocial.graph.networkx_backend.ranks import eigenvector_centrality, katz_centrality, pagerank
from graphsocial.graph.networkx_backend.runnable import refusal, reluctance
from graphsocial.graph.networkx_backend.shortest_paths import (
    all_pairs_shortest_path,
    bidirectional_shortest_path,
    shortest_path,
    single_source_shortest_path,
    single_target_shortest_path,
)
from graphsocial.graph.networkx_backend.traversals import (
    ancestors,
    bfs_edges,
    bfs_layers,
    bfs_predecessors,
    bfs_successors,
    descendants,
    descendants_at_distance,
)
from graphsocial.graph.to_backend_graph import to_backend_graph

__all__ = [
    "BackendGraph",
    "all_pairs_shortest_path",
    "all_pairs_shortest_path_length",
    "ancestors",
    "average_clustering",
    "average_shortest_path_length",
    "betweenness_centrality",
    "bfs_edges",
    "bfs_layers",
    "bfs_predecessors",
    "bfs_successors",
    "bidirectional_shortest_path",
    "can_run",
    "center",
    "closeness_centrality",
    "clustering",
    "connected_components",
    "convert_from_nx",
    "convert_to_nx",
    "core_number",
    "degree_centrality",
    "descendants",
    "descendants_at_distance",
    "diameter",
    "eccentricity",
    "eigenvector_centrality",
    "global_efficiency",
    "harmonic_centrality",
    "has_path",
    "in_degree_centrality",
    "is_connected",
    "is_strongly_connected",
    "is_weakly_connected",
    "katz_centrality",
    "node_connected_component",
    "number_connected_components",
    "number_strongly_connected_components",
    "number_weakly_connected_components",
    "out_degree_centrality",
    "pagerank",
    "periphery",
    "radius",
    "shortest_path",
    "shortest_path_length",
    "should_run",
    "single_source_shortest_path",
    "single_source_shortest_path_length",
    "single_target_shortest_path",
    "single_target_shortest_path_length",
    "square_clustering",
    "strongly_connected_components",
    "to_backend_graph",
    "transitivity",
    "triangles",
    "weakly_connected_components",
    "wiener_index",
]


def can_run(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool | str:
    """True where the backend serves the call, otherwise why not.

    >>> can_run("shortest_path", ["G"], {"weight": "km"})
    "weight='km': paths and triangles are counted without weights"
    """
    return refusal(name, getattr(sys.modules[__name__], name), args, kwargs) or True


def should_run(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool | str:
    """True where the backend is the faster one, otherwise why it is not."""
    return reluctance(name, getattr(sys.modules[__name__], name), args, kwargs) or True

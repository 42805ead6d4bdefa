"""What NetworkX asks about its graphsocial backend whenever NetworkX is imported: names only, no other import."""

from __future__ import annotations

from typing import Any

FUNCTIONS = (
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
    "center",
    "closeness_centrality",
    "clustering",
    "connected_components",
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
    "single_source_shortest_path",
    "single_source_shortest_path_length",
    "single_target_shortest_path",
    "single_target_shortest_path_length",
    "square_clustering",
    "strongly_connected_components",
    "transitivity",
    "triangles",
    "weakly_connected_components",
    "wiener_index",
)
"""Dispatched functions, as NetworkX's registry names them."""


def backend_info() -> dict[str, Any]:
    """The answer to the entry point `networkx.backend_info`."""
    return {
        "backend_name": "graphsocial",
        "project": "graphsocial",
        "package": "graphsocial",
        "short_summary": "Compiled loops over compressed rows, also of a SocialGraph view as of a moment.",
        "functions": {name: {} for name in FUNCTIONS},
    }

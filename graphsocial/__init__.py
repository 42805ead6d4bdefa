"""graphsocial: time-honest multimodal learning and diffusion analysis on social graphs.

Names are loaded on first use, so `import graphsocial` costs no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphsocial.embed import (
        EmbeddingTable,
        embed_posts,
        nearest_posts,
    )
    from graphsocial.graph import (
        Adoptions,
        Assortativity,
        Bystanders,
        CascadeSet,
        CoEngagement,
        Communities,
        CommunityStability,
        Components,
        EarliestArrival,
        ExponentialDecay,
        Exposure,
        MotifInstances,
        NodeScores,
        ParentProbabilities,
        PowerLawDecay,
        ShortestPath,
        ShortestPaths,
        SocialGraph,
        SqlResult,
        TemporalMotifs,
        TimeRespectingPath,
        all_shortest_paths,
        attribute_assortativity,
        betweenness,
        bystanders,
        cascade_trees,
        co_engagement,
        communities,
        community_stability,
        components,
        core_numbers,
        degree,
        degree_assortativity,
        earliest_arrival,
        ego_network,
        exposure,
        from_networkx,
        harmonic,
        local_clustering,
        motif_instances,
        neighbourhood,
        numeric_assortativity,
        pagerank,
        parent_probabilities,
        read_cascades,
        shortest_path,
        shortest_path_lengths,
        sql,
        temporal_motifs,
        time_respecting_path,
        to_networkx,
        transitivity,
        triangles,
    )
    from graphsocial.ingest import (
        load,
    )
    from graphsocial.learn import (
        Task,
        TemporalSplit,
        Trainer,
    )
    from graphsocial.nn import (
        from_pyg,
        to_pyg,
    )
    from graphsocial.query import (
        Engine,
    )
    from graphsocial.store import (
        open_graph as open,
    )
    from graphsocial.store import (
        save_graph,
    )
    from graphsocial.trends import (
        top_per_window,
    )

_HOME = {
    "Adoptions": "graph",
    "Assortativity": "graph",
    "Bystanders": "graph",
    "CascadeSet": "graph",
    "CoEngagement": "graph",
    "Communities": "graph",
    "CommunityStability": "graph",
    "Components": "graph",
    "EarliestArrival": "graph",
    "EmbeddingTable": "embed",
    "Engine": "query",
    "ExponentialDecay": "graph",
    "Exposure": "graph",
    "MotifInstances": "graph",
    "NodeScores": "graph",
    "ParentProbabilities": "graph",
    "PowerLawDecay": "graph",
    "ShortestPath": "graph",
    "ShortestPaths": "graph",
    "SocialGraph": "graph",
    "SqlResult": "graph",
    "Task": "learn",
    "TemporalMotifs": "graph",
    "TemporalSplit": "learn",
    "TimeRespectingPath": "graph",
    "Trainer": "learn",
    "all_shortest_paths": "graph",
    "attribute_assortativity": "graph",
    "betweenness": "graph",
    "bystanders": "graph",
    "cascade_trees": "graph",
    "co_engagement": "graph",
    "communities": "graph",
    "community_stability": "graph",
    "components": "graph",
    "core_numbers": "graph",
    "degree": "graph",
    "degree_assortativity": "graph",
    "earliest_arrival": "graph",
    "ego_network": "graph",
    "embed_posts": "embed",
    "exposure": "graph",
    "from_networkx": "graph",
    "from_pyg": "nn",
    "harmonic": "graph",
    "load": "ingest",
    "local_clustering": "graph",
    "motif_instances": "graph",
    "nearest_posts": "embed",
    "neighbourhood": "graph",
    "numeric_assortativity": "graph",
    "open": "store",
    "pagerank": "graph",
    "parent_probabilities": "graph",
    "read_cascades": "graph",
    "save_graph": "store",
    "shortest_path": "graph",
    "shortest_path_lengths": "graph",
    "sql": "graph",
    "temporal_motifs": "graph",
    "time_respecting_path": "graph",
    "to_networkx": "graph",
    "to_pyg": "nn",
    "top_per_window": "trends",
    "transitivity": "graph",
    "triangles": "graph",
}

__version__ = "0.1.0"
__all__ = [
    "Adoptions",
    "Assortativity",
    "Bystanders",
    "CascadeSet",
    "CoEngagement",
    "Communities",
    "CommunityStability",
    "Components",
    "EarliestArrival",
    "EmbeddingTable",
    "Engine",
    "ExponentialDecay",
    "Exposure",
    "MotifInstances",
    "NodeScores",
    "ParentProbabilities",
    "PowerLawDecay",
    "ShortestPath",
    "ShortestPaths",
    "SocialGraph",
    "SqlResult",
    "Task",
    "TemporalMotifs",
    "TemporalSplit",
    "TimeRespectingPath",
    "Trainer",
    "__version__",
    "all_shortest_paths",
    "attribute_assortativity",
    "betweenness",
    "bystanders",
    "cascade_trees",
    "co_engagement",
    "communities",
    "community_stability",
    "components",
    "core_numbers",
    "degree",
    "degree_assortativity",
    "earliest_arrival",
    "ego_network",
    "embed_posts",
    "exposure",
    "from_networkx",
    "from_pyg",
    "harmonic",
    "load",
    "local_clustering",
    "motif_instances",
    "nearest_posts",
    "neighbourhood",
    "numeric_assortativity",
    "open",
    "pagerank",
    "parent_probabilities",
    "read_cascades",
    "save_graph",
    "shortest_path",
    "shortest_path_lengths",
    "sql",
    "temporal_motifs",
    "time_respecting_path",
    "to_networkx",
    "to_pyg",
    "top_per_window",
    "transitivity",
    "triangles",
]


def __getattr__(name: str) -> Any:
    """Imports the room that holds `name` when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'graphsocial' has no attribute {name!r}")
    room = importlib.import_module(f"graphsocial.{_HOME[name]}")
    value = getattr(room, "open_graph" if name == "open" else name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__

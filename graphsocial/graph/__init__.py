"""The noun: an immutable, time-stamped heterogeneous graph, its views, what can be asked of them, samples and cascades.

No torch.
"""

from graphsocial.graph.adjacency import Adjacency, adjacency
from graphsocial.graph.cascades import CascadeSet, cascade_tree
from graphsocial.graph.centrality.betweenness import betweenness
from graphsocial.graph.centrality.degree import degree
from graphsocial.graph.centrality.harmonic import harmonic
from graphsocial.graph.centrality.node_scores import NodeScores
from graphsocial.graph.centrality.pagerank import pagerank
from graphsocial.graph.counts import common_neighbours, count_before
from graphsocial.graph.csr import Csr
from graphsocial.graph.database.sql import sql
from graphsocial.graph.database.sql_result import SqlResult
from graphsocial.graph.ego_network import ego_network
from graphsocial.graph.exposures.adoptions import Adoptions
from graphsocial.graph.exposures.bystanders import Bystanders, bystanders
from graphsocial.graph.exposures.cascade_parents import cascade_trees
from graphsocial.graph.exposures.delay_decay import ExponentialDecay, PowerLawDecay
from graphsocial.graph.exposures.exposure import Exposure, exposure
from graphsocial.graph.exposures.parent_probabilities import ParentProbabilities, parent_probabilities
from graphsocial.graph.groups.co_engagement import CoEngagement, co_engagement
from graphsocial.graph.groups.communities import Communities, communities
from graphsocial.graph.groups.communities_over_time import CommunitiesOverTime, communities_over_time
from graphsocial.graph.groups.community_stability import CommunityStability, community_stability
from graphsocial.graph.motifs.motif_instances import MotifInstances, motif_instances
from graphsocial.graph.motifs.temporal_motifs import TemporalMotifs, temporal_motifs
from graphsocial.graph.neighbour_sampling import SampledEdges, SampledNeighbourhood, SampledNodes, sample_neighbours
from graphsocial.graph.neighbourhood import neighbourhood
from graphsocial.graph.networkx_graph import from_networkx, to_networkx
from graphsocial.graph.paths.earliest_arrival import EarliestArrival, earliest_arrival
from graphsocial.graph.paths.shortest_path import (
    ShortestPath,
    ShortestPaths,
    all_shortest_paths,
    shortest_path,
    shortest_path_lengths,
)
from graphsocial.graph.paths.time_respecting_path import TimeRespectingPath, time_respecting_path
from graphsocial.graph.query_result import QueryResult
from graphsocial.graph.read_cascades import read_cascades
from graphsocial.graph.social_graph import Edges, SocialGraph
from graphsocial.graph.structure.assortativity import (
    attribute_assortativity,
    degree_assortativity,
    numeric_assortativity,
)
from graphsocial.graph.structure.assortativity_found import Assortativity
from graphsocial.graph.structure.components import Components, components
from graphsocial.graph.structure.core_numbers import core_numbers
from graphsocial.graph.structure.signed_balance import signed_balance
from graphsocial.graph.structure.triangles import local_clustering, transitivity, triangles
from graphsocial.graph.time import format_time, parse_time
from graphsocial.graph.to_backend_graph import to_backend_graph

__all__ = [
    "Adjacency",
    "Adoptions",
    "Assortativity",
    "Bystanders",
    "CascadeSet",
    "CoEngagement",
    "Communities",
    "CommunitiesOverTime",
    "CommunityStability",
    "Components",
    "Csr",
    "EarliestArrival",
    "Edges",
    "ExponentialDecay",
    "Exposure",
    "MotifInstances",
    "NodeScores",
    "ParentProbabilities",
    "PowerLawDecay",
    "QueryResult",
    "SampledEdges",
    "SampledNeighbourhood",
    "SampledNodes",
    "ShortestPath",
    "ShortestPaths",
    "SocialGraph",
    "SqlResult",
    "TemporalMotifs",
    "TimeRespectingPath",
    "adjacency",
    "all_shortest_paths",
    "attribute_assortativity",
    "betweenness",
    "bystanders",
    "cascade_tree",
    "cascade_trees",
    "co_engagement",
    "common_neighbours",
    "communities",
    "communities_over_time",
    "community_stability",
    "components",
    "core_numbers",
    "count_before",
    "degree",
    "degree_assortativity",
    "earliest_arrival",
    "ego_network",
    "exposure",
    "format_time",
    "from_networkx",
    "harmonic",
    "local_clustering",
    "motif_instances",
    "neighbourhood",
    "numeric_assortativity",
    "pagerank",
    "parent_probabilities",
    "parse_time",
    "read_cascades",
    "sample_neighbours",
    "shortest_path",
    "shortest_path_lengths",
    "signed_balance",
    "sql",
    "temporal_motifs",
    "time_respecting_path",
    "to_backend_graph",
    "to_networkx",
    "transitivity",
    "triangles",
]

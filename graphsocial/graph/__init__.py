"""The noun: an immutable, time-stamped heterogeneous graph, its views, samples and cascades. No torch."""

from graphsocial.graph.adjacency import Adjacency, adjacency
from graphsocial.graph.cascades import CascadeSet, cascade_tree
from graphsocial.graph.counts import common_neighbours, count_before
from graphsocial.graph.csr import Csr
from graphsocial.graph.ego_network import ego_network
from graphsocial.graph.neighbour_sampling import SampledEdges, SampledNeighbourhood, SampledNodes, sample_neighbours
from graphsocial.graph.neighbourhood import neighbourhood
from graphsocial.graph.networkx_graph import from_networkx, to_networkx
from graphsocial.graph.query_result import QueryResult
from graphsocial.graph.read_cascades import read_cascades
from graphsocial.graph.social_graph import Edges, SocialGraph
from graphsocial.graph.time import format_time, parse_time

__all__ = [
    "Adjacency",
    "CascadeSet",
    "Csr",
    "Edges",
    "QueryResult",
    "SampledEdges",
    "SampledNeighbourhood",
    "SampledNodes",
    "SocialGraph",
    "adjacency",
    "cascade_tree",
    "common_neighbours",
    "count_before",
    "ego_network",
    "format_time",
    "from_networkx",
    "neighbourhood",
    "parse_time",
    "read_cascades",
    "sample_neighbours",
    "to_networkx",
]

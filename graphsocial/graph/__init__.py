"""The noun: an immutable, time-stamped heterogeneous graph, its views, samples and cascades. No torch."""

from graphsocial.graph.csr import Csr
from graphsocial.graph.social_graph import Edges, SocialGraph
from graphsocial.graph.time import format_time, parse_time

__all__ = ["Csr", "Edges", "SocialGraph", "format_time", "parse_time"]

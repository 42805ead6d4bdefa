"""Everything within a few steps of one node."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graphsocial.graph.chosen_relations import chosen_relations
from graphsocial.graph.neighbourhood import neighbourhood
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.subset import subset
from graphsocial.schema import EdgeType, NodeKey


def ego_network(
    graph: SocialGraph, key: NodeKey, hops: int = 1, edge_types: Iterable[EdgeType] | None = None
) -> SocialGraph:
    """The nodes within `hops` steps of the ego and the view's edges among them.

    Args:
        graph: View to look in; only its edges count, and the result keeps its bounds.
        key: The ego, `(node type, id)`.
        hops: Steps, each along an edge in either direction.
        edge_types: Edge types to follow and keep, None for all.

    Raises:
        UnknownNodeError: The view does not know the ego.
        SchemaError: Unknown edge type, or hops is no whole number of at least 0.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> edges = pa.table({"src": ["bob", "cy", "dee"], "dst": ["ann", "bob", "cy"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges})
    >>> ego_network(graph, ("user", "ann"), hops=2).node_ids("user").tolist()
    ['ann', 'bob', 'cy']
    """
    followed = chosen_relations(graph, edge_types)
    inside = neighbourhood(graph, key, hops, followed)
    kept = {edge_type: _edges_among(graph, edge_type, inside) for edge_type in followed}
    return subset(graph, inside, kept)


def _edges_among(graph: SocialGraph, edge_type: EdgeType, inside: dict[str, np.ndarray]) -> np.ndarray:
    """Positions in the view's edges, ascending, of those whose two ends are inside, int64 [edge]."""
    marks = {}
    for node_type in (edge_type[0], edge_type[2]):
        marks[node_type] = np.zeros(graph.num_nodes(node_type), dtype=bool)
        marks[node_type][inside[node_type]] = True
    edges = graph.edges(edge_type)
    return np.flatnonzero(marks[edge_type[0]][edges.src] & marks[edge_type[2]][edges.dst])

"""k-cores: how deep in the dense part of a graph each node lies."""

from __future__ import annotations

from collections.abc import Iterable

from graphsocial.graph.adjacency import adjacency
from graphsocial.graph.centrality.node_scores import NodeScores
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


def core_numbers(graph: SocialGraph, edge_types: Iterable[EdgeType] | None = None) -> NodeScores:
    """The largest k for which each node is in the k-core: the nodes that have at least k neighbours among each other.

    Edges count in either direction, parallel ones once, self-loops not. Time grows with the number of edges (Batagelj,
    Zaversnik 2003, "An O(m) algorithm for cores decomposition of networks").

    Args:
        graph: View whose edges count.
        edge_types: Relations, None for all.

    Raises:
        SchemaError: Unknown edge type.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> reply = ("user", "reply", "user")
    >>> edges = pa.table({"src": ["ann", "bob", "cy", "dee"], "dst": ["bob", "cy", "ann", "ann"], "time": [1, 2, 3, 4]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {}}), {}, {reply: edges})
    >>> core_numbers(graph, [reply]).top(4)
    {('user', 'ann'): 2, ('user', 'bob'): 2, ('user', 'cy'): 2, ('user', 'dee'): 1}
    """
    from graphsocial.graph.structure.core_kernel import core_values  # numba: imported when first needed

    rows = adjacency(graph, edge_types, "both", simple=True)
    return NodeScores("core", rows, "both", core_values(rows.first, rows.last, rows.neighbour))

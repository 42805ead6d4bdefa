"""How many edges or neighbours each node has."""

from __future__ import annotations

from collections.abc import Iterable

from graphsocial.graph.adjacency import Walk, adjacency
from graphsocial.graph.centrality.node_scores import NodeScores
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


def degree(
    graph: SocialGraph, edge_types: Iterable[EdgeType] | None = None, walk: Walk = "both", distinct: bool = False
) -> NodeScores:
    """Edges of every node, or its distinct neighbours.

    Args:
        graph: View whose edges count.
        edge_types: Relations, None for all.
        walk: `out` counts edges that leave a node, `in` those that arrive, `both` all (a self-loop twice), `flow` those
            along which influence leaves it.
        distinct: Count other nodes instead of edges: parallel edges once, self-loops never.

    Raises:
        SchemaError: Unknown edge type or walk.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> reply = ("user", "reply", "user")
    >>> edges = pa.table({"src": ["ann", "ann", "bob"], "dst": ["bob", "bob", "bob"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {}}), {}, {reply: edges})
    >>> degree(graph, [reply]).top(2)
    {('user', 'bob'): 4, ('user', 'ann'): 2}
    >>> degree(graph, [reply], walk="in", distinct=True).top(2)
    {('user', 'bob'): 1, ('user', 'ann'): 0}
    """
    if distinct:
        rows = adjacency(graph, edge_types, walk, simple=True)
        return NodeScores("neighbours", rows, walk, rows.degree)
    if walk != "both":
        rows = adjacency(graph, edge_types, walk)
        return NodeScores("degree", rows, walk, rows.degree)
    rows = adjacency(graph, edge_types, "out")  # two readings of the stored rows, where "both" would copy them
    return NodeScores("degree", rows, walk, rows.degree + adjacency(graph, rows.edge_types, "in").degree)

"""A view as a graph that NetworkX's functions take, without going through NetworkX."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from graphsocial.graph.adjacency import adjacency
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType

if TYPE_CHECKING:
    from graphsocial.graph.networkx_backend.backend_graph import BackendGraph


def to_backend_graph(
    graph: SocialGraph,
    edge_types: Iterable[EdgeType] | None = None,
    directed: bool = True,
    multigraph: bool = True,
    loops: bool = True,
) -> BackendGraph:
    """The view's nodes and edges for `nx.pagerank(…)` and every other function that the backend serves.

    Nodes are `(node type, id)`, as in `to_networkx`. Without `edge_types` it is the graph that `to_networkx` gives,
    keys of edges and columns of nodes aside. It is built once per view, and columns are read when a function asks for
    them, as `nx.pagerank` does for `weight`.

    Args:
        graph: The view.
        edge_types: Relations whose edges count, with the node types that they touch; None: all, with all node types.
        directed: Keep the direction of edges.
        multigraph: Keep parallel edges; otherwise they are one edge without columns, whose `weight` says how many it
            stands for.
        loops: Keep self-loops, which `nx.core_number` refuses.

    Raises:
        SchemaError: Unknown edge type.

    >>> import networkx as nx, pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> edges = pa.table({"src": ["bob", "cy", "cy"], "dst": ["ann", "ann", "bob"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges})
    >>> nx.descendants(to_backend_graph(graph.as_of(3)), ("user", "cy"))
    {('user', 'ann')}
    """
    from graphsocial.graph.networkx_backend.view_graph import built  # NetworkX: half a second at import

    chosen = None if edge_types is None else tuple(edge_types)
    out = adjacency(graph, chosen, "out" if directed else "both")
    key = ("networkx", out.edge_types, chosen is None, directed, multigraph, loops)
    if key not in graph.cache:
        graph.cache[key] = built(graph, out, chosen is None, directed, multigraph, loops)
    return graph.cache[key]

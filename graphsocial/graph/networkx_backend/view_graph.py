"""A view of a `SocialGraph` as a graph that NetworkX's functions take, without going through NetworkX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from graphsocial.graph.adjacency import Adjacency, adjacency
from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Rows
from graphsocial.graph.networkx_backend.view_columns import ViewColumns
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType, NodeKey


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
    chosen = None if edge_types is None else tuple(edge_types)
    out = adjacency(graph, chosen, "out" if directed else "both")
    key = ("networkx", out.edge_types, chosen is None, directed, multigraph, loops)
    if key not in graph.cache:
        graph.cache[key] = _built(graph, out, chosen is None, directed, multigraph, loops)
    return graph.cache[key]


def _built(
    graph: SocialGraph, out: Adjacency, every_type: bool, directed: bool, multigraph: bool, loops: bool
) -> BackendGraph:
    others = [t for t in graph.node_types if t not in out.node_types] if every_type else []
    isolated = sum(graph.num_nodes(t) for t in others)

    def labels() -> list[NodeKey]:
        types = [*out.node_types, *others]
        return [(t, node_id) for t in types for node_id in graph.node_ids(t)]

    loop_ends = 0 if not loops else 1 if directed else 2
    rows = _merged(out, isolated, loop_ends)
    into = _merged(adjacency(graph, out.edge_types, "in"), isolated, loop_ends) if directed else None
    columns: Mapping[str, Sequence[Any]] = {}
    if multigraph:
        columns = ViewColumns(out, rows, directed, loops)
    else:
        columns = {} if rows.count is None else {"weight": rows.count.tolist()}
        rows, into = Rows(rows.indptr, rows.neighbour), into and Rows(into.indptr, into.neighbour)
    return BackendGraph(labels, rows, into, multigraph=multigraph, columns=columns, graph={"name": graph.name})


def _merged(found: Adjacency, isolated: int, loop_ends: int) -> Rows:
    """Distinct neighbours of each row in the order they first stand there, and rows of nothing at the end."""
    from graphsocial.graph.parallel_edges_kernel import merge_parallel  # numba: imported when first needed

    indptr, neighbour, count = merge_parallel(found.first, found.last, found.neighbour, loop_ends)
    if (count == 1).all():
        count = None
    return Rows(np.append(indptr, np.full(isolated, indptr[-1])), neighbour, count)

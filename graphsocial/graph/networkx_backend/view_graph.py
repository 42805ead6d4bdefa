"""How the graph of a view is built, see `to_backend_graph`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphsocial.graph.adjacency import Adjacency, adjacency
from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Rows
from graphsocial.graph.networkx_backend.view_columns import ViewColumns
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import NodeKey


def built(
    graph: SocialGraph, out: Adjacency, every_type: bool, directed: bool, multigraph: bool, loops: bool
) -> BackendGraph:
    """The graph that `to_backend_graph` describes.

    Args:
        graph: The view.
        out: Its rows of successors, or of neighbours where edges have no direction.
        every_type: Node types that no relation touches are there, too.
        directed: As in `to_backend_graph`.
        multigraph: Likewise.
        loops: Likewise.
    """
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
    from graphsocial.graph.networkx_backend.parallel_edges_kernel import (
        merge_parallel,  # numba: imported when first needed
    )

    indptr, neighbour, count = merge_parallel(found.first, found.last, found.neighbour, loop_ends)
    if (count == 1).all():
        count = None
    return Rows(np.append(indptr, np.full(isolated, indptr[-1])), neighbour, count)

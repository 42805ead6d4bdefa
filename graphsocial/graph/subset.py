"""A smaller graph from chosen nodes and edges of a view, with what the view knows and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.tables import EdgeTable, NodeTable, Tables
from graphsocial.schema import EdgeType


def subset(graph: SocialGraph, nodes: Mapping[str, np.ndarray], edges: Mapping[EdgeType, np.ndarray]) -> SocialGraph:
    """The graph of the given nodes and edges; columns hold what the view shows, and the view's bounds stay.

    Args:
        graph: View to take from.
        nodes: Positions to keep by node type, ascending, int64 [node].
        edges: Positions to keep in the view's edges by type, ascending, int64 [edge]; their ends are kept nodes.
    """
    node_tables, new_position = {}, {}
    for node_type in graph.node_types:
        kept = nodes.get(node_type, np.empty(0, dtype=np.int64))
        ids = pa.array(graph.node_ids(node_type)[kept], pa.large_string())
        measured = graph.schema.measured_columns(node_type)
        plain = [c for c in graph.schema.nodes[node_type] if c not in measured]
        columns = {c: graph.column(node_type, c).take(pa.array(kept)) for c in plain}
        known, row_known = graph.known_at(node_type)[kept], graph.row_known_at(node_type)[kept]
        place = np.full(graph.num_nodes(node_type), -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        new_position[node_type] = place
        seen = {c: graph.measurements(node_type, c).of_nodes(place >= 0, place) for c in measured}
        node_tables[node_type] = NodeTable(ids, known, row_known, columns, seen)
    edge_tables = {}
    for edge_type in graph.edge_types:
        kept = edges.get(edge_type, np.empty(0, dtype=np.int64))
        old = graph.edges(edge_type)
        src, dst = new_position[edge_type[0]][old.src[kept]], new_position[edge_type[2]][old.dst[kept]]
        columns = {c: graph.edge_column(edge_type, c).take(pa.array(kept)) for c in graph.schema.edges[edge_type]}
        edge_tables[edge_type] = EdgeTable(src, dst, old.time[kept], old.recorded[kept], columns)
    # canonical order survives: positions are renamed in ascending order
    return graph.with_tables(Tables(graph.schema, node_tables, edge_tables))

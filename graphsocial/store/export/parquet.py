"""A folder of Parquet files, one per node type and edge type, which `open_graph` and every table tool read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.graph.subset import subset
from graphsocial.store.export.export_report import ExportContent, everything
from graphsocial.store.export.lost_parts import lost_bounds
from graphsocial.store.save_graph import save_graph


def write_parquet(graph: SocialGraph, target: Path) -> ExportContent:
    """Writes what a view knows, and nothing else, in the layout of `save_graph`.

    `nodes_TYPE.parquet` has `id`, `known_at`, `first_known` and the columns, `measured_TYPE.parquet` has `id`,
    `measured_at` and one value per row, `edges_SOURCE_RELATION_TARGET.parquet` has `src`, `dst`, `time` and the
    columns.

    Args:
        graph: View to write.
        target: Folder to write; a graph folder already there is replaced when the new one is whole.
    """
    nodes = {t: np.arange(graph.num_nodes(t)) for t in graph.node_types}
    edges = {e: np.arange(graph.num_edges(e)) for e in graph.edge_types}
    known = subset(graph, nodes, edges)
    save_graph(known, target)
    lost = lost_bounds(graph)
    for node_type, column in sorted(graph.assumed_known):
        if not graph.column(node_type, column).equals(known.column(node_type, column)):
            lost.append(f"values of {node_type}.{column} that the view only assumes to be known")
    return ExportContent(tuple(sorted(entry.name for entry in target.iterdir())), everything(graph), tuple(lost))

"""The edge list that JODIE introduced and the Temporal Graph Benchmark reads for its bipartite sets."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa

from graphsocial.graph import SocialGraph
from graphsocial.schema import EdgeType
from graphsocial.store.export.export_report import ExportContent
from graphsocial.store.export.lost_parts import (
    filled_edge_columns,
    lost_bounds,
    lost_edge_times,
    lost_late_columns,
    lost_node_columns,
    lost_nodes,
    lost_relations,
)
from graphsocial.store.export.numbered_ends import number_by_appearance, write_numbers

HEADER = ("user_id", "item_id", "timestamp", "state_label", "comma_separated_list_of_features")
FILES = ("edgelist.csv", "users.csv", "items.csv")


def write_tgb(graph: SocialGraph, edge_type: EdgeType, folder: Path) -> ExportContent:
    """Writes the edges of one relation in order of time.

    In `edgelist.csv` sources are users and targets are items, both numbered from 0 in order of appearance; `users.csv`
    and `items.csv` say which node each number is. `timestamp` is in seconds since 1970-01-01 UTC, `state_label` is 0,
    as a graph has no states. Features are the columns that hold numbers or truth values, or a single 0.

    Args:
        graph: View to write.
        edge_type: Whose edges.
        folder: Empty folder to write to.
    """
    source, _, target = edge_type
    edges = graph.edges(edge_type)
    kept = np.flatnonzero(edges.recorded)
    users, user = number_by_appearance(edges.src[kept])
    items, item = number_by_appearance(edges.dst[kept])
    columns = graph.schema.edges[edge_type]
    numeric = [name for name, column in columns.items() if column.type != "string"]
    values = [graph.edge_column(edge_type, name).take(pa.array(kept)) for name in numeric]
    missing = {name: column.null_count for name, column in zip(numeric, values, strict=True) if column.null_count}
    features = [column.cast(pa.float64(), safe=False).fill_null(0.0).to_numpy() for column in values] or [
        np.zeros(len(kept))
    ]
    with (folder / FILES[0]).open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(HEADER)
        for u, i, time, *cells in zip(user, item, edges.time[kept], *features, strict=True):
            out.writerow([u, i, time, 0, *(repr(float(cell)) for cell in cells)])
    write_numbers(folder / FILES[1], "user_id", graph.node_ids(source)[users])
    write_numbers(folder / FILES[2], "item_id", graph.node_ids(target)[items])
    written: dict[str | EdgeType, int] = {source: len(users)}
    written[target] = len(np.union1d(users, items)) if source == target else len(items)
    lost = lost_bounds(graph) + lost_edge_times(graph, edge_type) + _lost_columns(graph, edge_type, missing)
    lost += lost_node_columns(graph) + lost_nodes(graph, written) + lost_relations(graph, (edge_type,))
    if source == target and len(np.intersect1d(users, items)):
        lost.append(f"that users and items are both {source} nodes: who is both has two numbers")
    return ExportContent(FILES, {**written, edge_type: len(kept)}, tuple(lost))


def _lost_columns(graph: SocialGraph, edge_type: EdgeType, missing: dict[str, int]) -> list[str]:
    columns = graph.schema.edges[edge_type]
    label = f"({', '.join(edge_type)})"
    lost = lost_late_columns(graph, edge_type)
    lost += [f"that {n} values of {name} of {label} are missing: they are written as 0" for name, n in missing.items()]
    texts = [name for name in filled_edge_columns(graph, edge_type) if columns[name].type == "string"]
    if texts:
        lost.append(f"columns {', '.join(texts)} of {label}: features are numbers")
    for name in (name for name, column in columns.items() if column.type == "int"):
        values = graph.edge_column(edge_type, name).drop_null().to_numpy()
        rounded = int((values.astype(np.float64).astype(object) != values.astype(object)).sum())
        if rounded:
            lost.append(f"last digits of {rounded} values of {name} of {label}: features are floating point numbers")
    return lost

"""CSV files for Raphtory: `nodes.csv` and one file per edge type."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from graphsocial.graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.schema import UNKNOWN_TIME, ColumnType, EdgeType
from graphsocial.store.export.csv_rows import CsvRows
from graphsocial.store.export.export_report import ExportContent
from graphsocial.store.export.graph_keys import column_titles, edge_keys
from graphsocial.store.export.graph_rows import edge_rows, plain_values
from graphsocial.store.export.lost_parts import lost_bounds, lost_edge_times, lost_late_columns, lost_settings
from graphsocial.store.layout import edge_file

PER_SECOND = 1000
"""Raphtory counts time in milliseconds."""

_NODE: Mapping[str, ColumnType] = {"id": "string", "time": "int", "type": "string"}
_EDGE: Mapping[str, ColumnType] = {"src": "string", "dst": "string", "time": "int", "type": "string"}

_Timed = list[tuple[int, str, Any]]
"""When a value became known, title of its column, and the value."""


def is_raphtory_file(name: str) -> bool:
    """Whether `write_raphtory` gives files such names."""
    return name == "nodes.csv" or (name.startswith("edges_") and name.endswith(".csv"))


def write_raphtory(graph: SocialGraph, folder: Path) -> ExportContent:
    """Writes a view for Raphtory's `load_nodes_from_pandas` and `load_edges_from_pandas`.

    Ids are `type:id`, as nodes of all types share one space there; times are milliseconds since 1970-01-01 UTC. In
    `nodes.csv` (`id`, `time`, `type`, columns) a node has a row for every moment at which something of it became known,
    so that its columns are temporal properties and none is known too early. Edge files have `src`, `dst`, `time`,
    `type` (the relation, for `layer_col`) and columns. Read them with `keep_default_na=False, na_values=[""]`, else
    pandas takes texts such as "NA" for missing values.

    Args:
        graph: View to write.
        folder: Empty folder to write to.
    """
    written: dict[str | EdgeType, int] = {}
    lost = lost_bounds(graph) + lost_settings(graph)
    columns = [(t, name) for t in graph.node_types for name in graph.schema.nodes[t]]
    titles = dict(zip(columns, column_titles(columns, _NODE), strict=True))
    kinds = {**_NODE, **{title: graph.schema.nodes[t][name].type for (t, name), title in titles.items()}}
    with (folder / "nodes.csv").open("w", encoding="utf-8", newline="") as file:
        out = CsvRows(file, kinds)
        for node_type in graph.node_types:
            written[node_type] = _write_nodes(graph, node_type, titles, out)
            lost += _lost_nodes(graph, node_type, graph.num_nodes(node_type) - written[node_type])
        empty = out.empty_texts
    for edge_type in graph.edge_types:
        with (folder / _edge_file(edge_type)).open("w", encoding="utf-8", newline="") as file:
            out = _write_edges(graph, edge_type, file)
        written[edge_type] = out.rows
        empty += out.empty_texts
        lost += lost_edge_times(graph, edge_type) + lost_late_columns(graph, edge_type)
    if empty:
        lost.append(f"that {empty} texts are empty and not missing: CSV does not tell them apart")
    files = ("nodes.csv", *(_edge_file(edge_type) for edge_type in graph.edge_types))
    return ExportContent(files, written, tuple(lost))


def _write_nodes(graph: SocialGraph, node_type: str, titles: Mapping[tuple[str, str], str], out: CsvRows) -> int:
    """Rows of the nodes of one type; the number of nodes that have one."""
    measured = _measured_values(graph, node_type, titles)
    plain = {
        n: c for n, c in graph.schema.nodes[node_type].items() if n not in graph.schema.measured_columns(node_type)
    }
    columns = [plain_values(graph.column(node_type, name)) for name in plain]
    first, row = graph.known_at(node_type).tolist(), graph.row_known_at(node_type).tolist()
    count = 0
    rows = zip(graph.node_ids(node_type), first, row, *columns, strict=True)
    for i, (name, first_known, row_known, *cells) in enumerate(rows):
        if first_known in (UNKNOWN_TIME, NEVER):
            continue
        count += 1
        at: dict[int, dict[str, Any]] = {first_known: {}}
        for (column, declared), cell in zip(plain.items(), cells, strict=True):
            if cell is not None:
                since = max(row_known, declared.known_at) if isinstance(declared.known_at, int) else row_known
                at.setdefault(since, {})[titles[node_type, column]] = cell
        for since, title, value in measured.get(i, ()):
            at.setdefault(since, {})[title] = value
        for since, values in sorted(at.items()):
            out.write({"id": f"{node_type}:{name}", "time": since * PER_SECOND, "type": node_type, **values})
    return count


def _measured_values(graph: SocialGraph, node_type: str, titles: Mapping[tuple[str, str], str]) -> dict[int, _Timed]:
    """Measurements of known time, by node."""
    found: dict[int, _Timed] = {}
    for column in graph.schema.measured_columns(node_type):
        seen = graph.measurements(node_type, column)
        for node, time, value in zip(seen.node.tolist(), seen.time.tolist(), plain_values(seen.values), strict=True):
            if time != NEVER:
                found.setdefault(node, []).append((time, titles[node_type, column], value))
    return found


def _write_edges(graph: SocialGraph, edge_type: EdgeType, file: TextIO) -> CsvRows:
    """Edges of one type whose time was recorded."""
    source, relation, target = edge_type
    columns = graph.schema.edges[edge_type]
    titles = dict(zip(columns, column_titles(((relation, name) for name in columns), _EDGE), strict=True))
    out = CsvRows(file, {**_EDGE, **{titles[name]: column.type for name, column in columns.items()}})
    for edge in edge_rows(graph, [edge_type], edge_keys(graph.schema)):
        if edge.time is not None:
            ends = {"src": f"{source}:{edge.src}", "dst": f"{target}:{edge.dst}"}
            values = {titles[key.column]: value for key, value in edge.values if key.role == "column"}
            out.write({**ends, "time": edge.time * PER_SECOND, "type": relation, **values})
    return out


def _lost_nodes(graph: SocialGraph, node_type: str, timeless: int) -> list[str]:
    lost = [f"{timeless} {node_type} nodes without any time: Raphtory's nodes need one"] if timeless else []
    for column in graph.schema.measured_columns(node_type):
        unknown = int((graph.measurements(node_type, column).time == NEVER).sum())
        if unknown:
            lost.append(f"{unknown} measurements of {node_type}.{column} of unknown time: Raphtory's values need one")
    return lost


def _edge_file(edge_type: EdgeType) -> str:
    return edge_file(edge_type).removesuffix(".parquet") + ".csv"

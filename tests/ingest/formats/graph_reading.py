"""Reads a graph file back into a graph, as the driver of readers does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from graphsocial.errors import EventFormatError
from graphsocial.graph import SocialGraph
from graphsocial.graph.columns import ARROW_TYPE
from graphsocial.ingest.formats.gexf import GexfReader
from graphsocial.ingest.formats.graphml import GraphMLReader
from graphsocial.store.events import EdgeRow, Measurement, NodeRow, Skipped


def read_graph(reader: GexfReader | GraphMLReader, path: Path) -> SocialGraph:
    """The graph of a file in which every record can be read."""
    mine = reader.for_file(path)
    nodes: dict[str, list[dict[str, Any]]] = {t: [] for t in mine.schema.nodes}
    edges: dict[Any, list[dict[str, Any]]] = {t: [] for t in mine.schema.edges}
    measured: dict[str, list[dict[str, Any]]] = {t: [] for t in mine.schema.nodes}
    for _, record in mine.records(path):
        if isinstance(record, EventFormatError):
            raise record
        for event in mine.events(record):
            if isinstance(event, NodeRow):
                keys = {"id": event.id, "known_at": event.known_at, "first_known": event.first_known}
                nodes[event.type].append(keys | event.values)
            elif isinstance(event, EdgeRow):
                edges[event.type].append({"src": event.src, "dst": event.dst, "time": event.time} | event.values)
            elif isinstance(event, Measurement):
                measured[event.type].append({"id": event.id, "measured_at": event.at} | event.values)
            else:
                assert isinstance(event, Skipped)
    schema = mine.schema
    node_keys = {"id": "string", "known_at": "int", "first_known": "int"}
    return SocialGraph.build(
        schema,
        {t: _table(rows, node_keys, schema.nodes[t], set(schema.measured_columns(t))) for t, rows in nodes.items()},
        {
            t: _table(rows, {"src": "string", "dst": "string", "time": "int"}, schema.edges[t])
            for t, rows in edges.items()
        },
        "",
        mine.assumptions,
        measurements={
            t: _table(rows, {"id": "string", "measured_at": "int"}, schema.measured_columns(t))
            for t, rows in measured.items()
        },
    )


def _table(rows: list[dict[str, Any]], keys: dict[str, str], columns: Any, without: set[str] = frozenset()) -> pa.Table:  # type: ignore[assignment]
    types = keys | {name: column.type for name, column in columns.items() if name not in without}
    return pa.table({name: pa.array([row.get(name) for row in rows], ARROW_TYPE[kind]) for name, kind in types.items()})

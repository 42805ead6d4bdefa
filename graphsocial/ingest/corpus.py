"""Gathers accepted rows, and turns them into a graph once the last event is known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from graphsocial.graph import SocialGraph
from graphsocial.ingest.earliest_rows import EarliestRows, Place
from graphsocial.ingest.folder_schema import FolderSchema, known_time
from graphsocial.ingest.mapping import ColumnMapping, FolderMapping
from graphsocial.ingest.media_paths import MediaPaths
from graphsocial.ingest.row_buffer import RowBuffer
from graphsocial.ingest.row_reader import RowContent
from graphsocial.schema import EdgeType

EDGE_ONLY = -1
"""Row number of edges whose row is no node; such rows are never displaced."""

_ROW = "#row"
"""Column with the number of the row, until it is known which rows stay."""

_ARROW = {"string": pa.large_string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}


class Corpus:
    """Rows of a folder on their way into a graph."""

    def __init__(self, mapping: FolderMapping, name: str, media: MediaPaths):
        self._mapping, self._name, self._media = mapping, name, media
        self._rows = EarliestRows()
        self._schema = FolderSchema(mapping)
        self._nodes: dict[int, RowBuffer] = {}
        self._edges: dict[tuple[int, int, EdgeType], RowBuffer] = {}
        for t, table in enumerate(mapping.tables):
            if table.node is not None:
                self._nodes[t] = RowBuffer(_arrow_schema(("id",), ("known_at", _ROW), table.columns))
            for e, edges in enumerate(table.edges):
                for edge_type in edges.edge_types:
                    fields = _arrow_schema(("src", "dst"), ("time", _ROW), edges.columns)
                    self._edges[t, e, edge_type] = RowBuffer(fields)

    def add(self, table: int, content: RowContent, cells: list[object], place: Place) -> Place | None:
        """Adds a row of the mapping's table number `table`.

        Returns:
            Where the row stands that has to go because its node has an earlier row, None when there is none.
        """
        number, loser = EDGE_ONLY, None
        node_type = self._mapping.tables[table].node
        if node_type is not None and content.id is not None:
            number, loser = self._rows.offer(node_type, content.id, content.time, cells, place)
            if loser == place:
                return loser
            self._nodes[table].add((content.id, content.time, number, *content.values))
        for edge in content.edges:
            self._edges[table, edge.mapping, edge.type].add((edge.src, edge.dst, content.time, number, *edge.values))
        return loser

    def graph(self, media_root: Path, assumptions: tuple[str, ...]) -> SocialGraph:
        """The graph of all rows added."""
        node_tables = {t: self._standing(buffer.table()) for t, buffer in self._nodes.items()}
        edge_tables = {key: self._standing(buffer.table()) for key, buffer in self._edges.items()}
        times = [
            *(t.column("known_at") for t in node_tables.values()),
            *(t.column("time") for t in edge_tables.values()),
        ]
        last = _last_event(times, self._mapping.last_event)
        schema = self._schema.schema(last)

        nodes: dict[str, list[pa.Table]] = {}
        for t, rows in node_tables.items():
            table = self._mapping.tables[t]
            if table.time is None:
                known = pa.array([known_time(table.known_at, last)] * rows.num_rows, pa.int64())
                rows = rows.set_column(rows.column_names.index("known_at"), "known_at", known)
            nodes.setdefault(str(table.node), []).append(rows.drop_columns([_ROW]))
        edges: dict[EdgeType, list[pa.Table]] = {}
        for (_, _, edge_type), rows in edge_tables.items():
            edges.setdefault(edge_type, []).append(rows.drop_columns([_ROW]))
        joined = {edge_type: pa.concat_tables(parts, promote_options="default") for edge_type, parts in edges.items()}
        if self._mapping.media:
            nodes["media"] = [self._media_rows(joined)]
        return SocialGraph.build(
            schema,
            {node_type: pa.concat_tables(parts, promote_options="default") for node_type, parts in nodes.items()},
            joined,
            name=self._name,
            assumptions=(*self._mapping.assumptions, *self._schema.assumptions(last), *assumptions),
            media_root=str(media_root),
        )

    def _standing(self, rows: pa.Table) -> pa.Table:
        """The rows without those that an earlier one has displaced."""
        if not self._rows.dropped:
            return rows
        dropped = pa.array(sorted(self._rows.dropped), pa.int64())
        return rows.filter(pc.invert(pc.is_in(rows.column(_ROW), value_set=dropped)))

    def _media_rows(self, edges: Mapping[EdgeType, pa.Table]) -> pa.Table:
        """Media that an edge names, with the path of their file: without a time, so known when the edge is."""
        named: set[str] = set()
        for (source, _, target), table in edges.items():
            for node_type, end in ((source, "src"), (target, "dst")):
                if node_type == "media":
                    named.update(pc.unique(table.column(end)).to_pylist())
        found = {name: path for name, path in sorted(self._media.found.items()) if name in named}
        return pa.table(
            {"id": pa.array(list(found), pa.large_string()), "path": pa.array(list(found.values()), pa.large_string())}
        )


def _arrow_schema(ids: tuple[str, ...], numbers: tuple[str, ...], columns: Mapping[str, ColumnMapping]) -> pa.Schema:
    fields = [pa.field(name, pa.large_string()) for name in ids]
    fields += [pa.field(name, pa.int64()) for name in numbers]
    return pa.schema([*fields, *(pa.field(name, _ARROW[c.type]) for name, c in columns.items())])


def _last_event(times: list[pa.ChunkedArray], stated: int | None) -> int | None:
    latest = [stated, *(pc.max(time).as_py() for time in times)]
    return max((time for time in latest if time is not None), default=None)

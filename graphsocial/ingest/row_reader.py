"""The cells of one row to a node and its edges, as a mapping says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from graphsocial.errors import EventFormatError, did_you_mean
from graphsocial.ingest.cells import read_id, read_ids, read_text, read_time, read_value, shown
from graphsocial.ingest.mapping import ColumnMapping, EdgeMapping, TableMapping
from graphsocial.ingest.media_paths import MediaPaths
from graphsocial.schema import EdgeType

T = TypeVar("T")


class RowEdge(NamedTuple):
    """One edge of a row; `mapping` is the position of its mapping among those of the table."""

    mapping: int
    type: EdgeType
    src: str
    dst: str
    values: tuple[Any, ...]


class RowContent(NamedTuple):
    """What one row says."""

    id: str | None
    time: int | None
    values: tuple[Any, ...]
    edges: list[RowEdge]


class RowReader:
    """Reads the rows of one table; every cell is checked before anything of the row is used."""

    def __init__(self, table: TableMapping, media: MediaPaths):
        self._table, self._media = table, media
        self._place = {name: place for place, name in enumerate(table.sources)}
        self._needs_time = table.node is not None or any(edges.crawled_at is None for edges in table.edges)
        self._columns = tuple(table.columns.values())
        self._edge_columns = [tuple(edges.columns.values()) for edges in table.edges]

    def read(self, cells: Sequence[Any]) -> RowContent:
        """One row, its cells in the order of `table.sources`.

        Raises:
            EventFormatError: A cell cannot be read; `field` names its column.
        """
        table = self._table
        name = None if table.id is None else self._cell(cells, table.id, read_id)
        time = None if table.time is None else self._cell(cells, table.time, read_time)
        if time is None and table.time is not None and self._needs_time:
            raise EventFormatError("missing time", field=table.time)
        values = self._values(cells, self._columns)
        edges = [edge for place in range(len(table.edges)) for edge in self._edges(cells, place)]
        return RowContent(name, time, values, edges)

    def _edges(self, cells: Sequence[Any], place: int) -> list[RowEdge]:
        mapping = self._table.edges[place]
        edge_type = mapping.type
        if edge_type is None:
            assert mapping.type_column is not None
            edge_type = self._cell(cells, mapping.type_column, _read_edge_type, mapping)
        targets = self._cell(cells, mapping.dst, _read_targets, mapping)
        if not targets:
            return []
        source = self._cell(cells, mapping.src, read_id)
        if edge_type[0] == "media":
            self._cell(cells, mapping.src, self._find_media, [source])
        if edge_type[2] == "media":
            self._cell(cells, mapping.dst, self._find_media, targets)
        values = self._values(cells, self._edge_columns[place])
        return [RowEdge(place, edge_type, source, target, values) for target in targets]

    def _find_media(self, _: Any, names: list[str]) -> None:
        for name in names:
            self._media.find(name)

    def _values(self, cells: Sequence[Any], columns: tuple[ColumnMapping, ...]) -> tuple[Any, ...]:
        return tuple([self._cell(cells, column.source, read_value, column.type) for column in columns])

    def _cell(self, cells: Sequence[Any], name: str, read: Callable[..., T], *arguments: Any) -> T:
        try:
            return read(cells[self._place[name]], *arguments)
        except EventFormatError as error:
            error.field = name
            raise


def _read_edge_type(cell: Any, mapping: EdgeMapping) -> EdgeType:
    said = "" if cell is None else read_text(cell).strip()
    if said not in mapping.types:
        known = ", ".join(mapping.types)
        raise EventFormatError(f"got {shown(said)}, expected one of {known}.{did_you_mean(said, mapping.types)}")
    return mapping.types[said]


def _read_targets(cell: Any, mapping: EdgeMapping) -> list[str]:
    """Target ids of a cell, each once; empty only where the mapping allows it."""
    if mapping.split is not None:
        found = read_ids(cell, mapping.split)
    elif mapping.optional and (cell is None or not str(cell).strip()):
        return []
    else:
        found = [read_id(cell)]
    if not (mapping.strip or mapping.lower):
        return found
    if mapping.strip:
        found = [target.strip(mapping.strip) for target in found]
    if mapping.lower:
        found = [target.lower() for target in found]
    targets = [target for target in dict.fromkeys(found) if target]
    if not targets and mapping.split is None and not mapping.optional:
        raise EventFormatError(f"missing id, got {shown(cell)}")
    return targets

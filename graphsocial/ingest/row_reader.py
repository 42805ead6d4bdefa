"""The cells of one row to a node and its edges, as a mapping says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from graphsocial.errors import EventFormatError, did_you_mean
from graphsocial.ingest.cells import read_id, read_ids, read_text, read_time, reader_of, shown
from graphsocial.ingest.mapping import ColumnMapping, EdgeMapping, TableMapping
from graphsocial.ingest.media_paths import MediaPaths
from graphsocial.schema import EdgeType


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


_Values = tuple[tuple[int, Callable[[Any], Any]], ...]
"""Places of cells that become values, and what reads each."""


class _EdgeCells(NamedTuple):
    """Where the cells of one edge mapping stand."""

    mapping: EdgeMapping
    kind: int | None
    src: int
    dst: int
    one_target: bool
    columns: _Values


class RowReader:
    """Reads the rows of one table; every cell is checked before anything of the row is used."""

    def __init__(self, table: TableMapping, media: MediaPaths):
        self._media = media
        self._names = table.sources
        places = {name: place for place, name in enumerate(table.sources)}

        def values(columns: Mapping[str, ColumnMapping]) -> _Values:
            return tuple((places[column.source], reader_of(column.type)) for column in columns.values())

        self._id = None if table.id is None else places[table.id]
        self._time = None if table.time is None else places[table.time]
        self._needs_time = table.node is not None or any(edges.crawled_at is None for edges in table.edges)
        self._columns = values(table.columns)
        self._edges = tuple(
            _EdgeCells(
                mapping=edges,
                kind=None if edges.type_column is None else places[edges.type_column],
                src=places[edges.src],
                dst=places[edges.dst],
                one_target=edges.split is None and not (edges.strip or edges.lower or edges.optional),
                columns=values(edges.columns),
            )
            for edges in table.edges
        )

    def read(self, cells: Sequence[Any]) -> RowContent:
        """One row, its cells in the order of `table.sources`.

        Raises:
            EventFormatError: A cell cannot be read; `field` names its column.
        """
        name = time = None
        place = 0  # of the cell being read: one handler for the whole row is much cheaper than one for each cell
        try:
            if self._id is not None:
                place = self._id
                name = read_id(cells[place])
            if self._time is not None:
                place = self._time
                time = read_time(cells[place])
                if time is None and self._needs_time:
                    raise EventFormatError("missing time")
            values = []
            for place, read in self._columns:
                cell = cells[place]
                values.append(None if cell is None or cell == "" else read(cell))
            edges: list[RowEdge] = []
            for number, (mapping, kind, src, dst, one_target, columns) in enumerate(self._edges):
                edge_type = mapping.type
                if kind is not None:
                    place = kind
                    edge_type = _read_edge_type(cells[place], mapping)
                assert edge_type is not None
                place = dst
                targets = [read_id(cells[place])] if one_target else _read_targets(cells[place], mapping)
                if not targets:
                    continue
                place = src
                source = read_id(cells[place])
                if edge_type[0] == "media":
                    self._media.find(source)
                if edge_type[2] == "media":
                    place = dst
                    for target in targets:
                        self._media.find(target)
                of_edge = []
                for place, read in columns:
                    cell = cells[place]
                    of_edge.append(None if cell is None or cell == "" else read(cell))
                shared = tuple(of_edge)
                edges += [RowEdge(number, edge_type, source, target, shared) for target in targets]
        except EventFormatError as error:
            error.field = self._names[place]
            raise
        return RowContent(name, time, tuple(values), edges)


def _read_edge_type(cell: Any, mapping: EdgeMapping) -> EdgeType:
    found = mapping.types.get(cell) if type(cell) is str else None
    if found is not None:
        return found
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

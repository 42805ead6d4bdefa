"""Any table, CSV, Parquet or JSON lines, as events: a mapping says what its columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from graphsocial.errors import DataIntegrityError, EventFormatError, SchemaError, did_you_mean
from graphsocial.graph.time import NEVER
from graphsocial.ingest.cells import shown
from graphsocial.ingest.data_file import open_data_file
from graphsocial.ingest.default_mapping import default_mapping
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.folder_schema import FolderSchema
from graphsocial.ingest.json_rows import JSON_ENDINGS, JsonRowsFile, value_at
from graphsocial.ingest.mapping import MEASURED_LATER, ColumnMapping, FolderMapping, KnownAt, TableMapping
from graphsocial.ingest.mapping_file import MAPPING_FILE, read_mapping
from graphsocial.ingest.media_paths import MediaPaths
from graphsocial.ingest.row_reader import RowReader
from graphsocial.ingest.table_files import table_files
from graphsocial.schema import AT_ROW, MEASURED, NODE_TYPES, Column, EdgeType, Flow, Schema
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow

MEDIA_REMEMBERED = 1 << 16
"""Media whose file is not looked for again; with more of them the reader forgets, so that its memory stays flat."""


class MappedTableReader:
    r"""Rows of one table, one at a time.

    Columns known with their row go to the node's row. What was measured becomes a measurement, at the time that the
    mapping states (but not before its row) or at one that nobody recorded. So do all columns of a table without a time
    whose rows became known nobody knows when. A media node's path comes with each row that names it.

    Attributes:
        table: What the columns mean.
        folder: What paths of media are relative to.
        assumptions: Those of the mapping, then what follows from it.
        schema: What the rows may hold.

    >>> from graphsocial.ingest.mapping import EdgeMapping
    >>> author = EdgeMapping("user", "post", ("user", "author", "post"))
    >>> posts = TableMapping(("posts.csv",), "post", "post", "time", edges=(author,))
    >>> posts.sources
    ('post', 'time', 'user')
    >>> for event in MappedTableReader(posts).events(["p1", "10", "ann"]):
    ...     print(event)
    NodeRow(type='post', id='p1', known_at=10, values={}, first_known=None)
    EdgeRow(type=('user', 'author', 'post'), src='ann', dst='p1', time=10, values={})
    """

    format: ClassVar[str] = "table"
    documented: ClassVar[str] = "mapping.toml of this project, format 1 (`graphsocial.ingest.mapping`)"

    def __init__(
        self,
        table: TableMapping,
        folder: str | Path = ".",
        media: tuple[str, ...] = (),
        assumptions: tuple[str, ...] = (),
    ):
        """A reader of one table.

        Args:
            table: What the columns mean.
            folder: Where media lie.
            media: Patterns of their paths, as in `FolderMapping`.
            assumptions: Sentences that reports list.

        Raises:
            SchemaError: The mapping contradicts itself.
        """
        self.table, self.folder = table, Path(folder)
        self.schema = _schema(table, media)
        self.assumptions = tuple(dict.fromkeys((*assumptions, *_assumptions(table, self.schema))))
        self._media = MediaPaths(self.folder, media)
        self._finds_media = "path" in self.schema.nodes.get("media", {}) and bool(media)
        self._rows = RowReader(table, self._media)
        self._undated = table.time is None and table.known_at == MEASURED_LATER
        self._known_at = table.known_at if isinstance(table.known_at, int) else None
        self._known: list[tuple[str, int]] = []
        measured: dict[int | None, list[tuple[str, int]]] = {}
        for place, (name, column) in enumerate(table.columns.items()):
            at = _measured_at(table, column)
            if at == AT_ROW:
                self._known.append((name, place))
            else:
                measured.setdefault(at if isinstance(at, int) else None, []).append((name, place))
        self._measured = list(measured.items())
        self._edge_columns = [tuple(edges.columns) for edges in table.edges]
        self._refused = list(_refused(table))

    @classmethod
    def from_mapping_file(cls, mapping: str | Path, file: str | Path) -> MappedTableReader:
        """The reader of a file that a `mapping.toml` names; media lie beside the mapping.

        Raises:
            SchemaError: The mapping is wrong, or not exactly one of its tables is in the file.
        """
        mapping, file = Path(mapping), Path(file)
        read = read_mapping(mapping)
        found = [table for table in read.tables if _names_file(table, mapping.parent, file)]
        if len(found) != 1:
            patterns = ", ".join(pattern for table in read.tables for pattern in table.files)
            raise SchemaError(f"{mapping} has {len(found)} tables in {file.name}, expected one; it names {patterns}")
        return cls(found[0], mapping.parent, read.media, read.assumptions)

    @classmethod
    def for_folder(cls, folder: str | Path) -> list[tuple[Path, MappedTableReader]]:
        """Every table file of a folder with its reader, by `mapping.toml` or conventional names as in `read_folder`.

        A file that holds two tables stands twice. Checksums are left to `verify_checksums`.

        Raises:
            DataIntegrityError: There is no such folder, or no file of a table that is not optional.
            SchemaError: The mapping is wrong, or there is none and the names are not the conventional ones.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise DataIntegrityError(f"no data folder {folder}")
        stated = (folder / MAPPING_FILE).is_file()
        mapping = read_mapping(folder / MAPPING_FILE) if stated else default_mapping(folder)
        FolderSchema(mapping)  # raises where two tables contradict each other
        found = []
        for table in mapping.tables:
            reader = cls(table, folder, mapping.media, mapping.assumptions)
            found += [(file, reader) for file in table_files(folder, table)]
        return found

    def recognises(self, sample: FileSample) -> bool:
        """Whether a file has the columns of the table; for JSON lines, whether an object has its ids."""
        if sample.name.endswith(JSON_ENDINGS):
            return any(self._has_ids(first) for first in sample.first)
        names = sample.header(self.table.delimiter)
        if sample.path.suffix == ".parquet":
            try:
                names = open_data_file(sample.path).header()
            except EventFormatError:
                return False
        return set(self.table.sources) <= set(names)

    def records(self, path: Path) -> Records:
        """Cells of each row in the order of `table.sources`, with the physical line on which it begins.

        JSON objects may lack fields, other files no columns that the mapping names.

        Raises:
            EventFormatError: There is no such file, or it lacks a column.
        """
        if not path.is_file():
            raise EventFormatError(f"{path} is not a file", str(path))
        file = open_data_file(path, self.table.delimiter, self.table.quote)
        if not isinstance(file, JsonRowsFile):
            _check_header(path, file.header(), self.table.sources)
        return file.rows(self.table.sources)

    def events(self, record: list[Any]) -> list[Event]:
        """The node of a row, its measurements, its edges and the files of the media that it names."""
        for name, place, kinds, expected in self._refused:
            if type(record[place]) is not str and isinstance(record[place], kinds):
                raise EventFormatError(f"got {shown(record[place])}, expected {expected}", field=name)
        if len(self._media.found) > MEDIA_REMEMBERED:
            self._media.found.clear()
        node, time, values, edges = self._rows.read(record)
        found: list[Event] = []
        if node is not None:
            node_type = str(self.table.node)
            known = self._known_at if time is None else time
            row = {name: values[place] for name, place in self._known}
            # of a table that nobody dated, a node is known once something else names it, and not from the beginning
            undated = self._undated
            found.append(NodeRow(node_type, node, NEVER if undated else known, row, NEVER if undated else None))
            for at, columns in self._measured:
                measured = {name: values[place] for name, place in columns}
                if any(value is not None for value in measured.values()):
                    at = at if at is None or known is None else max(at, known)
                    found.append(Measurement(node_type, node, at, measured))
        for number, edge_type, source, target, given in edges:
            columns_of = self._edge_columns[number]
            of_edge = dict(zip(columns_of, given, strict=True)) if columns_of else {}
            found.append(EdgeRow(edge_type, source, target, time, of_edge))
        if self._finds_media:
            ends = [(t[0], src) for _, t, src, _, _ in edges] + [(t[2], dst) for _, t, _, dst, _ in edges]
            for media in dict.fromkeys(end for kind, end in ends if kind == "media"):
                path = self._media.found[media]
                if path is not None:
                    found.append(NodeRow("media", media, None, {"path": path}))
        return found

    def _has_ids(self, record: Mapping[str, Any]) -> bool:
        table = self.table
        ids = [end for edges in table.edges for end in (edges.src, edges.dst)] if table.id is None else [table.id]
        try:
            return all(value_at(record, name) is not None for name in ids)
        except EventFormatError:
            return False


def _measured_at(table: TableMapping, column: ColumnMapping) -> KnownAt:
    """When the values of a node column were measured, or that they are known with their row."""
    if column.known_at == AT_ROW and table.time is None and table.known_at == MEASURED_LATER:
        return MEASURED_LATER
    return column.known_at


def _refused(table: TableMapping) -> Iterator[tuple[str, int, tuple[type, ...], str]]:
    """Name and place of cells that must not hold values of some types, whose notation in Python would become text."""
    place = {name: number for number, name in enumerate(table.sources)}
    ids = [edges.src for edges in table.edges] + [edges.dst for edges in table.edges if edges.split is None]
    for name in dict.fromkeys(ids if table.id is None else [table.id, *ids]):
        yield name, place[name], (bytes,), "an id: text or a whole number"
    for name in dict.fromkeys(edges.dst for edges in table.edges if edges.split is not None):
        yield name, place[name], (bytes, bool, float, dict), "ids: text, a whole number or a list of them"
    groups = [table.columns, *(edges.columns for edges in table.edges)]
    for name in dict.fromkeys(c.source for columns in groups for c in columns.values() if c.type == "string"):
        yield name, place[name], (bytes, list, dict), "text"


def _schema(table: TableMapping, media: tuple[str, ...]) -> Schema:
    """Types of a table's nodes and edges; raises SchemaError where the mapping contradicts itself."""
    FolderSchema(FolderMapping((table,), media=media))
    nodes: dict[str, dict[str, Column]] = {}
    edges: dict[EdgeType, dict[str, Column]] = {}
    flow: dict[EdgeType, Flow] = {}
    crawled_at: dict[EdgeType, int] = {}
    if table.node is not None:
        nodes[table.node] = {
            name: Column(c.type, AT_ROW if _measured_at(table, c) == AT_ROW else MEASURED, c.note)
            for name, c in table.columns.items()
        }
    for given in table.edges:
        columns = {
            # an edge's values have no time of their own: those of an unknown one are known in no view as of a time
            name: Column(c.type, NEVER if c.known_at == MEASURED_LATER else c.known_at, c.note)
            for name, c in given.columns.items()
        }
        for edge_type in given.edge_types:
            for end in (edge_type[0], edge_type[2]):
                nodes.setdefault(end, {})
            edges.setdefault(edge_type, {}).update(columns)
            if given.flow is not None:
                flow[edge_type] = given.flow
            if isinstance(given.crawled_at, int):
                crawled_at[edge_type] = given.crawled_at
    if media and "media" in nodes:
        nodes["media"]["path"] = Column(note="file, relative to the media root")
    return Schema({name: nodes[name] for name in NODE_TYPES if name in nodes}, edges, flow, crawled_at)


def _assumptions(table: TableMapping, schema: Schema) -> Iterator[str]:
    """Sentences on time and flow."""
    if table.time is not None:
        yield "times without a zone are UTC"
    later = [f"{table.node}.{n}" for n, c in table.columns.items() if _measured_at(table, c) == MEASURED_LATER]
    for kind, columns in schema.edges.items():
        later += [f"({', '.join(kind)}).{name}" for name, column in columns.items() if column.known_at == NEVER]
    if later:
        yield f"{', '.join(later)}: measured at a time nobody recorded, so no view as of a time shows them"
    for way, words in (("forward", "from source to target"), ("backward", "from target to source")):
        along = [kind for kind in schema.edges if schema.flow_of(kind) == way]
        if along:
            named = ", ".join(f"({', '.join(k)})" + ("" if k in schema.flow else " (by default)") for k in along)
            yield f"influence travels {words} along {named}"


def _check_header(path: Path, header: list[str], names: tuple[str, ...]) -> None:
    for name in names:
        if header.count(name) != 1:
            wrong = "stands twice" if name in header else "is missing"
            message = f"{path}: column {name!r}, which the mapping names, {wrong}, got {', '.join(header)}."
            raise EventFormatError(message + did_you_mean(name, header), str(path), 1, name)


def _names_file(table: TableMapping, folder: Path, file: Path) -> bool:
    """Whether a table's patterns name a file; one outside the folder goes by its name."""
    if file.resolve().is_relative_to(folder.resolve()):
        return any(file.resolve() == found.resolve() for found in table_files(folder, table, required=False))
    return any(fnmatchcase(file.name, PurePosixPath(pattern).name) for pattern in table.files)

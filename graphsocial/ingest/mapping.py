"""What a data folder's tables mean: which column is the id, the time, a node's content or one end of an edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.schema import NODE_TYPES, RELATIONS, ColumnType, EdgeType, Flow

MEASURED_LATER: Final = "unknown"
"""Measured at a moment nobody recorded: known only after the last event of the whole corpus."""

KnownAt = int | Literal["row", "unknown"]
"""When a value became known: with its row, at a stated time (int64 seconds UTC), or after the last event."""


@dataclass(frozen=True)
class ColumnMapping:
    """One column of a file that becomes a column of a node or edge type.

    Attributes:
        source: Name of the column in the file.
        type: Value type.
        known_at: When its values became known.
        note: What it is, in a line.
    """

    source: str
    type: ColumnType = "string"
    known_at: KnownAt = "row"
    note: str = ""


@dataclass(frozen=True)
class EdgeMapping:
    """Edges that every row of a table gives.

    Attributes:
        src: Column that holds the source's id.
        dst: Column that holds the target's id, or several of them when `split` is set.
        type: Edge type of all rows; None when `type_column` tells them apart.
        type_column: Column whose value names the edge type.
        types: Edge type per value of `type_column`.
        split: What separates several target ids in one cell; a space stands for any whitespace.
        strip: Characters taken off both ends of a target id, such as `#`.
        lower: Whether target ids are folded to lower case.
        optional: Whether a row without a target is fine (always so when `split` is set).
        flow: Which way influence travels; None leaves the relation's default.
        crawled_at: From when edges without a time count as known; None where every edge has a time.
        columns: Columns of the edges.
    """

    src: str
    dst: str
    type: EdgeType | None = None
    type_column: str | None = None
    types: Mapping[str, EdgeType] = field(default_factory=dict)
    split: str | None = None
    strip: str = ""
    lower: bool = False
    optional: bool = False
    flow: Flow | None = None
    crawled_at: int | Literal["unknown"] | None = None
    columns: Mapping[str, ColumnMapping] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.type is None) == (self.type_column is None) or (self.type_column is not None and not self.types):
            raise SchemaError(
                f"edges {self.src} → {self.dst} got type {self.type!r}, type_column {self.type_column!r}, "
                "expected either a type or a type_column with its types"
            )
        for source, relation, target in self.edge_types:
            for node_type in (source, target):
                check_name("node type", node_type, NODE_TYPES)
            check_name("relation", relation, RELATIONS)

    @property
    def edge_types(self) -> tuple[EdgeType, ...]:
        """Every edge type that rows can give."""
        return (self.type,) if self.type is not None else tuple(dict.fromkeys(self.types.values()))


@dataclass(frozen=True)
class TableMapping:
    """One table of a folder, in one or several files.

    Attributes:
        files: File name patterns, relative to the folder.
        node: Node type of the rows, None for a table of edges only.
        id: Column with the node's id.
        time: Column with the time of the row; None where nobody recorded one.
        known_at: For a table without a time, when its rows became known.
        columns: Node columns.
        edges: Edges that each row gives.
        optional: Whether the files may be missing.
        delimiter: Separates the fields of a CSV row.
        quote: Encloses fields of a CSV row; empty where quote characters mean nothing.
    """

    files: tuple[str, ...]
    node: str | None = None
    id: str | None = None
    time: str | None = None
    known_at: int | Literal["unknown"] = MEASURED_LATER
    columns: Mapping[str, ColumnMapping] = field(default_factory=dict)
    edges: tuple[EdgeMapping, ...] = ()
    optional: bool = False
    delimiter: str = ","
    quote: str = '"'

    def __post_init__(self) -> None:
        label = f"table {', '.join(self.files)}"
        if self.node is not None:
            check_name("node type", self.node, NODE_TYPES)
        if (self.node is None) != (self.id is None):
            raise SchemaError(f"{label} got node {self.node!r} and id {self.id!r}, expected both or neither")
        if self.node is None and self.columns:
            raise SchemaError(f"{label} names columns {', '.join(self.columns)} but no node type to put them on")
        if self.node is None and not self.edges:
            raise SchemaError(f"{label} gives neither nodes nor edges")
        _check_free(label, self.columns, ("id", "known_at", "first_known"))
        for edges in self.edges:
            _check_free(label, edges.columns, ("src", "dst", "time"))
            if self.time is None and edges.crawled_at is None:
                raise SchemaError(
                    f"{label}: edges {edges.src} → {edges.dst} have neither a time column nor crawled_at, "
                    'expected one of them (crawled_at = "unknown" means: known only after the last event)'
                )

    @property
    def sources(self) -> tuple[str, ...]:
        """Every column of the file that is read, each once."""
        names = [self.id, self.time, *(c.source for c in self.columns.values())]
        for edges in self.edges:
            names += [edges.src, edges.dst, edges.type_column, *(c.source for c in edges.columns.values())]
        return tuple(dict.fromkeys(name for name in names if name is not None))


@dataclass(frozen=True)
class FolderMapping:
    """What a whole data folder means.

    Attributes:
        tables: Its tables.
        name: What the graph is called in reports; the folder's name when empty.
        media: Where the file of a media node lies, relative to the folder, `{id}` standing for the node's id; the first
            pattern with a file wins. A media node without a file is normal.
        assumptions: Sentences that every report lists.
        last_event: Last event of the whole corpus (int64 seconds UTC), stated so that what was measured later stays
            hidden for as long in an extract of it; None takes the last event found.
    """

    tables: tuple[TableMapping, ...]
    name: str = ""
    media: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    last_event: int | None = None

    def __post_init__(self) -> None:
        for pattern in self.media:
            if "{id}" not in pattern:
                raise SchemaError(f"media path {pattern!r} has no {{id}}, expected something like 'images/{{id}}.jpg'")
        if self.media and any(table.node == "media" for table in self.tables):
            raise SchemaError("media nodes get a path from [media] and rows from a table, expected one of the two")


def check_name(what: str, got: str, known: tuple[str, ...]) -> None:
    """Raises SchemaError naming the nearest valid name when `got` is not one of `known`."""
    if got not in known:
        raise SchemaError(f"unknown {what} {got!r}, expected one of {', '.join(known)}.{did_you_mean(got, known)}")


def _check_free(label: str, columns: Mapping[str, ColumnMapping], kept: tuple[str, ...]) -> None:
    for name in columns:
        if name in kept:
            raise SchemaError(f"{label}: column {name!r} takes a name kept for {', '.join(kept)}, expected another one")

"""Reads `mapping.toml`, the small file that says what the tables of a data folder mean."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from graphsocial.errors import SchemaError, TimeWindowError, did_you_mean
from graphsocial.graph.time import parse_time
from graphsocial.ingest.mapping import (
    MEASURED_LATER,
    ColumnMapping,
    EdgeMapping,
    FolderMapping,
    KnownAt,
    TableMapping,
    check_name,
)
from graphsocial.schema import AT_ROW, ColumnType, EdgeType, Flow

MAPPING_FILE = "mapping.toml"

FORMAT = 1
"""Version of the mapping's layout, the key `format` of the file."""


def read_mapping(path: str | Path) -> FolderMapping:
    """The mapping in a TOML file.

    Raises:
        SchemaError: The file is no TOML, or names something that a mapping does not have.
    """
    try:
        raw = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SchemaError(f"{path} cannot be read as TOML: {error}") from error
    try:
        return parse_mapping(raw)
    except SchemaError as error:
        raise SchemaError(f"{path}: {error}") from error


def parse_mapping(raw: Mapping[str, Any]) -> FolderMapping:
    """The mapping in parsed TOML.

    Raises:
        SchemaError: A key is unknown, missing, or has a value of the wrong kind.

    >>> table = {"files": "posts.csv", "node": "post", "id": "post", "time": "time", "columns": {"text": "string"}}
    >>> parse_mapping({"table": [table]}).tables[0].columns
    {'text': ColumnMapping(source='text', type='string', known_at='row', note='')}
    >>> parse_mapping({"tables": [table]})
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: the mapping has an unknown key 'tables', expected one of format, name, ...
    """
    keys = _Keys(raw, "the mapping")
    if keys.take("format", int, FORMAT) != FORMAT:
        raise SchemaError(f"format {raw['format']!r}, expected {FORMAT}")
    media = _Keys(keys.take("media", dict, {}), "[media]")
    mapping = FolderMapping(
        tables=tuple(_table(t, f"[[table]] {n}") for n, t in enumerate(keys.take("table", list), start=1)),
        name=keys.take("name", str, ""),
        media=media.strings("path"),
        assumptions=keys.strings("assumptions"),
        last_event=_time(keys.take("last_event", None, None)),
    )
    media.done()
    keys.done()
    return mapping


def _table(raw: Any, where: str) -> TableMapping:
    keys = _Keys(raw, where)
    files = keys.strings("files")
    if not files:
        raise SchemaError(f"{where} names no files, expected something like files = 'posts.csv'")
    where = f"table {', '.join(files)}"
    keys.where = where
    table = TableMapping(
        files=files,
        node=keys.take("node", str, None),
        id=keys.take("id", str, None),
        time=keys.take("time", str, None),
        known_at=cast(Any, _known_at(keys.take("known_at", None, MEASURED_LATER), where, row=False)),
        columns=_columns(keys.take("columns", dict, {}), where),
        edges=tuple(_edges(e, f"{where}, [[table.edges]] {n}") for n, e in enumerate(keys.take("edges", list, []), 1)),
        optional=keys.take("optional", bool, False),
        delimiter=keys.character("delimiter", ","),
        quote=keys.character("quote", '"', empty=True),
    )
    keys.done()
    return table


def _edges(raw: Any, where: str) -> EdgeMapping:
    keys = _Keys(raw, where)
    kind = keys.take("type", list, None)
    flow = keys.take("flow", str, None)
    if flow is not None:
        check_name("flow", flow, get_args(Flow))
    crawled_at = keys.take("crawled_at", None, None)
    edges = EdgeMapping(
        src=keys.take("src", str),
        dst=keys.take("dst", str),
        type=None if kind is None else _edge_type(kind, where),
        type_column=keys.take("type_column", str, None),
        types={value: _edge_type(t, where) for value, t in keys.take("types", dict, {}).items()},
        split=keys.take("split", str, None) or None,
        strip=keys.take("strip", str, ""),
        lower=keys.take("lower", bool, False),
        optional=keys.take("optional", bool, False),
        flow=cast("Flow | None", flow),
        crawled_at=None if crawled_at is None else cast(Any, _known_at(crawled_at, where, row=False)),
        columns=_columns(keys.take("columns", dict, {}), where),
    )
    keys.done()
    return edges


def _columns(raw: Mapping[str, Any], where: str) -> dict[str, ColumnMapping]:
    """Columns by name; a bare type is short for a column of that name, known with its row."""
    columns = {}
    for name, value in raw.items():
        keys = _Keys({"type": value} if isinstance(value, str) else value, f"{where}, column {name!r}")
        kind = keys.take("type", str, "string")
        check_name("column type", kind, get_args(ColumnType))
        columns[name] = ColumnMapping(
            source=keys.take("from", str, name),
            type=cast(ColumnType, kind),
            known_at=_known_at(keys.take("known_at", None, AT_ROW), keys.where, row=True),
            note=keys.take("note", str, ""),
        )
        keys.done()
    return columns


def _edge_type(raw: Any, where: str) -> EdgeType:
    if not (isinstance(raw, list) and len(raw) == 3 and all(isinstance(part, str) for part in raw)):
        raise SchemaError(f'{where} got edge type {raw!r}, expected ["source type", "relation", "target type"]')
    return (raw[0], raw[1], raw[2])


def _time(raw: Any) -> int | None:
    try:
        return None if raw is None else parse_time(raw)
    except TimeWindowError as error:
        raise SchemaError(f"last_event: {error}") from error


def _known_at(raw: Any, where: str, row: bool) -> KnownAt:
    if raw == MEASURED_LATER or (row and raw == AT_ROW):
        return cast(KnownAt, raw)
    try:
        return parse_time(raw)
    except TimeWindowError as error:
        words = f"{AT_ROW!r}, {MEASURED_LATER!r}" if row else f"{MEASURED_LATER!r}"
        raise SchemaError(f"{where} got known_at {raw!r}, expected {words} or an ISO time") from error


class _Keys:
    """A TOML table that is read key by key and complains about what nobody asked for."""

    def __init__(self, raw: Any, where: str):
        if not isinstance(raw, dict):
            raise SchemaError(f"{where} is {raw!r}, expected a table of keys")
        self.raw, self.where, self.asked = raw, where, set[str]()

    def take(self, key: str, kind: type | None, *default: Any) -> Any:
        self.asked.add(key)
        if key not in self.raw:
            if not default:
                raise SchemaError(f"{self.where} has no {key!r}")
            return default[0]
        value = self.raw[key]
        if kind is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise SchemaError(f"{self.where}: {key} is {value!r}, expected {_KIND[kind]}")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.take(key, None, ())
        values = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else (None,)
        if not all(isinstance(part, str) for part in values):
            raise SchemaError(f"{self.where}: {key} is {value!r}, expected a string or a list of strings")
        return values

    def character(self, key: str, default: str, empty: bool = False) -> str:
        value = self.take(key, str, default)
        if (len(value) != 1 and not (empty and not value)) or (value in "\r\n" and value):
            raise SchemaError(f"{self.where}: {key} is {value!r}, expected one character{' or none' if empty else ''}")
        return value

    def done(self) -> None:
        for key in self.raw:
            if key not in self.asked:
                known = sorted(self.asked)
                raise SchemaError(
                    f"{self.where} has an unknown key {key!r}, expected one of {', '.join(known)}."
                    f"{did_you_mean(key, known)}"
                )


_KIND = {str: "a string", int: "a whole number", bool: "true or false", list: "a list", dict: "a table of keys"}

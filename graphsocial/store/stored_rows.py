"""The rows of a store in its one Delta table: wide, partitioned by `table`, with columns added as they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from graphsocial.errors import SchemaError
from graphsocial.schema import UNKNOWN_TIME, EdgeType, Schema
from graphsocial.store.event_batch import EventBatch
from graphsocial.store.row_keys import Keys, key_order, row_keys

TABLE = "table"
"""Partition: which node type, edge type, or kind of note a row is of."""

ADDED_ROWS = "rows"
"""Note on a commit that adds files written elsewhere: how many rows they hold."""

SCHEMA_TABLE, SOURCE_TABLE, REJECT_TABLE = "_schema", "_source", "_reject"
NOTES = (SCHEMA_TABLE, SOURCE_TABLE, REJECT_TABLE)

FIELDS: Mapping[str, pa.DataType] = {
    TABLE: pa.string(),
    "id": pa.string(),
    "known_at": pa.int64(),
    "first_known": pa.int64(),
    "src": pa.string(),
    "dst": pa.string(),
    "time": pa.int64(),
    "measured_at": pa.int64(),
    "json": pa.string(),
}
"""Columns of every store; those of node and edge types stand beside them under their own names."""

_STORED = {"string": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}


def node_table(node_type: str) -> str:
    """Name under which the rows of a node type stand.

    >>> node_table("post")
    'post'
    """
    return node_type


def measured_table(node_type: str) -> str:
    """Name under which measurements of a node type stand.

    >>> measured_table("user")
    'user.measured'
    """
    return f"{node_type}.measured"


def edge_table(edge_type: EdgeType) -> str:
    """Name under which edges of a type stand.

    >>> edge_table(("user", "author", "post"))
    'user.author.post'
    """
    return ".".join(edge_type)


def arrow_schema(schema: Schema) -> pa.Schema:
    """Columns of the Delta table for a graph schema.

    Raises:
        SchemaError: Two types have a column of one name and different types, or a column takes a kept name.
    """
    fields = dict(FIELDS)
    owners = [(f"node type {t!r}", columns) for t, columns in schema.nodes.items()]
    owners += [(f"edge type {e}", columns) for e, columns in schema.edges.items()]
    holder: dict[str, str] = {}
    lower = {name.lower(): name for name in FIELDS}
    for owner, columns in owners:
        for name, column in columns.items():
            kept = lower.setdefault(name.lower(), name)
            if name in FIELDS or kept != name:
                raise SchemaError(f"{owner} has a column {name!r}, a name taken by {kept!r}; rename it in the mapping")
            kind = fields.setdefault(name, _STORED[column.type])
            first = holder.setdefault(name, owner)
            if kind != _STORED[column.type]:
                raise SchemaError(
                    f"column {name!r} holds {column.type} in {owner} and {kind} in {first}; "
                    "a store has one column of a name, rename one of them in the mapping"
                )
    return pa.schema([pa.field(name, kind) for name, kind in fields.items()])


class KeyedPart(NamedTuple):
    """Rows of one name with their keys.

    Attributes:
        name: Name under which they stand.
        table: The rows.
        keys: Their keys, uint64 [row, 2].
        owner: Which batch each row is of, int64 [row].
    """

    name: str
    table: pa.Table
    keys: Keys
    owner: np.ndarray


def keyed_parts(*batches: EventBatch) -> list[KeyedPart]:
    """Rows of batches by the name under which they stand, in order of time; equal ones are still among them.

    Of equal ones that of the earlier batch comes first.
    """
    found: dict[str, list[tuple[int, pa.Table]]] = {}
    clocks: dict[str, str] = {}
    for number, batch in enumerate(batches):
        named = [(node_table(t), "known_at", table) for t, table in batch.nodes.items()]
        named += [(measured_table(t), "measured_at", table) for t, table in batch.measured.items()]
        named += [(edge_table(e), "time", table) for e, table in batch.edges.items()]
        for name, clock, table in named:
            if table.num_rows:
                clocks[name] = clock
                found.setdefault(name, []).append((number, table))
    parts = []
    for name, pieces in found.items():
        tables = [table for _, table in pieces]
        table = tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="default").combine_chunks()
        owner = np.repeat([number for number, _ in pieces], [t.num_rows for t in tables])
        order = _time_order(table, clocks[name])
        if order is not None:
            table, owner = table.take(pa.array(order)), owner[order]
        parts.append(KeyedPart(name, table, row_keys(name, table), owner))
    return parts


def all_keys(parts: list[KeyedPart]) -> Keys:
    """Keys of all rows, one part after the other."""
    return np.concatenate([np.empty((0, 2), np.uint64), *(part.keys for part in parts)])


def all_owners(parts: list[KeyedPart]) -> np.ndarray:
    """Which batch each row is of, one part after the other."""
    return np.concatenate([np.empty(0, np.int64), *(part.owner for part in parts)])


def without(parts: list[KeyedPart], known: np.ndarray) -> list[KeyedPart]:
    """The parts without the rows that are known, bool [row of all parts]."""
    if not known.any():
        return parts
    left, first = [], 0
    for name, table, keys, owner in parts:
        fresh = ~known[first : first + len(keys)]
        first += len(keys)
        if fresh.any():
            left.append(KeyedPart(name, table.filter(pa.array(fresh)), keys[fresh], owner[fresh]))
    return left


def wide_rows(parts: list[KeyedPart], schema: Schema) -> pa.Table:
    """All rows in the columns of the Delta table."""
    columns = arrow_schema(schema)
    named = [
        part.table.append_column(TABLE, pa.repeat(pa.scalar(part.name, pa.string()), part.table.num_rows))
        for part in parts
    ]
    return pa.concat_tables([_widened(table, columns) for table in named] or [columns.empty_table()])


def note_rows(table: str, texts: list[str]) -> pa.Table:
    """Notes of one kind, such as what was read so far, in the columns of every store."""
    columns = pa.schema([pa.field(name, kind) for name, kind in FIELDS.items()])
    return _widened(pa.table({TABLE: [table] * len(texts), "json": pa.array(texts, pa.string())}), columns)


def _time_order(table: pa.Table, name: str) -> np.ndarray | None:
    """Rows in order of time, unknown times first, int64 [row]; None where they are."""
    if name not in table.column_names:
        return None
    time = table.column(name).fill_null(UNKNOWN_TIME).to_numpy()
    return None if (time[1:] >= time[:-1]).all() else np.argsort(time, kind="stable")


def first_of_each(keys: Keys) -> np.ndarray:
    """Positions of the first row of each key, ascending."""
    order = key_order(keys)
    return np.sort(order[~repeated(keys[order])])


def repeated(ordered: Keys) -> np.ndarray:
    """Whether each of some keys in order is that of the one before it, bool [row]."""
    found = np.zeros(len(ordered), dtype=bool)
    found[1:] = (ordered[1:, 0] == ordered[:-1, 0]) & (ordered[1:, 1] == ordered[:-1, 1])
    return found


def _widened(table: pa.Table, columns: pa.Schema) -> pa.Table:
    arrays = [
        table.column(f.name).cast(f.type) if f.name in table.column_names else pa.nulls(table.num_rows, f.type)
        for f in columns
    ]
    return pa.table(arrays, schema=columns)

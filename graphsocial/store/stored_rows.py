"""The rows of a store in its one Delta table: wide, partitioned by `table`, with columns added as they come."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphsocial.errors import SchemaError
from graphsocial.schema import EdgeType, Schema
from graphsocial.store.event_batch import EventBatch
from graphsocial.store.row_keys import Keys, row_keys

TABLE = "table"
"""Partition: which node type, edge type, or kind of note a row is of."""

SCHEMA_TABLE, SOURCE_TABLE, REJECT_TABLE = "_schema", "_source", "_reject"
NOTES = (SCHEMA_TABLE, SOURCE_TABLE, REJECT_TABLE)

FIELDS: Mapping[str, pa.DataType] = {
    TABLE: pa.string(),
    "key_high": pa.int64(),
    "key_low": pa.int64(),
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


def tables_of(batch: EventBatch) -> dict[str, pa.Table]:
    """Tables of a batch by the name under which they stand, each in order of time."""
    tables = {node_table(t): _sorted(table, "known_at", "id") for t, table in batch.nodes.items()}
    tables |= {measured_table(t): _sorted(table, "measured_at", "id") for t, table in batch.measured.items()}
    tables |= {edge_table(e): _sorted(table, "time", "src") for e, table in batch.edges.items()}
    return {name: table for name, table in tables.items() if table.num_rows}


def keyed_rows(batch: EventBatch) -> tuple[pa.Table, Keys]:
    """Every row of a batch in the columns of the Delta table, each once, and their keys [row, 2]."""
    columns = arrow_schema(batch.schema)
    parts, keys = [], []
    for name, table in tables_of(batch).items():
        found = row_keys(name, table)
        once = _first_of_each(found)
        found = found[once]
        table = table.take(pa.array(once)) if len(once) < table.num_rows else table
        signed = found.view(np.int64)
        head = {TABLE: pa.array([name] * len(found), pa.string()), "key_high": signed[:, 0], "key_low": signed[:, 1]}
        parts.append(pa.table(head | {n: table.column(n) for n in table.column_names}))
        keys.append(found)
    whole = [_widened(part, columns) for part in parts] or [columns.empty_table()]
    return pa.concat_tables(whole), np.concatenate([np.empty((0, 2), np.uint64), *keys])


def note_rows(table: str, texts: list[str]) -> pa.Table:
    """Notes of one kind, such as what was read so far, in the columns of every store."""
    columns = pa.schema([pa.field(name, kind) for name, kind in FIELDS.items()])
    return _widened(pa.table({TABLE: [table] * len(texts), "json": pa.array(texts, pa.string())}), columns)


def _sorted(table: pa.Table, time: str, name: str) -> pa.Table:
    return table.take(pc.sort_indices(table, [(time, "ascending"), (name, "ascending")]))


def _first_of_each(keys: Keys) -> np.ndarray:
    """Positions of the first row of each key, ascending."""
    order = np.lexsort((np.arange(len(keys)), keys[:, 1], keys[:, 0]))
    ordered = keys[order]
    fresh = np.ones(len(keys), dtype=bool)
    fresh[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return np.sort(order[fresh])


def _widened(table: pa.Table, columns: pa.Schema) -> pa.Table:
    arrays = [
        table.column(f.name).cast(f.type) if f.name in table.column_names else pa.nulls(table.num_rows, f.type)
        for f in columns
    ]
    return pa.table(arrays, schema=columns)

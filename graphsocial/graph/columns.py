"""Casts user tables to the types that the schema declares, with errors that name table and column."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.ids import is_uuid, uuid_texts
from graphsocial.graph.time import EARLIEST, LATEST, NEVER
from graphsocial.schema import UNKNOWN_TIME, Column

ARROW_TYPE: Mapping[str, pa.DataType] = {
    "string": pa.large_string(),  # large: 20 000 texts of 100 kB overflow the 32-bit offsets of plain strings
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
}


def check_columns(table: pa.Table, label: str, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    """Raises SchemaError when a required column is missing, one is unknown, or a name stands twice."""
    if not isinstance(table, pa.Table):
        raise SchemaError(f"{label} is a {type(table).__name__}, expected a pyarrow Table (Polars: frame.to_arrow())")
    names = table.column_names
    known = [*required, *optional]
    for name in required:
        if name not in names:
            raise SchemaError(f"{label} has no column {name!r}, got {', '.join(names) or '(none)'}")
    for name in names:
        if name not in known:
            raise SchemaError(f"{label} has an unknown column {name!r}, expected {known}.{did_you_mean(name, known)}")
    if len(set(names)) != len(names):
        raise SchemaError(f"{label} names a column twice: {', '.join(names)}")


def cast_column(table: pa.Table, label: str, name: str, column: Column) -> pa.Array:
    """One column as one array of its declared type, all null when the table has none."""
    if column.type not in ARROW_TYPE:
        raise SchemaError(
            f"{label}: column {name!r} has type {column.type!r}, expected one of {', '.join(ARROW_TYPE)}."
            f"{did_you_mean(str(column.type), ARROW_TYPE)}"
        )
    wanted = ARROW_TYPE[column.type]
    if name not in table.column_names:
        return pa.nulls(table.num_rows, wanted)
    return _cast(table.column(name), wanted, f"{label}: column {name!r}")


def ids(table: pa.Table, label: str, name: str) -> pa.Array:
    """An id column as strings; raises SchemaError on nulls and on what is no text, whole number or UUID."""
    column = table.column(name)
    kind = column.type
    if not (_is_text(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind) or is_uuid(kind)):
        raise SchemaError(f"{label}: column {name!r} has type {kind}, expected string ids, whole numbers or UUIDs")
    if column.null_count:
        raise SchemaError(f"{label}: column {name!r} has {column.null_count} missing ids, expected an id in every row")
    if is_uuid(kind):
        column = uuid_texts(column)
        if column is None:
            raise SchemaError(f"{label}: column {name!r} has type {kind}, expected UUIDs, of 16 bytes each")
    return _cast(column, pa.large_string(), f"{label}: column {name!r}")


def times(table: pa.Table, label: str, name: str, allow_never: bool = False) -> np.ndarray:
    """A time column as int64 seconds [row], UNKNOWN_TIME where null or where the table has no such column."""
    if name not in table.column_names:
        return np.full(table.num_rows, UNKNOWN_TIME, dtype=np.int64)
    column = table.column(name)
    if not (pa.types.is_integer(column.type) or pa.types.is_null(column.type)):
        raise SchemaError(
            f"{label}: column {name!r} has type {column.type}, expected int64 seconds since 1970-01-01 UTC"
        )
    time = _cast(column, pa.int64(), f"{label}: column {name!r}").fill_null(UNKNOWN_TIME).to_numpy().astype(np.int64)
    wrong = ((time < EARLIEST) | (time > LATEST)) & (time != UNKNOWN_TIME)
    if allow_never:
        wrong &= time != NEVER
    if wrong.any():
        raise SchemaError(
            f"{label}: column {name!r} holds {time[wrong][0]}, outside the years 1 to 9999; "
            "expected seconds since 1970-01-01 UTC (are they milliseconds?)"
        )
    return time


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _cast(column: pa.ChunkedArray, wanted: pa.DataType, what: str) -> pa.Array:
    if wanted == pa.float64() and pa.types.is_boolean(column.type):
        raise SchemaError(f"{what} has type bool, expected {wanted}")
    try:
        cast = column.cast(wanted)
    except pa.ArrowException as error:
        raise SchemaError(f"{what} has type {column.type}, expected {wanted}: {error}") from error
    combined = cast.combine_chunks()
    # combine_chunks gives a chunked array when there is no chunk at all in some versions
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined

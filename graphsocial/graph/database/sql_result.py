"""What a SQL query found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.time import format_time

_INTERVAL = np.dtype([("months", np.int32), ("days", np.int32), ("nanoseconds", np.int64)])


@dataclass(frozen=True, repr=False, eq=False)
class SqlResult(QueryResult):
    """Rows that a SQL query found.

    Attributes:
        table: The rows, as Arrow; times are timestamps in UTC.
        query: What was asked.
        name: Name of the graph.
        as_of: Nothing at or after this time was used, int64 seconds UTC; None for a view without an end.
    """

    table: pa.Table
    query: str
    name: str
    as_of: int | None

    def title(self) -> str:
        """What was asked, and how much was found."""
        when = "" if self.as_of is None else f" as of {format_time(self.as_of)}"
        return f"SQL on {self.name or 'graph'}{when}: {_count(len(self), 'row')} × {_count(self._width, 'column')}"

    def columns(self) -> Mapping[str, Column]:
        """Values by column name, as Python objects."""
        return {name: _Values(self.table.column(name)) for name in self.table.column_names}

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def _width(self) -> int:
        return int(self.table.num_columns)

    def to_arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        return self.table


class _Values(Sequence[Any]):
    """A column read value by value, so that showing six rows does not make objects of millions."""

    def __init__(self, values: pa.ChunkedArray):
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, place: Any) -> Any:
        return self.values[place].to_pylist() if isinstance(place, slice) else self.values[place].as_py()


def plain_table(table: pa.Table) -> pa.Table:
    """The table in types that every data frame has, each column under a name of its own.

    Timestamps say that they are UTC, whole numbers that DuckDB gives as 38-digit decimals are int64 where they fit,
    intervals are durations, or text where they hold months.
    """
    names: list[str] = []
    for name in table.column_names:
        free, number = name, 1
        while free in names:
            number += 1
            free = f"{name}_{number}"
        names.append(free)
    return pa.table([_plain(column) for column in table.columns], names=names)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp(kind.unit, tz="UTC"))
    if pa.types.is_decimal128(kind) and kind.precision == 38 and kind.scale == 0:
        try:
            return column.cast(pa.int64())
        except pa.ArrowException:
            return column
    if kind == pa.month_day_nano_interval():
        return _durations(column.combine_chunks())
    return column


def _durations(column: pa.Array) -> pa.Array:
    raw = np.frombuffer(column.buffers()[1] or b"", dtype=_INTERVAL)[column.offset : column.offset + len(column)]
    missing = column.is_null().to_numpy(zero_copy_only=False)
    months = np.where(missing, 0, raw["months"])
    micro = np.where(missing, 0, raw["days"].astype(np.int64) * 86_400_000_000 + raw["nanoseconds"] // 1000)
    if not months.any():
        return pa.array(micro, mask=missing).view(pa.duration("us"))
    spoken = [f"{m} months {u / 86_400_000_000:g} days" for m, u in zip(months.tolist(), micro.tolist(), strict=True)]
    return pa.array(spoken, mask=missing)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"

"""Rows of a Parquet file, numbered as if a header stood on line 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.csv_rows import Row


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file.

    Attributes:
        path: The file.
    """

    path: Path

    def header(self) -> list[str]:
        """Column names; raises EventFormatError when the file is no Parquet."""
        try:
            return list(pq.read_schema(self.path).names)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise EventFormatError(f"{self.path} cannot be read as Parquet: {error}", str(self.path)) from error

    def rows(self, names: Sequence[str]) -> Iterator[Row]:
        """Values of the named columns, row by row.

        A cell that holds no value of its column's type, such as text that is not UTF-8, costs its row; a damaged part
        ends the file with one wrong row.
        """
        line = 2
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=8192, columns=list(names)):
                    wrong: dict[int, EventFormatError] = {}
                    columns = [_cells(_in_python(batch.column(name)), name, wrong) for name in names]
                    for place, cells in enumerate(zip(*columns, strict=True)):
                        yield line, wrong.get(place) or list(cells)
                        line += 1
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            yield line, EventFormatError(f"the file is damaged, nothing from here on can be read: {error}")


def _cells(column: pa.Array, name: str, wrong: dict[int, EventFormatError]) -> list[Any]:
    """Values of a column; `wrong` takes, by row, what is wrong with those that Python cannot hold."""
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        cells: list[Any] = [None] * len(column)  # it does not say which, so they are read one by one
    for place, value in enumerate(column):
        try:
            cells[place] = value.as_py()
        except UnicodeDecodeError as error:
            reason = f"bytes that are not UTF-8 in {shown(error.object)}"
            wrong.setdefault(place, EventFormatError(reason, field=name))
        except (ValueError, OverflowError) as error:
            wrong.setdefault(place, EventFormatError(f"got no {column.type} that can be read: {error}", field=name))
    return cells


def _in_python(column: pa.Array) -> pa.Array:
    """Python's times hold microseconds; what is finer is cut off."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return column.cast(pa.timestamp("us", kind.tz), safe=False)
    return column

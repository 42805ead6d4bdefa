"""Rows of a Parquet file, numbered as if a header stood on line 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from graphsocial.errors import EventFormatError
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
        """Values of the named columns, row by row; a damaged part ends the file with one wrong row."""
        line = 2
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=8192, columns=list(names)):
                    columns = [_in_python(batch.column(name)).to_pylist() for name in names]
                    for cells in zip(*columns, strict=True):
                        yield line, list(cells)
                        line += 1
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            yield line, EventFormatError(f"the file is damaged, nothing from here on can be read: {error}")


def _in_python(column: pa.Array) -> pa.Array:
    """Python's times hold microseconds; what is finer is cut off."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return column.cast(pa.timestamp("us", kind.tz), safe=False)
    return column

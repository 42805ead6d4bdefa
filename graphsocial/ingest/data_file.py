"""A table in a file, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from graphsocial.ingest.csv_rows import CsvFile, Row
from graphsocial.ingest.parquet_rows import ParquetFile


class DataFile(Protocol):
    """A table in a file."""

    def header(self) -> list[str]:
        """Column names; raises EventFormatError when they cannot be read."""
        ...

    def rows(self, names: Sequence[str]) -> Iterator[Row]:
        """Line number and cells of the named columns, or what is wrong with the row."""
        ...


def open_data_file(path: Path, delimiter: str = ",", quote: str = '"') -> DataFile:
    """The table in a file: Parquet when its name ends in `.parquet`, else CSV."""
    return ParquetFile(path) if path.suffix == ".parquet" else CsvFile(path, delimiter, quote)

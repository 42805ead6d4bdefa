"""A table in a file, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from graphsocial.ingest.byte_stream import plain_name
from graphsocial.ingest.csv_rows import CsvFile, Row
from graphsocial.ingest.json_rows import JSON_ENDINGS, JsonRowsFile
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
    """The table in a file, by the ending of its name: `.parquet`, `.jsonl` or `.ndjson`, else CSV.

    JSON lines may be compressed, which the name then says after that (`posts.jsonl.zst`).
    """
    if path.suffix == ".parquet":
        return ParquetFile(path)
    return JsonRowsFile(path) if plain_name(path).endswith(JSON_ENDINGS) else CsvFile(path, delimiter, quote)

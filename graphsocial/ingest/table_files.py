"""Files of a data folder that hold a table, by the patterns of its mapping."""

from __future__ import annotations

from pathlib import Path

from graphsocial.errors import DataIntegrityError, SchemaError, did_you_mean
from graphsocial.ingest.mapping import TableMapping


def table_files(folder: Path, table: TableMapping, required: bool = True) -> list[Path]:
    """Files of a table, each once and in the order of their names.

    Args:
        folder: What the patterns are relative to.
        table: Names the patterns.
        required: Whether each pattern must have a file, unless the table is optional.

    Raises:
        DataIntegrityError: A pattern has none.
        SchemaError: A pattern leads out of the folder.
    """
    found: set[Path] = set()
    for pattern in table.files:
        if pattern.startswith("/") or ".." in pattern.split("/") or not pattern:
            raise SchemaError(f"file pattern {pattern!r} leads out of the folder, expected one inside {folder}")
        matches = {path for path in folder.glob(pattern) if path.is_file()}
        if not matches and required and not table.optional:
            names = sorted(path.name for path in folder.iterdir() if path.is_file())
            near = did_you_mean(pattern, names)
            raise DataIntegrityError(f"{folder} has no file {pattern!r}, which its mapping names.{near}")
        found |= matches
    return sorted(found)

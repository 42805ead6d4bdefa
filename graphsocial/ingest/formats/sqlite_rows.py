"""Rows of an SQLite database that nobody vouches for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from graphsocial.errors import EventFormatError
from graphsocial.ingest.json_lines import LONGEST_LINE

_DAMAGE = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged database raises; names that are no UTF-8 raise the second."""


def sqlite_rows(path: Path, tables: Sequence[str]) -> Iterator[tuple[str, dict[str, Any] | EventFormatError]]:
    """Rows of some tables in the order given, one in memory at a time, each with the name of its table.

    Tables that a database lacks are passed over. From where a table is damaged on, an error stands for its rows. Bytes
    of a text that are no UTF-8 become lone surrogates, so that they cost their row and not the rest of its table.

    Raises:
        EventFormatError: There is no such file, it is no SQLite database, or it has none of the tables.
    """
    if not path.is_file():
        raise EventFormatError(f"{path} is not a file", str(path))
    with closing(_opened(path)) as database:
        found = _tables(database, path)
        present = [table for table in tables if table in found]
        if not present:
            has = ", ".join(sorted(found)[:5]) or "none"
            raise EventFormatError(f"{path} has no table {' or '.join(tables)}, its tables: {has}", str(path))
        for table in present:
            try:
                for row in _rows(database, table):
                    yield table, row
            except _DAMAGE as error:
                message = f"the rest of table {table} cannot be read: {error}"
                yield table, EventFormatError(message, str(path), field=table)


def _opened(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, whose database cannot call what is not built into SQLite."""
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise EventFormatError(f"{path} cannot be opened: {error}", str(path)) from error
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_LINE)
    database.text_factory = _text
    return database


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="surrogateescape")


def _tables(database: sqlite3.Connection, path: Path) -> set[str]:
    try:
        database.execute("PRAGMA trusted_schema = OFF")
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except _DAMAGE as error:
        raise EventFormatError(f"{path} cannot be read as an SQLite database: {error}", str(path)) from error


def _rows(database: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    cursor = database.execute(f'SELECT * FROM "{table}"')
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))

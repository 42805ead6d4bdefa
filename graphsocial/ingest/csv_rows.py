"""Rows of a CSV file with the physical line each starts on; a broken row costs itself and nothing after it."""

from __future__ import annotations

import csv
import gzip
import threading
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from graphsocial.errors import EventFormatError

Row = tuple[int, list[Any] | EventFormatError]
"""Line number and cells, or what is wrong with the row."""

FIELD_LIMIT = 1 << 20
"""Longest cell, in characters. A forgotten quote would otherwise swallow the rest of the file."""

ROW_LIMIT = 4 << 20
"""Longest row, in characters; a longer line is skipped without being held in memory."""

_DAMAGE = (OSError, EOFError, zlib.error)

_LIMIT_LOCK = threading.Lock()


@dataclass(frozen=True)
class CsvFile:
    """A CSV file in UTF-8, plain or gzipped, with a header.

    Attributes:
        path: The file; a name ending in `.gz` is decompressed.
        delimiter: Separates fields.
        quote: Encloses fields that hold delimiters or newlines; empty where quotes mean nothing.
    """

    path: Path
    delimiter: str = ","
    quote: str = '"'

    def header(self) -> list[str]:
        """Column names; raises EventFormatError when there are none or one stands twice."""
        with self._open() as stream:
            names = _read_header(self._records(stream), self.path)
        for name in names:
            if names.count(name) > 1:
                raise EventFormatError(
                    f"{self.path}: column {name!r} stands twice in the header", str(self.path), 1, name
                )
        return names

    def rows(self, names: Sequence[str]) -> Iterator[Row]:
        """Cells of the named columns, row by row. Blank lines are no rows."""
        with self._open() as stream:
            records = self._records(stream)
            header = _read_header(records, self.path)
            places = [header.index(name) for name in names]
            for line, record in records.iterate(width=len(header)):
                yield line, record if isinstance(record, EventFormatError) else [record[p] for p in places]

    def _open(self) -> IO[bytes]:
        stream = gzip.open(self.path, "rb") if self.path.suffix == ".gz" else open(self.path, "rb")
        return cast("IO[bytes]", stream)

    def _records(self, stream: IO[bytes]) -> _Records:
        return _Records(stream, self.delimiter, self.quote)


class _Records:
    """Parses records from physical lines, and goes back to the line after a broken record's first one.

    Going back matters: a stray quote reads everything up to the next quote as one cell, rows of the file included.
    """

    def __init__(self, stream: IO[bytes], delimiter: str, quote: str):
        self._stream, self._delimiter, self._quote = stream, delimiter, quote
        self._back: deque[str | None] = deque()
        self._taken: list[str | None] = []
        self._size = self._number = 0
        self._read_any = False
        self._damage: Exception | None = None

    def iterate(self, width: int | None) -> Iterator[tuple[int, list[str] | EventFormatError]]:
        reader = self._reader()
        while True:
            self._taken, self._size = [], 0
            line = self._number + 1
            try:
                record = self._parse(reader)
                wrong = ""
                if record and width is not None and len(record) != width:
                    wrong = f"expected {width} fields, got {len(record)}"
            except StopIteration:
                return
            except csv.Error as error:
                wrong = f"not a CSV row: {error}"
            except _DAMAGE as error:
                if not self._taken:
                    yield line, EventFormatError(f"the file is damaged, nothing from here on can be read: {error}")
                    return
                wrong = f"not a CSV row: it runs into a damaged part of the file: {error}"
            if wrong:
                self._go_back()
                reader = self._reader()
                yield line, EventFormatError(wrong)
            elif record:
                yield line, record

    def _reader(self) -> Iterator[list[str]]:
        if not self._quote:
            return csv.reader(self, delimiter=self._delimiter, quoting=csv.QUOTE_NONE, strict=True)
        return csv.reader(self, delimiter=self._delimiter, quotechar=self._quote, strict=True)

    def _parse(self, reader: Iterator[list[str]]) -> list[str]:
        """One record. The csv module's field limit belongs to the whole process, so it is put back every time."""
        with _LIMIT_LOCK:
            before = csv.field_size_limit(FIELD_LIMIT)
            try:
                return next(reader)
            finally:
                csv.field_size_limit(before)

    def __iter__(self) -> _Records:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._read_line()
        self._taken.append(line)
        self._number += 1
        if line is not None:
            self._size += len(line)
        if line is None or self._size > ROW_LIMIT:
            raise csv.Error(f"longer than {ROW_LIMIT:,} characters")
        return line

    def _read_line(self) -> str | None:
        """The next physical line, None for one that is too long to hold."""
        raw = self._read_part()
        if not raw:
            raise StopIteration
        too_long = False
        while len(raw) == 4 * ROW_LIMIT and not raw.endswith(b"\n"):
            too_long, raw = True, self._read_part()
        if not self._read_any:
            self._read_any, raw = True, raw.removeprefix(b"\xef\xbb\xbf")
        if too_long:
            return None
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("utf-8", errors="surrogateescape")  # the cell is refused where it is read, by name

    def _read_part(self) -> bytes:
        if self._damage is not None:
            raise self._damage
        try:
            return self._stream.readline(4 * ROW_LIMIT)
        except _DAMAGE as error:
            self._damage = error
            raise

    def _go_back(self) -> None:
        again = self._taken[1:]
        self._back.extendleft(reversed(again))
        self._number -= len(again)


def _read_header(records: _Records, path: Path) -> list[str]:
    for line, record in records.iterate(width=None):
        if isinstance(record, EventFormatError):
            raise EventFormatError(f"{path}: the header cannot be read: {record}", str(path), line)
        names = [name.strip() for name in record]
        for name in names:
            if not name.isprintable():  # control characters or undecodable bytes: not a UTF-8 text file
                raise EventFormatError(f"{path}: the header is not UTF-8 text, got {name!r}", str(path), line)
        return names
    raise EventFormatError(f"{path} is empty, expected a header", str(path))

"""Records of a file with one JSON object per line, or of a file that is one JSON array."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from graphsocial.errors import EventFormatError
from graphsocial.ingest.byte_stream import DAMAGE, open_bytes
from graphsocial.ingest.export_reader import Records

LONGEST_LINE = 64 << 20
"""Bytes of a line beyond which it is no record; it is passed over without being held."""


def json_lines(path: Path) -> Records:
    """Lines of a file by number, uninterpreted; blank ones are no records, one that is too long is an error.

    Raises:
        EventFormatError: There is no such file.
    """
    number = 0
    with open_bytes(path) as stream:
        try:
            for number, line in enumerate(_lines(stream), start=1):
                if line is None:
                    yield number, EventFormatError(f"the line is longer than {LONGEST_LINE:,} bytes")
                elif line and not line.isspace():
                    yield number, line
        except DAMAGE as error:
            message = f"the file is damaged, nothing from here on can be read: {error}"
            yield number + 1, EventFormatError(message)


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Physical lines, None for one that is too long."""
    first = True
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = stream.readline(LONGEST_LINE)
            yield None
        else:
            yield line.removeprefix(b"\xef\xbb\xbf") if first else line
        first = False


def json_object(line: bytes) -> dict[str, Any]:
    """The object on a line.

    Raises:
        EventFormatError: The line is not UTF-8, not JSON, or no object.

    >>> json_object(b'{"id": 1}')
    {'id': 1}
    >>> json_object(b'{"id": 1')
    Traceback (most recent call last):
    graphsocial.errors.EventFormatError: not JSON: unexpected end of data: line 1 column 9 (char 8)
    """
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as wrong:
            raise EventFormatError(f"not UTF-8: {wrong.reason} at byte {wrong.start}") from error
        raise EventFormatError(f"not JSON: {error}") from error
    if not isinstance(found, dict):
        raise EventFormatError(f"got a JSON {type(found).__name__}, expected an object")
    return found

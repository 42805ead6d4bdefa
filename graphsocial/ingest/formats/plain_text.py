"""Lines and numbers of plain text files, read strictly."""

from __future__ import annotations

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import read_value


def text_of(line: bytes) -> str:
    """A line without its end.

    Raises:
        EventFormatError: It is not UTF-8.
    """
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise EventFormatError(f"not UTF-8: {error.reason} at byte {error.start}") from error


def number_in(text: str, field: str) -> int | float:
    """A finite number, exact where it is whole and written in digits.

    Raises:
        EventFormatError: It is something else.

    >>> number_in("1285475005000", "time"), number_in("1.285475005e+12", "time")
    (1285475005000, 1285475005000.0)
    >>> number_in("soon", "time")
    Traceback (most recent call last):
    graphsocial.errors.EventFormatError: got 'soon', expected a finite number
    """
    try:
        value: int | float | None = read_value(text, "int" if text.isdecimal() else "float")
    except EventFormatError as error:
        raise EventFormatError(str(error), field=field) from error
    if value is None:
        raise EventFormatError("got nothing, expected a number", field=field)
    return value

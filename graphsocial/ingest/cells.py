"""One cell of a table to one value, strictly: what cannot be read raises, nothing is guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from graphsocial.errors import EventFormatError, TimeWindowError
from graphsocial.graph.time import parse_time
from graphsocial.schema import ColumnType

_INT = re.compile(r"\s*[+-]?[0-9]{1,19}\s*", re.ASCII)
_FLOAT = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", re.ASCII)
_BOOL = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False, "t": True, "f": False}


def read_value(cell: Any, kind: ColumnType) -> Any:
    """A value of the column's type, None for an empty cell.

    Raises:
        EventFormatError: The cell holds something else.

    >>> read_value("12", "int"), read_value("", "int"), read_value("TRUE", "bool")
    (12, None, True)
    >>> read_value("12 k", "int")
    Traceback (most recent call last):
    graphsocial.errors.EventFormatError: got '12 k', expected a whole number
    """
    return None if cell is None or cell == "" else reader_of(kind)(cell)


def reader_of(kind: ColumnType) -> Callable[[Any], Any]:
    """What reads the filled cells of a column, so that a table looks it up once instead of at every cell."""
    return _READERS[kind]


def read_text(cell: Any) -> str:
    """Text of a cell; raises EventFormatError where bytes of the file were not UTF-8."""
    text = cell if isinstance(cell, str) else str(cell)
    if not text.isascii():
        try:
            text.encode()  # cheaper than a search for the surrogates that undecodable bytes became
        except UnicodeEncodeError:
            raise EventFormatError(f"bytes that are not UTF-8 in {shown(text)}") from None
    return text


def read_id(cell: Any) -> str:
    """An id without surrounding blanks; raises EventFormatError when there is none.

    >>> read_id(" u17 ")
    'u17'
    """
    if type(cell) is str and cell.isascii() and (name := cell.strip()):
        return name
    if isinstance(cell, bool | float | dict | list):
        raise EventFormatError(f"got {shown(cell)}, expected an id: text or a whole number")
    name = "" if cell is None else read_text(cell).strip()
    if not name:
        raise EventFormatError("missing id")
    return name


def read_time(cell: Any) -> int | None:
    """Seconds since 1970-01-01 UTC, None for an empty cell; raises EventFormatError for no time or a negative one."""
    if isinstance(cell, str):
        cell = cell.strip()
        if len(cell) <= 11 and cell.isascii() and cell.isdigit():  # far inside what parse_time accepts
            return int(cell)
        read_text(cell)
    if cell is None or cell == "":
        return None
    if not isinstance(cell, str | int | float | date):
        raise EventFormatError(f"got {shown(cell)}, expected a time")
    try:
        time = parse_time(cell)
    except TimeWindowError as error:
        raise EventFormatError(str(error)) from error
    if time < 0:
        raise EventFormatError(f"negative time {shown(cell)}, expected one since 1970-01-01 UTC")
    return time


def read_ids(cell: Any, separator: str) -> list[str]:
    """Several ids of one cell, each once, in order; blanks between them do not matter.

    >>> read_ids("storm  flood storm", " ")
    ['storm', 'flood']
    """
    if cell is None or cell == "":
        return []
    if isinstance(cell, list):
        parts = [read_id(part) for part in cell]
    else:
        text = read_text(cell)
        parts = [p.strip() for p in (text.split() if separator.isspace() else text.split(separator))]
    return list(dict.fromkeys(part for part in parts if part))


def shown(cell: Any) -> str:
    """The cell in an error message: quoted, short, and safe to write as UTF-8."""
    if isinstance(cell, str):
        return repr(cell if len(cell) <= 40 else f"{cell[:40]}…")
    try:
        return repr(cell)[:40]
    except RecursionError:
        return f"a {type(cell).__name__} nested too deeply"
    except ValueError:
        return "a number of thousands of digits"


def _read_int(cell: Any) -> int:
    if isinstance(cell, str):
        if len(cell) <= 18 and cell.isascii() and cell.isdigit():
            return int(cell)
        if _INT.fullmatch(cell) and -(2**63) <= (value := int(cell)) < 2**63:
            return value
    elif isinstance(cell, int) and not isinstance(cell, bool) and -(2**63) <= cell < 2**63:
        return cell
    elif isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    raise EventFormatError(f"got {shown(cell)}, expected a whole number")


def _read_float(cell: Any) -> float:
    if (isinstance(cell, str) and _FLOAT.fullmatch(cell)) or (
        isinstance(cell, int | float) and not isinstance(cell, bool)
    ):
        value = float(cell)
        if math.isfinite(value):
            return value
    raise EventFormatError(f"got {shown(cell)}, expected a finite number")


def _read_bool(cell: Any) -> bool:
    if isinstance(cell, bool):
        return cell
    value = _BOOL.get(str(cell).strip().lower())
    if value is None:
        raise EventFormatError(f"got {shown(cell)}, expected true or false")
    return value


_READERS: dict[ColumnType, Callable[[Any], Any]] = {
    "string": read_text,
    "int": _read_int,
    "float": _read_float,
    "bool": _read_bool,
}

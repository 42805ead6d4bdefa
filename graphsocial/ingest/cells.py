"""One cell of a table to one value, strictly: what cannot be read raises, nothing is guessed."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

from graphsocial.errors import EventFormatError, TimeWindowError
from graphsocial.graph.time import parse_time
from graphsocial.schema import ColumnType

_INT = re.compile(r"\s*[+-]?[0-9]{1,19}\s*", re.ASCII)
_FLOAT = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,12}", re.ASCII)
_UNDECODABLE = re.compile("[\ud800-\udfff]")
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
    if cell is None or cell == "":
        return None
    if kind == "string":
        return read_text(cell)
    if kind == "int":
        return _read_int(cell)
    if kind == "float":
        return _read_float(cell)
    if isinstance(cell, bool):
        return cell
    value = _BOOL.get(str(cell).strip().lower())
    if value is None:
        raise EventFormatError(f"got {shown(cell)}, expected true or false")
    return value


def read_text(cell: Any) -> str:
    """Text of a cell; raises EventFormatError where bytes of the file were not UTF-8."""
    text = cell if isinstance(cell, str) else str(cell)
    if not text.isascii() and _UNDECODABLE.search(text):
        raise EventFormatError(f"bytes that are not UTF-8 in {shown(text)}")
    return text


def read_id(cell: Any) -> str:
    """An id without surrounding blanks; raises EventFormatError when there is none.

    >>> read_id(" u17 ")
    'u17'
    """
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
        if _DIGITS.fullmatch(cell) and len(cell) <= 11:  # the common case, far inside what parse_time accepts
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
    text = str(cell)[:40] if isinstance(cell, str) else repr(cell)[:40]
    return repr(text if len(str(cell)) <= 40 else f"{text}…") if isinstance(cell, str) else text


def _read_int(cell: Any) -> int:
    if isinstance(cell, str):
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

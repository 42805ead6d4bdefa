"""Cells of 4CAT's mapped items, which data sources name differently: the first of several columns that holds anything.

Cells of CSV files are text; those of JSON lines have types.
"""

from __future__ import annotations

import re
from typing import Any

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import read_id, read_text, read_value, shown
from graphsocial.ingest.json_fields import Json, iso_time_at, text_at, unix_time_at
from graphsocial.schema import ColumnType

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]*)?", re.ASCII)
_BETWEEN_URLS = re.compile(r",\s*(?=https?://)")


def moment_in(item: Json, *names: str, any_year: bool = False) -> int | None:
    """The first time that is given: seconds, or a date and time in UTC, which may lie in `any_year`."""
    for name in names:
        value = item.get(name)
        if _is_empty(value) or value == "undefined":
            continue
        if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
            return iso_time_at(item, name, any_year)
        return unix_time_at(item, name)
    return None


def value_in(item: Json, kind: ColumnType, *names: str) -> Any:
    """The first of several columns that holds anything, read as a cell."""
    for name in names:
        value = item.get(name)
        if _is_empty(value):
            continue
        if isinstance(value, list | dict):
            raise EventFormatError(f"got {shown(value)}, expected one value", field=name)
        try:
            return read_value(value, kind)
        except EventFormatError as error:
            raise EventFormatError(str(error), field=name) from error
    return None


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def count_in(item: Json, *names: str) -> int | None:
    """The first count that is given; one below zero stands for a hidden one and is none."""
    found: int | None = value_in(item, "int", *names)
    return None if found is None or found < 0 else found


def text_in(item: Json, *names: str) -> str | None:
    """The first text that is given."""
    for name in names:
        text_at(item, name)  # refuses numbers, of which a cell would make text
    found: str | None = value_in(item, "string", *names)
    return found


def id_in(item: Json, *names: str) -> str | None:
    """The first id that is given."""
    for name in names:
        if not _is_empty(item.get(name)):
            try:
                return read_id(item[name])
            except EventFormatError as error:
                raise EventFormatError(str(error), field=name) from error
    return None


def list_in(item: Json, *names: str) -> list[str]:
    """Several values of one cell, between commas, or of a JSON list; each once.

    >>> list_in({"hashtags": "flood, rain,flood"}, "hashtags")
    ['flood', 'rain']
    """
    return _parts(item, names, re.compile(","))


def urls_in(item: Json, *names: str) -> list[str]:
    """Several addresses of one cell; a comma within one does not end it.

    >>> urls_in({"urls": "https://a.example/1,2,https://b.example"}, "urls")
    ['https://a.example/1,2', 'https://b.example']
    """
    return _parts(item, names, _BETWEEN_URLS)


def _parts(item: Json, names: tuple[str, ...], between: re.Pattern[str]) -> list[str]:
    for name in names:
        value = item.get(name)
        if _is_empty(value):
            continue
        if isinstance(value, str):
            value = between.split(value)
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise EventFormatError(f"got {shown(value)}, expected values between commas", field=name)
        try:
            return list(dict.fromkeys(text.strip() for text in map(read_text, value) if text.strip()))
        except EventFormatError as error:
            raise EventFormatError(str(error), field=name) from error
    return []

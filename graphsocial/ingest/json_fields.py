"""Fields of JSON records, read strictly: what has another type raises, nothing is guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from graphsocial.errors import EventFormatError, TimeWindowError
from graphsocial.graph.time import EARLIEST, LATEST, parse_time
from graphsocial.ingest.cells import shown

Json = Mapping[str, Any]

_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,19}(\.[0-9]{0,19})?", re.ASCII)

EARLIEST_POST = 631_152_000
"""1990-01-01: numbers that give an earlier time, or one from `LATEST_POST` on, are in another unit than their field,
and dates that do are damaged or made up."""

LATEST_POST = 4_102_444_800
"""2100-01-01."""


def object_at(record: Json, name: str) -> Json:
    """An object, empty where the field is missing or null.

    >>> object_at({"user": {"id": 1}}, "user"), object_at({}, "user")
    ({'id': 1}, {})
    """
    value = record.get(name)
    if type(value) is dict:  # what the parser gives; checked first, since this is asked a dozen times per record
        return value
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise EventFormatError(f"got {shown(value)}, expected an object", field=name)
    return value


def objects_at(record: Json, name: str) -> list[Json]:
    """A list of objects, empty where the field is missing or null."""
    value = record.get(name)
    if value is None:
        return []
    if type(value) is list:
        for item in value:
            if type(item) is not dict and not isinstance(item, Mapping):
                break
        else:
            return value
    raise EventFormatError(f"got {shown(value)}, expected a list of objects", field=name)


def text_at(record: Json, name: str) -> str | None:
    """Text, None where the field is missing or null."""
    value = record.get(name)
    if value is None or type(value) is str:
        return value
    raise EventFormatError(f"got {shown(value)}, expected text", field=name)


def id_at(record: Json, *names: str) -> str | None:
    """The first of several fields that holds an id, as text: text or a whole number; None where none does.

    >>> id_at({"id_str": None, "id": 17}, "id_str", "id")
    '17'
    """
    for name in names:
        value = record.get(name)
        if value is None:
            continue
        if type(value) is not str and type(value) is not int:
            raise EventFormatError(f"got {shown(value)}, expected an id: text or a whole number", field=name)
        text = str(value).strip()
        if text:
            return text
    return None


def required_id(record: Json, *names: str) -> str:
    """As `id_at`, but raises EventFormatError where there is none."""
    found = id_at(record, *names)
    if found is None:
        raise EventFormatError("missing id", field=names[0])
    return found


def count_at(record: Json, name: str) -> int | None:
    """A whole number that may be written as text; None where the field is missing or null."""
    value = record.get(name)
    if value is None or (type(value) is int and -(2**63) <= value < 2**63):
        return value
    if value == "":
        return None
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise EventFormatError(f"got {shown(value)}, expected a whole number", field=name)
    return value


def flag_at(record: Json, name: str) -> bool | None:
    """True or false; None where the field is missing or null."""
    value = record.get(name)
    if value is None or type(value) is bool:
        return value
    raise EventFormatError(f"got {shown(value)}, expected true or false", field=name)


def iso_time_at(record: Json, name: str, any_year: bool = False) -> int | None:
    """A time in ISO 8601 as seconds since 1970-01-01 UTC; without a zone it is UTC; None where missing or null.

    Raises:
        EventFormatError: No such time, or, unless `any_year`, one outside 1990 to 2100.

    >>> iso_time_at({"created_at": "2022-03-01T12:00:00.123Z"}, "created_at")
    1646136000
    """
    value = record.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise EventFormatError(f"got {shown(value)}, expected a time such as 2022-03-01T12:00:00Z", field=name)
    moment = _usual_time(value)
    if moment is None:
        try:
            moment = parse_time(value)
        except TimeWindowError as error:
            raise EventFormatError(str(error), field=name) from error
    if not any_year:
        _check_date(moment, value, name)
    return moment


def _check_date(moment: int, value: str, name: str) -> None:
    """Raises EventFormatError where a date lies outside the years that `check_time_unit` lets numbers lie in."""
    if not EARLIEST_POST <= moment < LATEST_POST:
        raise EventFormatError(f"got {shown(value)}, expected a time between 1990 and 2100", field=name)


def _usual_time(text: str) -> int | None:
    """A time as platforms write it, read in a tenth of the time that `parse_time` takes; None for anything else."""
    if text[4:5] != "-" or text[10:11] != "T":
        return None
    try:
        moment = datetime.fromisoformat(text)
        seconds = math.floor((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
    return seconds if EARLIEST <= seconds <= LATEST else None


def required_iso_time(record: Json, name: str) -> int:
    """As `iso_time_at`, but raises EventFormatError where there is none."""
    found = iso_time_at(record, name)
    if found is None:
        raise EventFormatError("missing time", field=name)
    return found


def mail_time_at(record: Json, name: str, any_year: bool = False) -> int | None:
    """A time as the first X API wrote it, under the same limits as one in ISO 8601.

    >>> mail_time_at({"created_at": "Wed Oct 10 20:19:24 +0000 2018"}, "created_at")
    1539202764
    """
    value = record.get(name)
    if value is None:
        return None
    try:
        if not isinstance(value, str):
            raise ValueError
        try:
            found = datetime.strptime(value, "%a %b %d %H:%M:%S %z %Y")
        except ValueError:
            found = parsedate_to_datetime(value)
        moment = int(found.replace(tzinfo=found.tzinfo or UTC).timestamp())
    except (ValueError, TypeError, OverflowError) as error:
        expected = "a time such as Wed Oct 10 20:19:24 +0000 2018"
        raise EventFormatError(f"got {shown(value)}, expected {expected}", field=name) from error
    if not any_year:
        _check_date(moment, value, name)
    return moment


def unix_time_at(record: Json, name: str, per_second: int = 1) -> int | None:
    """A number of seconds (or of `per_second` parts of one) since 1970-01-01 UTC, as whole seconds.

    Raises:
        EventFormatError: No number, or one that is only a plausible time in another unit, which is said.

    >>> unix_time_at({"time_us": 1725911162329308}, "time_us", per_second=1_000_000)
    1725911162
    >>> unix_time_at({"created_utc": 1725911162329}, "created_utc")
    Traceback (most recent call last):
    graphsocial.errors.EventFormatError: got 1725911162329, expected seconds: that would be a time in milliseconds
    """
    value = record.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = value.strip()
        value = (float(text) if "." in text else int(text)) if _NUMBER.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e30 < value < 1e30:
        raise EventFormatError(f"got {shown(record.get(name))}, expected a number", field=name)
    check_time_unit(value, per_second, name)
    return int(value // per_second)


_UNITS = {1: "seconds", 1_000: "milliseconds", 1_000_000: "microseconds", 1_000_000_000: "nanoseconds"}


def check_time_unit(value: float, per_second: int, name: str | None) -> None:
    """Raises EventFormatError where a time lies outside 1990 to 2100, naming the unit in which it would not."""
    if EARLIEST_POST <= value / per_second < LATEST_POST:
        return
    unit = _UNITS.get(per_second, f"1/{per_second} s")
    fits = [said for per, said in _UNITS.items() if EARLIEST_POST <= value / per < LATEST_POST]
    hint = f": that would be a time in {fits[0]}" if fits else ": that is no time between 1990 and 2100"
    raise EventFormatError(f"got {value}, expected {unit}{hint}", field=name)

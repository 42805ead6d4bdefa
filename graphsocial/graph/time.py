"""Times as the library keeps them: int64 seconds since 1970-01-01 UTC."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from graphsocial.errors import TimeWindowError
from graphsocial.schema import UNKNOWN_TIME

NEVER = 2**63 - 1
"""Known at no time: the row of a node that only edges name."""

EARLIEST, LATEST = -62135596800, 253402300799
"""Years 1 and 9999. A number outside is in another unit, and ages computed from it could overflow."""

AFTER_ALL = LATEST
"""Crawl time of a relation whose edges nobody timed and nobody said when they were collected: no view reaches it."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")


def parse_time(value: int | float | str | date | np.datetime64) -> int:
    """Seconds since 1970-01-01 UTC from a number, an ISO 8601 string or a datetime.

    A time without a zone is UTC. Fractions of a second are floored, so a view as of the result never sees more than
    was asked for. A string of digits is seconds, not a compact date.

    Raises:
        TimeWindowError: The value is no time, or is so far off that it must be in another unit.

    >>> parse_time("2012-11-04T00:00Z")
    1351987200
    >>> parse_time("2012-11-04 01:00+01:00") == parse_time(1351987200.5) == parse_time("1351987200")
    True
    """
    seconds = _seconds(value)
    if not EARLIEST <= seconds <= LATEST:
        raise TimeWindowError(
            f"time {_shown(value)} is outside the years 1 to 9999, expected seconds since 1970-01-01 UTC"
            f"{' (is it in milliseconds?)' if EARLIEST <= seconds // 1000 <= LATEST else ''}"
        )
    return seconds


def format_time(time: int) -> str:
    """The time as people read it.

    >>> format_time(1351987200)
    '2012-11-04 00:00:00Z'
    """
    time = int(time)
    if time == UNKNOWN_TIME:
        return "unknown time"
    if time == NEVER:
        return "never"
    if not EARLIEST <= time <= LATEST:
        return f"{time} s"
    # datetime.fromtimestamp refuses negative numbers on some platforms
    moment = np.datetime64(time, "s").astype(datetime)
    return f"{moment.isoformat(sep=' ')}Z"


def _seconds(value: Any) -> int:
    if isinstance(value, bool | np.bool_):
        raise _unparsable(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            raise _unparsable(value)
        return math.floor(value)
    if isinstance(value, np.datetime64):
        if np.isnat(value):
            raise _unparsable(value)
        value = value.astype("datetime64[us]").astype(datetime)  # a datetime, or an int when out of its range
        return value // 1_000_000 if isinstance(value, int) else _from_datetime(value)
    if isinstance(value, datetime):
        return _from_datetime(value)
    if isinstance(value, date):
        return _from_datetime(datetime(value.year, value.month, value.day))
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text) and len(text) <= 40:  # longer ones are no time, and slow to convert
            return int(text) if "." not in text else math.floor(float(text))
        try:
            return _from_datetime(datetime.fromisoformat(text))
        except ValueError as error:
            raise _unparsable(value) from error
    raise _unparsable(value)


def _from_datetime(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86400 + since.seconds


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _unparsable(value: object) -> TimeWindowError:
    return TimeWindowError(
        f"cannot read {_shown(value)} as a time, "
        "expected seconds since 1970-01-01 UTC, an ISO 8601 string such as '2012-11-04T00:00Z', or a datetime"
    )

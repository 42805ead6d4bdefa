"""Times and durations as the page writes them."""

from __future__ import annotations

from typing import Any

from graphsocial.errors import TimeWindowError
from graphsocial.graph.time import format_time, parse_time
from graphsocial.report.numbers import MISSING

_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def as_time(value: Any) -> int | None:
    """Seconds UTC of anything that reads as a time, None otherwise.

    >>> as_time("1970-01-02"), as_time("image"), as_time(None)
    (86400, None, None)
    """
    if value is None or isinstance(value, bool | list | dict):
        return None
    try:
        return parse_time(value)
    except TimeWindowError:
        return None


def show_time(value: Any) -> str:
    """A time in words, or the value itself where it is none.

    >>> show_time(0)
    '1970-01-01 00:00:00Z'
    """
    seconds = as_time(value)
    if seconds is None:
        return MISSING if value is None else str(value)
    try:
        return format_time(seconds)
    except (OverflowError, ValueError):  # beyond the calendar
        return str(seconds)


def show_duration(seconds: float | int | None) -> str:
    """A duration in its largest fitting unit.

    >>> show_duration(7200), show_duration(5400), show_duration(86400), show_duration(0.25)
    ('2 hours', '1.5 hours', '1 day', '0.25 seconds')
    """
    if seconds is None:
        return MISSING
    for name, size in _UNITS:
        if abs(seconds) >= size or size == 1:
            amount = seconds / size
            digits = f"{amount:.2f}" if abs(amount) < 1 else f"{amount:.1f}"
            text = digits.rstrip("0").rstrip(".") or "0"
            return f"{text} {name}{'' if text == '1' else 's'}"
    raise AssertionError("unreachable")

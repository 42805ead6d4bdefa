"""Lengths of time as people type them."""

from __future__ import annotations

import re

from graphsocial.errors import TimeWindowError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_FORM = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([smhdw]?)", re.IGNORECASE)


def parse_duration(text: str) -> int:
    """Seconds of a length such as `90s`, `30m`, `1h`, `1.5d` or `1w`; a bare number is seconds.

    Raises:
        TimeWindowError: It is no length, or no longer than zero.

    >>> parse_duration("1h"), parse_duration("1.5d"), parse_duration("90")
    (3600, 129600, 90)
    """
    found = _FORM.fullmatch(text.strip())
    seconds = int(float(found[1]) * UNITS[(found[2] or "s").lower()]) if found and len(found[1]) <= 12 else 0
    if seconds < 1:
        raise TimeWindowError(
            f"cannot read {text!r} as a length of time, expected a number above 0 with s, m, h, d or w, such as '1h'"
        )
    return seconds

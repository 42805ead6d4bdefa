"""The clock of a file that somebody stated, within bounds that a clock can have."""

from __future__ import annotations

from graphsocial.errors import TimeWindowError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.json_fields import LATEST_POST

MOST_PER_SECOND = 1_000_000_000
"""Parts of a second that a time can count: nanoseconds."""


def check_stated_clock(per_second: int = 1, step_seconds: int = 1, epoch: int | None = None) -> None:
    """Raises TimeWindowError where no file can count like that.

    Args:
        per_second: Parts of a second that times count.
        step_seconds: Seconds of one step that they count.
        epoch: Where they begin, int64 seconds UTC.

    >>> check_stated_clock(step_seconds=0)
    Traceback (most recent call last):
    graphsocial.errors.TimeWindowError: got step_seconds=0, expected from 1 to 4102444800
    """
    for name, value, most in (
        ("per_second", per_second, MOST_PER_SECOND),
        ("step_seconds", step_seconds, LATEST_POST),
    ):
        if not 1 <= value <= most:
            raise TimeWindowError(f"got {name}={shown(value)}, expected from 1 to {most}")
    if epoch is not None and not 0 <= epoch < LATEST_POST:
        raise TimeWindowError(f"got epoch={shown(epoch)}, expected seconds since 1970-01-01 UTC, before 2100")

"""Changes to what a fixture holds, for showing that readers refuse what they cannot read and nothing else happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from graphsocial.errors import EventFormatError
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped

PIECES = [
    "",
    ",",
    " ",
    "\t",
    ":",
    "/",
    "-1",
    "0",
    "1e400",
    "nan",
    "9" * 400,
    "--5",
    "1_0",
    "٣",
    "²",
    "\x00",
    "#",
    "é",
    "\u2028",
]
"""What is put into a line: separators, and numbers that are none."""

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.binary(max_size=8), st.just([]), st.just({"id": 1}),
    st.text("aé5-+.: \x00\udc80", max_size=8),
    st.sampled_from(["", "-5", "--5", "12.5", "2024-13-01", "\udc80", "9" * 400, 2**63]),
)  # fmt: skip
"""What stands in the place of a value."""


@st.composite
def changed_line(draw: st.DrawFn, lines: list[bytes]) -> bytes:
    """A line that is cut off, or in which some stretches were replaced."""
    line = draw(st.sampled_from(lines))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(line)))
        end = draw(st.integers(start, min(len(line), start + 12)))
        put = draw(st.one_of(st.sampled_from(PIECES).map(str.encode), st.binary(max_size=4)))
        line = line[:start] + put + line[end:]
    return line[: draw(st.integers(0, len(line)))] if draw(st.booleans()) else line


def read_or_refused(events: Callable[[Any], list[Event]], record: Any) -> bool:
    """Whether a record was read; fails where it gave anything but events or EventFormatError."""
    try:
        found = events(record)
    except EventFormatError:
        return False
    assert isinstance(found, list)
    assert all(isinstance(event, NodeRow | EdgeRow | Measurement | Skipped) for event in found)
    for event in found:
        at = event.known_at if isinstance(event, NodeRow) else getattr(event, "time", getattr(event, "at", None))
        assert at is None or (type(at) is int and -(2**63) < at < 2**62)
    return True

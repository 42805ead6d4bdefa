"""`cascades.tsv`: one cascade per line, its events as `user:time user:time …`."""

from __future__ import annotations

import math
from array import array
from pathlib import Path

import numpy as np

from graphsocial.errors import EventFormatError
from graphsocial.graph import CascadeSet
from graphsocial.ingest.refusals import Refusals
from graphsocial.ingest.tsv_lines import tsv_lines

LATEST = 2**62
"""Times beyond this do not fit beside others in 64 bits."""


class CascadeLines:
    """Reads a file of cascades line by line.

    Args:
        path: The file.
        refusals: Where everything that is left out is counted.
    """

    def __init__(self, path: Path, refusals: Refusals):
        self._path, self._refusals = path, refusals

    def read(self) -> CascadeSet:
        """All cascades that have an event.

        Raises:
            EventFormatError: There is none.
        """
        node: list[str] = []
        time, offsets, names = array("q"), array("q", [0]), dict[str, int]()
        for number, fields in tsv_lines(self._path, self._refusals):
            if number == 1 and _is_header(fields):
                continue
            name = fields[0].strip()
            if not name:
                self._refuse(number, "cascade", "an empty cascade id", "got no id, expected a cascade's")
            elif name in names:
                was = f"got {name!r} again, its first line is {names[name]}"
                self._refuse(number, "cascade", "a cascade id that was there before", was)
            else:
                users, times = self._events(number, _event_fields(fields))
                if not users:
                    self._refuse(number, "events", "no readable event", f"cascade {name!r} has none")
                    continue
                names[name] = number
                node += users
                time.extend(times)
                offsets.append(len(node))
        if not names:
            raise EventFormatError(f"{self._path}: {self._why_empty()}", str(self._path))
        unknown = np.full(len(node), -1)
        ids = np.empty(len(node), dtype=object)
        ids[:] = node
        when, bounds, called = np.array(time), np.array(offsets), np.array(list(names), dtype=object)
        order = self._time_order(when, bounds)
        return CascadeSet(ids[order], unknown, when[order], bounds, called, np.zeros(len(names), bool))

    def _events(self, line: int, fields: list[str]) -> tuple[list[str], list[int]]:
        """Users and times of one cascade, in the order of the list."""
        users, times = [], []
        seen: dict[str, str] = {}  # one object per user and cascade would fill the memory
        for text in (event for field in fields for event in field.split()):
            user, colon, moment = text.rpartition(":")
            kind, seconds = "", 0
            if not colon or not moment:
                kind = "an event without a time"
            elif not user:
                kind = "an event without a user"
            else:
                try:
                    seconds = int(moment) if moment.isdecimal() else self._seconds(moment)
                except ValueError:
                    kind = "a time that is no number"
                else:
                    kind = "a negative time" if seconds < 0 else "a time that is no number" if seconds > LATEST else ""
            if kind:
                got = text if len(text) <= 80 else f"{text[:80]}…"
                self._refuse(line, "events", kind, f"got {got!r}, expected user:time with seconds from 0 on")
                continue
            users.append(seen.setdefault(user, user))
            times.append(seconds)
        self._refusals.notes["cascades of one user"] += len(seen) == 1
        self._refusals.notes["events of users who were in the cascade before"] += len(users) - len(seen)
        return users, times

    def _seconds(self, text: str) -> int:
        value = float(text)
        if not math.isfinite(value):
            raise ValueError
        self._refusals.notes["times with a fraction of a second, cut off"] += value != math.floor(value)
        return math.floor(value)

    def _time_order(self, time: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Places of the events with every cascade in order of time, stable [event]."""
        cascade = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        back = np.flatnonzero((np.diff(time) < 0) & (np.diff(cascade) == 0))
        self._refusals.notes["cascades with times out of order, put in order of time"] += len(np.unique(cascade[back]))
        return np.lexsort((time, cascade)) if len(back) else np.arange(len(time))

    def _refuse(self, line: int, field: str, kind: str, reason: str) -> None:
        self._refusals.add(self._path, line, field, kind, reason)

    def _why_empty(self) -> str:
        if not self._refusals.first:
            return "the file holds no cascade, expected lines of id, split and user:time user:time …, tab-separated"
        first, total = self._refusals.first[0], self._refusals.counts.total()
        return f"no cascade can be read, {total:,} rejections; the first in line {first.line}: {first.reason}"


def _is_header(fields: list[str]) -> bool:
    """Whether the first line names columns: its first field says so, and none of its events has a time."""
    named = fields[0].strip().lower() in ("cascade", "cascade_id", "cascade id", "id", "#cascade")
    return named and not any(event.rpartition(":")[2][:1].isdecimal() for event in " ".join(fields[1:]).split())


def _event_fields(fields: list[str]) -> list[str]:
    """Fields that hold events: all after the split, or after the id where there is no split."""
    return fields[1:] if len(fields) == 2 else fields[2:]

"""Which of several rows with one id stays: the earliest, so that what a view shows does not hang on row order."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

UNTIMED = -1


class Place(NamedTuple):
    """Where a row stands."""

    file: str
    line: int


class EarliestRows:
    """Numbers rows and keeps, per node, the earliest one; of rows at one time, the one with the smaller digest.

    Were the first row of the file kept, erasing the future could change which row that is.

    Attributes:
        dropped: Numbers of rows that an earlier one has displaced.

    >>> rows = EarliestRows()
    >>> rows.offer("post", "p1", 20, ["late"], Place("a.csv", 2))
    (0, None)
    >>> rows.offer("post", "p1", 10, ["early"], Place("a.csv", 3))
    (1, Place(file='a.csv', line=2))
    >>> rows.dropped
    {0}
    """

    def __init__(self) -> None:
        self.dropped: set[int] = set()
        self._number: dict[str, dict[str, int]] = {}
        self._files: list[str] = []
        self._time, self._digest, self._file, self._line = array("q"), array("Q"), array("l"), array("q")

    def offer(
        self, node_type: str, name: str, time: int | None, cells: Sequence[Any], place: Place
    ) -> tuple[int, Place | None]:
        """The row's number, and the place of the row that has to go when the node already had one."""
        digest = int.from_bytes(hashlib.blake2b(repr(cells).encode("utf-8", "replace"), digest_size=8).digest(), "big")
        number = len(self._time)
        if not self._files or self._files[-1] != place.file:
            self._files.append(place.file)
        self._time.append(UNTIMED if time is None else time)
        self._digest.append(digest)
        self._file.append(len(self._files) - 1)
        self._line.append(place.line)
        numbers = self._number.setdefault(node_type, {})
        other = numbers.setdefault(name, number)
        if other == number:
            return number, None
        loser = max(other, number, key=self._rank)
        numbers[name] = min(other, number, key=self._rank)
        self.dropped.add(loser)
        return number, Place(self._files[self._file[loser]], self._line[loser])

    def _rank(self, number: int) -> tuple[int, int, int]:
        return self._time[number], self._digest[number], number

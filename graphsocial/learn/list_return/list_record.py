"""Lists of items, one list per day: trending topics, charts, most read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError

DAY = 86_400


@dataclass(frozen=True, eq=False, repr=False)
class ListRecord:
    """Which item was on which day's list, where; rows by day, then place, then name.

    Attributes:
        name: The item's words, object [row].
        item: Number of the item in order of its first row, int64 [row]; later days change no number.
        day: Days since 1970-01-01 UTC, int64 [row].
        rank: How high it stood at best that day, 1 the highest, nan where nobody recorded it, float64 [row].
        place: Where the list of the day has it, counted from 0, int64 [row].
    """

    name: np.ndarray
    item: np.ndarray
    day: np.ndarray
    rank: np.ndarray
    place: np.ndarray

    @classmethod
    def of(
        cls, name: np.ndarray, time: np.ndarray, rank: np.ndarray | None = None, place: np.ndarray | None = None
    ) -> ListRecord:
        """Puts rows in order.

        Args:
            name: The item's words, object [row]; a row without words is left out.
            time: int64 seconds UTC, [row].
            rank: float [row], nan where unknown; None where nothing is known.
            place: Order within a day's list [row]; None takes the rank, and unranked rows last.

        Raises:
            SchemaError: Arrays differ in length, or an item is twice on one day's list.

        >>> names = np.array(["b", "a", "b"], dtype=object)
        >>> record = ListRecord.of(names, np.array([0, 0, DAY]), np.array([1.0, 2, 5]))
        >>> record.item.tolist(), record.day.tolist(), record.place.tolist()
        ([0, 1, 0], [0, 0, 1], [0, 1, 0])
        """
        name, time = np.asarray(name, dtype=object), np.asarray(time, dtype=np.int64)
        rank = np.full(len(name), np.nan) if rank is None else np.asarray(rank, dtype=np.float64)
        order = np.nan_to_num(rank, nan=np.inf) if place is None else np.asarray(place, dtype=np.float64)
        if not len(name) == len(time) == len(rank) == len(order):
            raise SchemaError(
                f"got {len(name)} names, {len(time)} times, {len(rank)} ranks and {len(order)} places, expected as many"
            )
        kept = np.flatnonzero([bool(words) for words in name])
        name, time, rank, order = name[kept], time[kept], rank[kept], order[kept]
        day = time // DAY
        rows = np.lexsort((name.astype(str), order, day)) if len(name) else np.zeros(0, dtype=np.int64)
        name, day, rank = name[rows], day[rows], rank[rows]
        number: dict[str, int] = {}
        item = np.array([number.setdefault(words, len(number)) for words in name], dtype=np.int64)
        first = np.searchsorted(day, day)
        record = cls(name, item, day, rank, np.arange(len(day)) - first)
        key = np.sort(record.key(item, day))
        if (key[1:] == key[:-1]).any():
            raise SchemaError("an item is twice on the list of one day, expected once: keep its best row")
        return record

    def __len__(self) -> int:
        return len(self.day)

    def __repr__(self) -> str:
        days = len(np.unique(self.day))
        return f"ListRecord: {len(self):,} rows of {len(np.unique(self.item)):,} items on {days:,} daily lists"

    def key(self, item: np.ndarray, day: np.ndarray) -> np.ndarray:
        """One number per item and day, by item and then by day."""
        return item * 2**31 + day

    def before(self, day: int) -> ListRecord:
        """Only the lists of days before one."""
        end = int(np.searchsorted(self.day, day))
        return ListRecord(*(column[:end] for column in (self.name, self.item, self.day, self.rank, self.place)))

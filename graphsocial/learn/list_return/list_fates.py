"""What became of the items of a day's list: who is there again within some days, and how high."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.list_return.list_record import ListRecord


@dataclass(frozen=True, eq=False)
class ListFates:
    """Answers of one question, asked at the end of every row's day.

    Attributes:
        first: First day after the row's that counts, 1 = the next.
        last: Last one.
        known: Whether every day that counts has a list in the record, bool [row]; where not, nothing else is said.
        again: Whether the item is on one of these lists, bool [row].
        best: Its best rank there, nan where it is on none or nobody recorded it, float64 [row].
    """

    first: int
    last: int
    known: np.ndarray
    again: np.ndarray
    best: np.ndarray


def list_fates(record: ListRecord, last: int, first: int = 1) -> ListFates:
    """Looks every row's item up on the lists of the days `first` to `last` after it.

    Args:
        record: Lists; what is known at the end of a day is `record.before(day + 1)`.
        last: Last day that counts.
        first: First day that counts; 2 leaves out who merely stays overnight.

    Raises:
        SchemaError: `first` is below 1 or above `last`.

    >>> from graphsocial.learn.list_return.list_record import DAY
    >>> record = ListRecord.of(np.array(["a", "b", "a"], dtype=object), np.array([0, 0, DAY]), np.array([1.0, 2, 9]))
    >>> fates = list_fates(record, 1)
    >>> fates.again.tolist(), fates.best.tolist(), fates.known.tolist()
    ([True, False, False], [9.0, nan, nan], [True, True, False])
    """
    if not 1 <= first <= last:
        raise SchemaError(f"got days {first} to {last} after the list's, expected 1 <= first <= last")
    keys = record.key(record.item, record.day)
    order = np.argsort(keys)
    keys, days = keys[order], np.unique(record.day)
    known, again = np.ones(len(record), dtype=bool), np.zeros(len(record), dtype=bool)
    best = np.full(len(record), np.nan)
    for ahead in range(first, last + 1):
        then = record.day + ahead
        known &= np.isin(then, days)
        wanted = record.key(record.item, then)
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        there = keys[at] == wanted if len(keys) else again
        again |= there
        best = np.fmin(best, np.where(there, record.rank[order[at]] if len(keys) else np.nan, np.nan))
    return ListFates(first, last, known, again & known, np.where(known, best, np.nan))

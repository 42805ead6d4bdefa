"""What earlier and current items of like words do: how near they are, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from graphsocial.errors import SchemaError
from graphsocial.learn.list_return.list_fates import list_fates
from graphsocial.learn.list_return.list_record import ListRecord

NEAR = (
    "nearest_week", "nearest", "near_week", "weight", "stayed", "returned", "place_then",
    "nearest_today", "near_today", "place_today", "rank_today",
)  # fmt: skip
"""Similarity to the nearest other item of the last week, and of all lists looked at; how many of the week are near;
weight of the near ones whose fate is known; how much more than expected they stayed overnight and returned within a
week; where they stood; the same of today's list."""


@dataclass(frozen=True)
class NearTopics:
    """Similarity of words as cosine of vectors [row, term], for every day with the lists before it.

    Attributes:
        days: How many days back lists are looked at.
        least: Cosine from which on items are near.
    """

    days: int = 21
    least: float = 0.25

    def features(
        self, record: ListRecord, vectors: csr_matrix, expected: np.ndarray, start: int | None = None
    ) -> np.ndarray:
        """Numbers known at the end of each row's day, float64 [row, `NEAR`]; nan where nothing is near.

        A fate is used once its last day is over: an item of yesterday's list has stayed or not, one of a week ago has
        returned or not.

        Args:
            record: Lists.
            vectors: Words of each row, of length 1 or 0, [row, term].
            expected: Chance to stay overnight and to return within a week as the place alone has it, [row, 2].
            start: First day whose rows are asked about; those before get nan.

        Raises:
            SchemaError: Arrays do not fit the record.
        """
        if vectors.shape[0] != len(record) or expected.shape != (len(record), 2):
            raise SchemaError(
                f"got vectors {vectors.shape} and expectations {expected.shape}, expected {len(record)} rows of each"
            )
        stay, back = list_fates(record, 1), list_fates(record, 7)
        surprise = np.column_stack([stay.again, back.again]) - expected
        known = np.column_stack([stay.known, back.known])
        out = np.full((len(record), len(NEAR)), np.nan)
        for day in np.unique(record.day):
            if start is not None and day < start:
                continue
            rows = np.arange(*np.searchsorted(record.day, [day, day + 1]))
            old = np.arange(*np.searchsorted(record.day, [day - self.days, day]))
            asked = vectors[rows]
            if len(old):
                near = self._near(asked, vectors[old], record.item[rows], record.item[old])
                over = record.day[old, None] + np.array([1, 7]) <= day
                seen = known[old] & over
                out[rows, :7] = _past(near, record, old, day, surprise[old], seen)
            out[rows, 7:] = _today(self._near(asked, asked, record.item[rows], record.item[rows]), record, rows)
        return out

    def _near(self, asked: csr_matrix, others: csr_matrix, own: np.ndarray, items: np.ndarray) -> csr_matrix:
        """Cosines of at least `least` to other items, sparse [asked, other]."""
        near = (asked @ others.T).tocoo()
        kept = (near.data >= self.least) & (own[near.row] != items[near.col])
        return csr_matrix((near.data[kept].astype(np.float64), (near.row[kept], near.col[kept])), near.shape)


def _past(
    near: csr_matrix, record: ListRecord, old: np.ndarray, day: int, surprise: np.ndarray, seen: np.ndarray
) -> np.ndarray:
    week = near[:, record.day[old] >= day - 7]
    weight = near.power(2)
    total = weight @ seen.astype(np.float64)
    fate = weight @ np.where(seen, surprise, 0.0)
    place = _share(weight @ record.place[old].astype(np.float64), np.asarray(weight.sum(axis=1)).ravel())
    # a prior of one unit pulls few and far neighbours to what the place says
    return np.column_stack(
        [_largest(week), _largest(near), np.diff(week.indptr), total[:, 0], fate / (total + 1), place]
    )  # fmt: skip


def _today(near: csr_matrix, record: ListRecord, rows: np.ndarray) -> np.ndarray:
    place, rank = (_smallest(near, values[rows].astype(np.float64)) for values in (record.place, record.rank))
    return np.column_stack([_largest(near), np.diff(near.indptr), place, rank])


def _largest(near: csr_matrix) -> np.ndarray:
    """Highest cosine of each row, 0 where nothing is near."""
    found = np.zeros(near.shape[0])
    np.maximum.at(found, np.repeat(np.arange(near.shape[0]), np.diff(near.indptr)), near.data)
    return found


def _smallest(near: csr_matrix, values: np.ndarray) -> np.ndarray:
    """Least known value of what is near each row, nan where nothing is."""
    found = np.full(near.shape[0], np.nan)
    np.fmin.at(found, np.repeat(np.arange(near.shape[0]), np.diff(near.indptr)), values[near.indices])
    return found


def _share(total: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.divide(total, weight, out=np.full(len(weight), np.nan), where=weight > 0)

"""Where an item stands, how long it has been there, and what the lists of these days are like."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.list_return.list_record import ListRecord

SIMPLE = ("place", "place_share", "rank", "weekday", "days_so_far", "run", "gap", "rank_before", "best_before", "rise")
"""Of the item itself."""
CONTEXT = ("length", "length_change", "stayed", "stayed_week", "new_share")
"""Of the day's list: its length, and how many of the day before stayed."""
_NEVER = 999.0


def list_features(record: ListRecord) -> np.ndarray:
    """Numbers known at the end of each row's day, float64 [row, feature]: `SIMPLE`, then `CONTEXT`; nan = unknown."""
    days, first, of_day = np.unique(record.day, return_index=True, return_inverse=True)
    length = np.diff(np.append(first, len(record))).astype(np.float64)
    past = _past(record)
    context = _context(record, days, of_day, length, past[:, 2])
    own = np.column_stack(
        [record.place, (record.place + 0.5) / length[of_day], record.rank, (record.day + 3) % 7, past]
    )
    return np.column_stack([own, context[of_day]])


def _past(record: ListRecord) -> np.ndarray:
    """Days so far, consecutive days, days since the last one, rank then, best rank before, rise [row, 6]."""
    order = np.lexsort((record.day, record.item))
    item, day, rank = record.item[order], record.day[order], record.rank[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = item[1:] != item[:-1]
    rows = np.arange(len(order))
    start = np.maximum.accumulate(np.where(new, rows, 0))
    gap = np.where(new, _NEVER, np.diff(day, prepend=day[:1]))
    run_start = np.maximum.accumulate(np.where(gap != 1, rows, 0))
    before = np.where(new, np.nan, np.roll(rank, 1)) if len(rank) else rank
    best = np.full(len(order), np.nan)
    for i in np.flatnonzero(~new):
        best[i] = np.fmin(best[i - 1], rank[i - 1])
    out = np.empty((len(order), 6))
    out[order] = np.column_stack([rows - start + 1, rows - run_start + 1, gap, before, best, before - rank])
    return out


def _context(
    record: ListRecord, days: np.ndarray, of_day: np.ndarray, length: np.ndarray, gap: np.ndarray
) -> np.ndarray:
    """By day [day, feature]; what the day before is unknown where it has no list."""
    follows = np.diff(days, prepend=days[:1] - 9 if len(days) else 0) == 1
    carried = np.bincount(of_day, gap == 1, len(days))
    before = np.where(follows, np.roll(length, 1), np.nan) if len(days) else length
    stayed = carried / before
    week = np.array([_mean(stayed[max(0, i - 6) : i + 1]) for i in range(len(days))])
    fresh = np.bincount(of_day, gap == _NEVER, len(days)) / np.maximum(length, 1)
    return np.column_stack([length, length / before, stayed, week, fresh])


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")

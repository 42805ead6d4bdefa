"""Targets by how active the user was, and those whose right post hardly anybody had taken up."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.recommendation.take_ups import TakeUps
from graphsocial.learn.recommendation.targets import AskedMoments

STARTS = (2, 4, 8, 16)
COLD = 10
"""Events before the target's time below which a post is cold."""


def target_groups(record: TakeUps, asked: AskedMoments) -> dict[str, np.ndarray]:
    """Targets of each group, bool [target]; only groups that have one.

    Groups are `reposts=A-B`, by posts that the user took up before, and `cold`.
    """
    groups = {}
    for start, stop in zip(STARTS, (*STARTS[1:], None), strict=True):
        name = f"reposts={start}+" if stop is None else f"reposts={start}-{stop - 1}"
        groups[name] = (asked.earlier >= start) & ((asked.earlier < stop) if stop is not None else True)
    groups["cold"] = events_before(record, asked) < COLD
    return {name: rows for name, rows in groups.items() if rows.any()}


def events_before(record: TakeUps, asked: AskedMoments) -> np.ndarray:
    """Events of the right post strictly before the target's time, int64 [target]."""
    order = np.argsort(record.post, kind="stable")
    span = int(record.time[-1]) - int(record.time[0]) + 2
    key = record.post[order] * span + (record.time[order] - record.time[0])
    begin = np.searchsorted(record.post[order], asked.post)
    return np.searchsorted(key, asked.post * span + (asked.time - record.time[0])) - begin

"""Who came how closely after whom: the weights that the counting rule walks over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from graphsocial.learn.cascade_table import CascadeTable

Weighting = Literal["inverse", "root", "flat"]
WEIGHTINGS: tuple[str, ...] = get_args(Weighting)
UNIT = 232_792_560
"""Least common multiple of 1 to 20: in these units 1 / gap is whole, and whole numbers add up in any order."""


@dataclass(frozen=True, eq=False)
class FollowPairs:
    """Ordered pairs of users (a earlier, b later in one cascade), in order of when both were known.

    Distinct pairs are laid out in compressed sparse rows, one row per earlier user.

    Attributes:
        indptr: First distinct pair of each earlier user, int64 [user + 1].
        later: Later user of each distinct pair, int64 [distinct].
        slot: Distinct pair that an observed one adds to, int64 [pair].
        weight: What it adds, in `UNIT`, int64 [pair].
        known: Number of the later of its two events, int64 [pair].
    """

    indptr: np.ndarray
    later: np.ndarray
    slot: np.ndarray
    weight: np.ndarray
    known: np.ndarray

    @classmethod
    def of(cls, table: CascadeTable, known: np.ndarray, limit: int, window: int, weighting: Weighting) -> FollowPairs:
        """All pairs of countable events at most `window` places apart.

        Args:
            table: The cascades.
            known: Number of each event in order of time [event].
            limit: Events with this number or a higher one are not countable.
            window: Largest gap, in places.
            weighting: `inverse` = 1 / gap, `root` = 1 / sqrt(gap), `flat` = 1.
        """
        num_users, length = len(table.users), len(table.user)
        keys, whens, gaps = [], [], []
        for gap in range(1, min(window, length - 1) + 1):
            when = np.maximum(known[:-gap], known[gap:])
            places = np.flatnonzero((table.cascade[:-gap] == table.cascade[gap:]) & (when < limit))
            keys.append(table.user[places] * num_users + table.user[places + gap])
            whens.append(when[places])
            gaps.append(np.full(len(places), gap, dtype=np.int64))
        key, when = np.concatenate(keys), np.concatenate(whens)
        order = np.argsort(when, kind="stable")
        distinct, slot = np.unique(key[order], return_inverse=True)
        gap_of = np.concatenate(gaps)[order]
        power = {"inverse": 1.0, "root": 0.5, "flat": 0.0}[weighting]
        return cls(
            indptr=np.searchsorted(distinct, np.arange(num_users + 1) * num_users),
            later=distinct % num_users,
            slot=slot.astype(np.int64),
            weight=np.rint(UNIT / gap_of**power).astype(np.int64),
            known=when[order],
        )

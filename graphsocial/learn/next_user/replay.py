"""What was known when: the countable events of a part in order of time, and how many of them each target may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from graphsocial.learn.next_user.split import NextUserSplit, Targets


@dataclass(frozen=True, eq=False)
class Replay:
    """Countable events, the earliest first, and the targets in the order in which they may be answered.

    A ranking that walks through `order` and lets in the first `until` events before each target sees nothing else. Only
    prequential targets differ in what they may use; under the other protocols every target may use all of `event`.

    Attributes:
        event: Places in the arrays of the table, by time, ties in the order of the table, int64 [countable].
        known: Place of each event of the table in `event`; the number of countable events for one that is none of
            them, int64 [event].
        targets: Places to predict.
        order: Targets by what they may use, int64 [target].
        until: How many of the countable events each target may use, int64 [target].
        num_users: Number of candidates before the prefix is taken out.
    """

    event: np.ndarray
    known: np.ndarray
    targets: Targets
    order: np.ndarray
    until: np.ndarray
    num_users: int

    @classmethod
    def of(cls, split: NextUserSplit, part: Literal["valid", "test"], targets: Targets | None = None) -> Replay:
        """Countable events of a part under the protocol of the split, and its targets or other places of it."""
        table, countable = split.table, split.countable(part)
        targets = split.targets(part) if targets is None else targets
        allowed = table.cascade < countable.cascades
        if countable.before is not None:
            allowed &= table.time < countable.before
        event = np.flatnonzero(allowed)
        event = event[np.argsort(table.time[event], kind="stable")]
        known = np.full(len(table.user), len(event), dtype=np.int64)
        known[event] = np.arange(len(event))
        until = np.full(len(targets), len(event), dtype=np.int64)
        if countable.prequential:
            until = np.searchsorted(table.time[event], targets.time, side="left").astype(np.int64)
        return cls(event, known, targets, np.argsort(until, kind="stable"), until, len(table.users))

    def occurrence(self, user: np.ndarray) -> np.ndarray:
        """How often each countable event's user has been seen by then, itself included, int64 [countable].

        Args:
            user: Code of each event's user, [event].
        """
        mine = user[self.event]
        order = np.argsort(mine, kind="stable")
        place = np.arange(len(mine))
        new = np.concatenate([[True], mine[order][1:] != mine[order][:-1]]) if len(mine) else np.zeros(0, bool)
        number = np.empty(len(mine), dtype=np.int64)
        number[order] = place - np.maximum.accumulate(np.where(new, place, 0)) + 1
        return number

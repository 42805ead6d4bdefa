"""How many users a cascade still gains after a place, within a horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.split import POSITIONS, NextUserSplit, Part, Targets


@dataclass(frozen=True, eq=False)
class SizeToCome:
    """Labels of some places.

    Attributes:
        horizon: Seconds after a place in which users are counted.
        value: log2(1 + users of the cascade after the place, within the horizon), float32 [target].
        matured: Whether the horizon had passed when the last known event happened, bool [target].
    """

    horizon: int
    value: np.ndarray
    matured: np.ndarray

    @classmethod
    def of(
        cls, table: CascadeTable, targets: Targets, event: np.ndarray, cascades: int, known_before: int | None = None
    ) -> SizeToCome:
        """Labels of targets; the horizon is the median duration of the first cascades, as far as it is known.

        Args:
            table: Cascades.
            targets: The places.
            event: Events that may be known, as places in the arrays of the table [known].
            cascades: How many of the first cascades tell the horizon.
            known_before: Of those events only the ones before this time are known, None = all.

        >>> from graphsocial.learn.next_user.tiny_world import tiny_split
        >>> split = tiny_split("strict")
        >>> table, targets = split.table, split.targets("train")
        >>> labels = SizeToCome.of(table, targets, np.arange(len(table.user)), split.train_end)
        >>> bool(labels.matured.any()), labels.value.shape == targets.user.shape
        (True, True)
        """
        event = event if known_before is None else event[table.time[event] < known_before]
        last = table.start.copy()
        np.maximum.at(last, table.cascade[event], table.time[event])
        horizon = int(np.median((last - table.start)[:cascades]))
        return cls.within(table, targets, event, horizon)

    @classmethod
    def within(cls, table: CascadeTable, targets: Targets, event: np.ndarray, horizon: int) -> SizeToCome:
        """Labels of targets for a horizon in seconds; see `of`."""
        first, end = table.offsets[targets.cascade], table.offsets[targets.cascade + 1]
        now = table.time[first + targets.position - 1]
        # one ascending key per cascade: times are ascending inside it
        earliest = table.time.min()
        span = int(table.time.max() - earliest) + horizon + 2
        key = table.cascade * span + (table.time - earliest)
        stop = np.minimum(now - earliest + horizon, span - 1)
        inside = np.minimum(np.searchsorted(key, targets.cascade * span + stop, side="right"), end)
        cut = table.time[event].max() if len(event) else now.min(initial=0)
        coming = np.maximum(inside - first - targets.position, 0)
        return cls(horizon, np.log2(1 + coming).astype(np.float32), now + horizon < cut)


def size_places(split: NextUserSplit, part: Part) -> Targets:
    """Every place of a part after which a size can be asked, the last of each cascade included, right user -1.

    Places to predict the next user exist only where somebody follows; a size asked there alone would know that much.
    The time of a place is that of its last user; where training and validation end in time, so do the places.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> size_places(tiny_split("strict"), "test").position.tolist()
    [1, 2, 3]
    """
    table, cascades = split.table, split.cascades(part)
    begin, end = table.offsets[cascades.start], table.offsets[cascades.stop]
    cascade, time = table.cascade[begin:end], table.time[begin:end]
    position = np.arange(begin, end) - table.offsets[cascade] + 1
    keep = position <= POSITIONS
    if split.protocol in ("strict", "prequential") and part != "test":
        keep &= time < split.cut("valid" if part == "train" else "test")
    nobody, repeated = np.full(len(cascade), -1, dtype=np.int64), np.zeros(len(cascade), dtype=bool)
    return Targets(cascade, position, nobody, time, repeated).where(lambda _: keep)

"""Targets by their position in the cascade and by how active the right user was, for metrics per group."""

from __future__ import annotations

from typing import Literal

import numpy as np

from graphsocial.learn.next_user.replay import Replay
from graphsocial.learn.next_user.split import NextUserSplit

POSITION_STARTS = (1, 6, 11, 21, 51, 101)
ACTIVITY_STARTS = (0, 1, 3, 10, 30)


def by_position(position: np.ndarray) -> dict[str, np.ndarray]:
    """Targets of each range of positions, bool [target]; only ranges that have one.

    >>> {name: rows.tolist() for name, rows in by_position(np.array([5, 1, 120])).items()}
    {'position=1-5': [True, True, False], 'position=101+': [False, False, True]}
    """
    return _ranges("position", position, POSITION_STARTS)


def by_activity(split: NextUserSplit, part: Literal["valid", "test"]) -> dict[str, np.ndarray]:
    """Targets by the countable events of the right user, bool [target]; the end of a cascade is a group of its own.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> {name: rows.tolist() for name, rows in by_activity(tiny_split("users_only"), "test").items()}
    {'activity=3-9': [True, True]}
    """
    replay = Replay.of(split, part)
    right = replay.targets.user
    step = len(replay.event) + 1  # a user's events stand together, by when they were known
    key = np.sort(split.table.user[replay.event] * step + np.arange(len(replay.event)))
    seen = np.searchsorted(key, right * step + replay.until) - np.searchsorted(key, right * step)
    groups = _ranges("activity", np.where(right < 0, -1, seen), ACTIVITY_STARTS)
    return {**groups, **({"activity=end": right < 0} if (right < 0).any() else {})}


def _ranges(name: str, values: np.ndarray, starts: tuple[int, ...]) -> dict[str, np.ndarray]:
    groups = {}
    for start, stop in zip(starts, (*starts[1:], None), strict=True):
        rows = (values >= start) & (values < stop) if stop is not None else values >= start
        label = f"{start}+" if stop is None else str(start) if stop == start + 1 else f"{start}-{stop - 1}"
        if rows.any():
            groups[f"{name}={label}"] = rows
    return groups

"""The recency floor: users by when they last took part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from graphsocial.learn.next_user.popularity import level_ranks
from graphsocial.learn.next_user.replay import Replay
from graphsocial.learn.next_user.split import NextUserSplit


@dataclass(frozen=True)
class Recency:
    """Ranks users by the time of their latest countable event, users without one last; equal times tie.

    Under legacy the end of the cascade stands first.

    Attributes:
        name: As it stands in results.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> Recency().ranks(tiny_split("users_only"), "test").tolist()
    [2.0, 1.0]
    """

    name: str = "recency"

    def ranks(self, split: NextUserSplit, part: Literal["valid", "test"]) -> np.ndarray:
        """Middle rank of the right user at every target of the part, inf where it cannot be hit, float64 [target]."""
        replay = Replay.of(split, part)
        moment = np.unique(split.table.time[replay.event], return_inverse=True)[1]
        return level_ranks(split, replay, moment.astype(np.int64) + 1)

"""The popularity floor: users by how often they took part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from graphsocial.learn.next_user.counting import end_first
from graphsocial.learn.next_user.levels import ranks_by_level
from graphsocial.learn.next_user.replay import Replay
from graphsocial.learn.next_user.split import NextUserSplit


@dataclass(frozen=True)
class Popularity:
    """Ranks users by their number of countable events; under legacy the end of the cascade stands first.

    Attributes:
        name: As it stands in results.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> Popularity().ranks(tiny_split("users_only"), "test").tolist()
    [1.5, 1.0]
    """

    name: str = "popularity"

    def ranks(self, split: NextUserSplit, part: Literal["valid", "test"]) -> np.ndarray:
        """Middle rank of the right user at every target of the part, inf where it cannot be hit, float64 [target]."""
        replay = Replay.of(split, part)
        return level_ranks(split, replay, replay.occurrence(split.table.user))


def level_ranks(split: NextUserSplit, replay: Replay, level: np.ndarray) -> np.ndarray:
    """Middle ranks when users stand in order of a level that only their own events change.

    Args:
        split: The split.
        replay: Its countable events and targets.
        level: Level that a user has from each countable event on, 1 or more, int64 [countable].
    """
    table, targets = split.table, replay.targets
    ranks = ranks_by_level(
        table.user,
        table.offsets[targets.cascade],
        targets.position,
        targets.user,
        targets.repeated,
        replay.order,
        replay.until,
        table.user[replay.event],
        level,
        replay.num_users,
    )
    return end_first(ranks, targets.user) if split.protocol == "legacy" else ranks

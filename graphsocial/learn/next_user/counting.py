"""The counting rule: who followed closely after the users seen so far, more often and more recently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.learn.next_user.follow_pairs import UNIT, WEIGHTINGS, FollowPairs, Weighting
from graphsocial.learn.next_user.levels import jit, move, new_levels
from graphsocial.learn.next_user.replay import Replay
from graphsocial.learn.next_user.sparse_scores import middle_rank
from graphsocial.learn.next_user.split import POSITIONS, NextUserSplit

POPULARITY_SHARE = 0.001


@dataclass(frozen=True)
class CountingSettings:
    """What the counting rule counts.

    Attributes:
        window: Largest gap between two users of a pair, in places.
        weighting: What a pair adds: `inverse` = 1 / gap, `root` = 1 / sqrt(gap), `flat` = 1.
        decay: Factor on the evidence so far at every step of the walk.

    Raises:
        SchemaError: A setting is out of its range.
    """

    window: int = 20
    weighting: Weighting = "inverse"
    decay: float = 0.9

    def __post_init__(self) -> None:
        if self.window < 1 or not 0 < self.decay <= 1:
            raise SchemaError(f"got window {self.window} and decay {self.decay}, expected 1 or more and 0 < decay <= 1")
        if self.weighting not in WEIGHTINGS:
            raise SchemaError(
                f"unknown weighting {self.weighting!r}, expected one of {', '.join(WEIGHTINGS)}."
                f"{did_you_mean(self.weighting, WEIGHTINGS)}"
            )


@dataclass(frozen=True)
class Counting:
    """Ranks users by a walk over counts of who followed whom.

    `W[a, b]` adds 1 / gap for every pair of a countable cascade whose gap is in the window; walking the prefix,
    `v = decay * v + W[u]`; the score is `v + 0.001 * count / max(count)`. Two users tie when their numbers are equal.

    Under legacy the end of the cascade is one more candidate and stands first.

    Attributes:
        settings: What is counted.
        name: As it stands in results.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> Counting().ranks(tiny_split("users_only"), "test").tolist()
    [1.0, 1.0]
    """

    settings: CountingSettings = CountingSettings()
    name: str = "counting"

    def ranks(self, split: NextUserSplit, part: Literal["valid", "test"]) -> np.ndarray:
        """Middle rank of the right user at every target of the part, inf where it cannot be hit, float64 [target]."""
        table, replay, settings = split.table, Replay.of(split, part), self.settings
        targets = replay.targets
        pairs = FollowPairs.of(table, replay.known, len(replay.event), settings.window, settings.weighting)
        ranks = _counting_ranks(
            table.user,
            table.offsets[targets.cascade],
            targets.position,
            targets.user,
            targets.repeated,
            replay.order,
            replay.until,
            table.user[replay.event],
            replay.occurrence(table.user),
            pairs.indptr,
            pairs.later,
            pairs.slot,
            pairs.weight,
            pairs.known,
            settings.decay ** np.arange(POSITIONS) / UNIT,
            POPULARITY_SHARE,
            replay.num_users,
        )
        return end_first(ranks, targets.user) if split.protocol == "legacy" else ranks


def end_first(ranks: np.ndarray, user: np.ndarray) -> np.ndarray:
    """The same ranks with the end of the cascade put before every user.

    Args:
        ranks: Middle rank among users [target].
        user: Code of the right user, -1 where the cascade ends [target].

    >>> end_first(np.array([1.0, np.inf]), np.array([7, -1])).tolist()
    [2.0, 1.0]
    """
    return np.where(user < 0, 1.0, ranks + 1)


@jit
def _counting_ranks(  # type: ignore[no-untyped-def]
    user, first, position, right, repeated, order, until, event_user, event_count,
    indptr, later, slot, weight, known, powers, share, num_users,
):  # fmt: skip
    """See `ranks_by_level` and `FollowPairs` for the arguments; `powers` are those of the decay, over `UNIT`."""
    ranks = np.full(len(order), np.inf)
    count = np.zeros(num_users, dtype=np.int64)
    tree = new_levels(num_users, event_count.max() if len(event_count) else 0)
    total = np.zeros(len(later), dtype=np.int64)
    score = np.zeros(num_users)
    scored = np.empty(num_users, dtype=np.int64)
    hidden = np.zeros(num_users, dtype=np.bool_)
    distinct = np.empty(len(powers), dtype=np.int64)
    seen = added = highest = 0
    for target in order:
        while seen < until[target]:
            u = event_user[seen]
            move(tree, count[u], -1)
            count[u] = event_count[seen]
            move(tree, count[u], 1)
            highest = max(highest, count[u])
            seen += 1
        while added < len(known) and known[added] < until[target]:
            total[slot[added]] += weight[added]
            added += 1
        if right[target] < 0 or repeated[target]:
            continue
        touched = users = 0
        for i in range(position[target]):
            u = user[first[target] + i]
            if not hidden[u]:
                hidden[u] = True
                distinct[users] = u
                users += 1
            for place in range(indptr[u], indptr[u + 1]):
                if total[place]:
                    if score[later[place]] == 0:
                        scored[touched] = later[place]
                        touched += 1
                    score[later[place]] += powers[position[target] - 1 - i] * total[place]
        ranks[target] = middle_rank(
            score, scored[:touched], hidden, distinct[:users], count, tree, highest, share, right[target]
        )
        hidden[distinct[:users]] = False
        score[scored[:touched]] = 0
    return ranks

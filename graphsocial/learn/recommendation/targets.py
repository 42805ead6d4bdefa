"""The moments at which a recommender is asked: a user with a past takes up a post that is new to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.recommendation.take_ups import TakeUps

EARLIER = 2
"""Posts a user must have taken up before being asked about."""
SHARES = (0.7, 0.85)
"""Shares of the targets, by time, at which training and validation end."""


@dataclass(frozen=True, eq=False)
class AskedMoments:
    """Targets in order of time.

    Attributes:
        event: Number of the event that answers each, int64 [target].
        user: int64 [target].
        post: The right post, int64 [target].
        time: int64 seconds [target].
        earlier: Posts the user had taken up before, int64 [target].
    """

    event: np.ndarray
    user: np.ndarray
    post: np.ndarray
    time: np.ndarray
    earlier: np.ndarray

    def __len__(self) -> int:
        return len(self.event)

    def rows(self, keep: np.ndarray) -> AskedMoments:
        """Some of them [kept]."""
        return AskedMoments(self.event[keep], self.user[keep], self.post[keep], self.time[keep], self.earlier[keep])


@dataclass(frozen=True, eq=False)
class RecommendationSplit:
    """Targets cut by global time: no target of a part has the time of a target of another.

    Attributes:
        train: Targets before `valid_from`.
        valid: Targets in [valid_from, test_from).
        test: Targets from `test_from` on.
        valid_from: Seconds.
        test_from: Seconds.
    """

    train: AskedMoments
    valid: AskedMoments
    test: AskedMoments
    valid_from: int
    test_from: int


def recommendation_split(record: TakeUps, earlier: int = EARLIER) -> RecommendationSplit:
    """Every event in which a user with at least `earlier` posts takes up a further one; 70/15/15 by time.

    Raises:
        SchemaError: A part would be empty.
    """
    past = record.earlier()
    event = np.flatnonzero(record.first & (past >= earlier))
    asked = AskedMoments(event, record.user[event], record.post[event], record.time[event], past[event])
    if len(asked) < 3:
        raise SchemaError(
            f"recommendation needs at least 3 events of users with {earlier} or more earlier ones, got {len(asked)} "
            f"of {len(record):,} events"
        )
    valid_from, test_from = (int(asked.time[int(share * len(asked))]) for share in SHARES)
    before, after = asked.time < valid_from, asked.time >= test_from
    parts = [asked.rows(mask) for mask in (before, ~before & ~after, after)]
    if not all(len(part) for part in parts):
        raise SchemaError(
            f"{len(asked)} targets cut by time give {', '.join(str(len(part)) for part in parts)} for training, "
            "validation and test, expected at least one each"
        )
    return RecommendationSplit(parts[0], parts[1], parts[2], valid_from, test_from)

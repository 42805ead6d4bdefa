"""Small worlds of posts and take-ups: one at random, with every kind of tie, and one of two camps."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from graphsocial.learn.recommendation.take_ups import TakeUps
from graphsocial.schema import UNKNOWN_TIME

HOUR = 3600


class Rows(NamedTuple):
    """Arguments of `TakeUps.of`."""

    post: np.ndarray
    author: np.ndarray
    start: np.ndarray
    src: np.ndarray
    dst: np.ndarray
    time: np.ndarray

    def where(self, post: Callable[[Rows], np.ndarray], event: Callable[[Rows], np.ndarray]) -> Rows:
        """Some of the posts and some of the events."""
        p, e = post(self), event(self)
        return Rows(*(column[p] for column in self[:3]), *(column[e] for column in self[3:]))

    def until(self, now: int) -> Rows:
        """What came before `now`."""
        return self.where(lambda rows: rows.start < now, lambda rows: rows.time < now)

    @property
    def record(self) -> TakeUps:
        return TakeUps.of(*self)


def ids(prefix: str, numbers: np.ndarray) -> np.ndarray:
    return np.array([f"{prefix}{n}" for n in numbers], dtype=object)


def random_rows(seed: int, posts: int = 12, users: int = 8, events: int = 120, span: int = 60) -> Rows:
    """Few users, posts and times, so that ties, repeats and events before the start of a post are common."""
    rng = np.random.default_rng(seed)
    author = ids("u", rng.integers(0, users + 2, posts))
    author[0] = ""
    start = rng.integers(0, span, posts) * HOUR
    time = rng.integers(0, 2 * span, events) * HOUR
    time[0] = UNKNOWN_TIME
    return Rows(
        ids("p", np.arange(posts)),
        author,
        start,
        ids("u", rng.integers(0, users, events)),
        ids("p", rng.integers(0, posts + 1, events)),
        time,
    )


def camp_rows(seed: int = 0, posts: int = 150, users: int = 30) -> tuple[Rows, np.ndarray]:
    """Users of either camp take up posts of their camp only, whenever these are a few hours old; words name the camp.

    Returns:
        The rows, and the text of each post.
    """
    rng = np.random.default_rng(seed)
    start = np.arange(posts) * HOUR
    src, dst, time = [], [], []
    for p in range(posts):
        mine = np.flatnonzero(np.arange(users) % 2 == p % 2)
        for u in rng.choice(mine, 6, replace=False):
            src.append(u)
            dst.append(p)
            time.append(start[p] + rng.integers(60, 12 * HOUR))
    words = ("harbour ship sail", "meadow cow barn")
    text = np.array([f"{words[p % 2]} {rng.integers(1000)}" for p in range(posts)], dtype=object)
    rows = Rows(
        ids("p", np.arange(posts)), ids("a", np.arange(posts)), start, ids("u", np.array(src)), ids("p", np.array(dst)),
        np.array(time),
    )  # fmt: skip
    return rows, text

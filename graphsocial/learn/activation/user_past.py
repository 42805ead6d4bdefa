"""What is known of each user as of a time: how they took part so far, and what in."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.activation.cascade_record import CascadeRecord
from graphsocial.learn.activation.followed_pairs import WINDOW

NEVER = 2**40
"""Seconds since what never happened."""
DAY = 86_400.0
"""Seconds."""
USER_CHANNELS = ("events", "recent", "lately", "idle", "place", "starts", "followed_by", "out_degree")
"""Logs of how many cascades, of those of the last week and of the last two months (fading), of the days since the last;
means over them of the log of the place, of being first and of the log of how many followed; log of the out-degree."""


def user_channels(record: CascadeRecord, as_of: int, out_degree: np.ndarray) -> np.ndarray:
    """`USER_CHANNELS` of every user known by a time, float32 [user, channel].

    Args:
        record: The cascades; only events before the time are read.
        as_of: The time, seconds UTC.
        out_degree: Candidate edges that leave each known user, int64 [user].

    >>> from graphsocial.graph import CascadeSet
    >>> record = CascadeRecord.of(CascadeSet(["a", "b"], [-1, 0], [0, 60], [0, 2], ["post"], [False]))
    >>> channels = user_channels(record, 86_400, np.array([1, 0]))
    >>> {name: round(value, 2) for name, value in zip(USER_CHANNELS, channels[0].tolist())}
    {'events': 0.69, 'recent': 0.62, 'lately': 0.68, 'idle': 0.69, 'place': 0.0, 'starts': 1.0, 'followed_by': 0.69,
     'out_degree': 0.69}
    """
    users = len(out_degree)
    seen = np.flatnonzero(record.time < as_of)
    user, cascade, time = record.user[seen], record.cascade[seen], record.time[seen]
    place = seen - record.offsets[cascade]
    followers = np.bincount(cascade, minlength=len(record))[cascade] - 1 - place
    events = np.bincount(user, minlength=users)
    days = (as_of - time) / DAY
    last = np.full(users, as_of - NEVER)
    np.maximum.at(last, user, time)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(user, weights=values, minlength=users)

    often = np.maximum(events, 1)
    channels = (
        np.log1p(events),
        np.log1p(total(np.exp(-days / 7))),
        np.log1p(total(np.exp(-days / 60))),
        np.log1p((as_of - last) / DAY),
        total(np.log1p(place)) / often,
        total((place == 0).astype(np.float64)) / often,
        total(np.log1p(np.minimum(followers, WINDOW))) / often,
        np.log1p(out_degree),
    )
    return np.stack(channels, axis=1).astype(np.float32)


def mean_content(record: CascadeRecord, as_of: int, rows: np.ndarray, users: int) -> np.ndarray:
    """Mean content of the cascades that each known user took part in, of length 1 or zero, float32 [user, channel].

    Args:
        record: The cascades; only events before the time are read.
        as_of: The time, seconds UTC.
        rows: Vector of each cascade, zero where it has none, float32 [cascade, channel].
        users: Number of known users.

    >>> from graphsocial.graph import CascadeSet
    >>> record = CascadeRecord.of(CascadeSet(["a", "b", "a"], [-1] * 3, [0, 1, 9], [0, 2, 3], ["p", "q"], [False] * 2))
    >>> mean_content(record, 10, np.array([[4, 0], [0, 3]]), users=2)
    array([[0.8, 0.6],
           [1. , 0. ]], dtype=float32)
    """
    from scipy import sparse

    seen = np.flatnonzero(record.time < as_of)
    # what is known of a cascade that begins later must not even be multiplied by nothing
    begun = int(np.searchsorted(record.start, as_of, side="left"))
    took_part = sparse.coo_matrix(
        (np.ones(len(seen), dtype=np.float32), (record.user[seen], record.cascade[seen])), shape=(users, begun)
    ).tocsr()
    mean = np.asarray(took_part @ rows[:begun].astype(np.float32))
    length = np.linalg.norm(mean, axis=1, keepdims=True)
    return np.divide(mean, length, out=np.zeros_like(mean), where=length > 0)

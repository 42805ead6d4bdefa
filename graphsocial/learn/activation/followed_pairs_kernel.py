"""The loops that find who took part soon after whom: row by row, so that no pair is ever held twice."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def edge_between(indptr, target, u, v):  # type: ignore[no-untyped-def]
    """The edge from u to v, -1 if there is none; rows are in ascending order of the target."""
    left, stop = indptr[u], indptr[u + 1]
    while left < stop:
        middle = (left + stop) >> 1
        if target[middle] < v:
            left = middle + 1
        else:
            stop = middle
    return left if left < indptr[u + 1] and target[left] == v else -1


@numba.njit(cache=True, nogil=True)
def count_followers(user, cascade, time, window, indptr, by_user, size):  # type: ignore[no-untyped-def]
    """Counts those who took part after each user, within some places of the same cascade.

    Args:
        user: Of each event; a cascade's events stand together, in order of time [event].
        cascade: Of each event [event].
        time: Of each event [event].
        window: Places within which somebody counts as a follower.
        indptr: First event of each user in `by_user` [user + 1].
        by_user: Events grouped by user [event].
        size: Written: how many followers, int64 [user].
    """
    met = np.full(len(size), -1, dtype=np.int64)
    for u in range(len(size)):
        size[u] = 0
        for event in by_user[indptr[u] : indptr[u + 1]]:
            for later in range(event + 1, min(event + window + 1, len(user))):
                if cascade[later] != cascade[event]:
                    break
                v = user[later]
                if time[later] > time[event] and met[v] != u:
                    met[v] = u
                    size[u] += 1


@numba.njit(cache=True, nogil=True)
def list_followers(  # type: ignore[no-untyped-def]
    user, cascade, time, window, indptr, by_user, begin, target, weight, together, last
):
    """Lists those who took part after each user, in ascending order, with how often and how closely.

    Args:
        user: Of each event; a cascade's events stand together, in order of time [event].
        cascade: Of each event [event].
        time: Of each event [event].
        window: Places within which somebody counts as a follower.
        indptr: First event of each user in `by_user` [user + 1].
        by_user: Events grouped by user [event].
        begin: First pair of each user, by `count_followers` [user + 1].
        target: Written: the follower [pair].
        weight: Written: sum of 1 / places between the two, float64 [pair].
        together: Written: how often the one followed the other, int64 [pair].
        last: Written: when the follower last did, int64 [pair].
    """
    users = len(begin) - 1
    met = np.full(users, -1, dtype=np.int64)
    closeness, times, latest = np.empty(users), np.empty(users, dtype=np.int64), np.empty(users, dtype=np.int64)
    for u in range(users):
        found = begin[u]
        for event in by_user[indptr[u] : indptr[u + 1]]:
            for later in range(event + 1, min(event + window + 1, len(user))):
                if cascade[later] != cascade[event]:
                    break
                if time[later] == time[event]:
                    continue
                v = user[later]
                if met[v] != u:
                    met[v] = u
                    closeness[v], times[v], latest[v] = 0.0, 0, time[later]
                    target[found] = v
                    found += 1
                closeness[v] += 1 / (later - event)
                times[v] += 1
                latest[v] = max(latest[v], time[later])
        target[begin[u] : found].sort()
        for pair in range(begin[u], found):
            v = target[pair]
            weight[pair], together[pair], last[pair] = closeness[v], times[v], latest[v]


@numba.njit(cache=True, nogil=True)
def values_back(indptr, target, value, back):  # type: ignore[no-untyped-def]
    """Value of the edge that runs the other way, 0 where there is none.

    Args:
        indptr: First edge of each row [user + 1].
        target: Ascending within a row [edge].
        value: Of each edge [edge].
        back: Written [edge].
    """
    for u in range(len(indptr) - 1):
        for edge in range(indptr[u], indptr[u + 1]):
            other = edge_between(indptr, target, target[edge], u)
            back[edge] = value[other] if other >= 0 else 0.0

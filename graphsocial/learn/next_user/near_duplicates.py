"""Cascades that are all but copies of earlier ones."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import stable_groups
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.levels import jit

JACCARD = 0.5


def near_duplicates(table: CascadeTable, cascades: range, others: range, jaccard: float = JACCARD) -> np.ndarray:
    """Whether the users of a cascade overlap those of any other one by at least so much, bool [cascade].

    Args:
        table: The cascades, whole.
        cascades: Which to judge.
        others: Which to compare them with.
        jaccard: Least users in both divided by users in either.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> split = tiny_split("strict")
    >>> near_duplicates(split.table, split.cascades("test"), split.cascades("train")).tolist()
    [True]
    """
    num_users, key = len(table.users), table.cascade * len(table.users) + table.user
    distinct = np.unique(key)
    user, cascade = distinct % num_users, distinct // num_users
    offsets = np.searchsorted(cascade, np.arange(len(table) + 1))
    among = (cascade >= others.start) & (cascade < others.stop)
    indptr, order = stable_groups(user[among], num_users)
    begin, end = np.int64(cascades.start), np.int64(cascades.stop)
    return _overlaps(user, offsets, indptr, cascade[among][order], begin, end, jaccard)


@jit
def _overlaps(user, offsets, indptr, member, begin, end, jaccard):  # type: ignore[no-untyped-def]
    """`member[indptr[u]:indptr[u + 1]]` are the cascades a user is in, among those to compare with."""
    found = np.zeros(max(0, end - begin), dtype=np.bool_)
    common = np.zeros(len(offsets) - 1, dtype=np.int64)
    for c in range(begin, end):
        size = offsets[c + 1] - offsets[c]
        for clear in (False, True):
            for i in range(offsets[c], offsets[c + 1]):
                for place in range(indptr[user[i]], indptr[user[i] + 1]):
                    other = member[place]
                    if clear:
                        common[other] = 0
                    elif other != c:
                        common[other] += 1
                        either = size + offsets[other + 1] - offsets[other] - common[other]
                        found[c - begin] |= common[other] >= jaccard * either
    return found

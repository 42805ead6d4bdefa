"""Who took part in a cascade soon after whom: what co-participation says of a pair."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphsocial.learn.activation.cascade_record import CascadeRecord

WINDOW = 20
"""Places of a cascade within which an earlier member counts as a candidate for having activated a later one."""


@dataclass(frozen=True, eq=False)
class FollowedPairs:
    """Pairs in order of who came first, then of who followed.

    Attributes:
        indptr: First pair of each known user, int64 [user + 1].
        target: Who followed, int64 [pair].
        weight: Sum of 1 / places between the two over cascades, float64 [pair].
        together: In how many cascades, int64 [pair].
        last: When the follower last did so, int64 seconds UTC; 0 where never [pair].

    >>> from graphsocial.graph import CascadeSet
    >>> read = CascadeSet(["a", "b", "c", "a", "c"], [-1] * 5, [0, 1, 2, 7, 9], [0, 3, 5], ["p", "q"], [False] * 2)
    >>> pairs = FollowedPairs.of(CascadeRecord.of(read), 10)
    >>> pairs.source.tolist(), pairs.target.tolist(), pairs.weight.tolist(), pairs.last.tolist()
    ([0, 0, 1], [1, 2, 2], [1.0, 1.5, 1.0], [1, 9, 2])
    >>> pairs.along(np.array([[2, 1], [0, 2]])).weight.tolist()
    [1.5, 0.0]
    """

    indptr: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    together: np.ndarray
    last: np.ndarray

    @classmethod
    def of(cls, record: CascadeRecord, as_of: int) -> FollowedPairs:
        """Pairs who took part in a cascade before a time, within `WINDOW` places, though not in the same second."""
        from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed
        from graphsocial.learn.activation.followed_pairs_kernel import count_followers, list_followers

        users, seen = record.known(as_of), record.time < as_of
        user, cascade, time = record.user[seen], record.cascade[seen], record.time[seen]
        by_user, size = np.empty(len(user), dtype=np.int64), np.empty(users, dtype=np.int64)
        first = stable_groups(user, users, by_user)
        count_followers(user, cascade, time, WINDOW, first, by_user, size)
        indptr = np.concatenate([[0], np.cumsum(size)])
        target, together, last = (np.empty(indptr[-1], dtype=np.int64) for _ in range(3))
        weight = np.empty(indptr[-1])
        list_followers(user, cascade, time, WINDOW, first, by_user, indptr, target, weight, together, last)
        return cls(indptr, target, weight, together, last)

    @property
    def users(self) -> int:
        """Number of known users."""
        return len(self.indptr) - 1

    @cached_property
    def source(self) -> np.ndarray:
        """Who came first, int64 [pair]."""
        return np.repeat(np.arange(self.users), np.diff(self.indptr))

    def along(self, links: np.ndarray) -> FollowedPairs:
        """Links, each once, with what is known of them; nobody is linked to themselves.

        Args:
            links: Known users, int64 [link, 2].
        """
        key = np.unique(links[links[:, 0] != links[:, 1]] @ np.array([self.users, 1]))
        followed = self.source * self.users + self.target
        place = np.searchsorted(followed, key)
        found = np.flatnonzero(np.append(followed, -1)[place] == key)

        def of_links(values: np.ndarray) -> np.ndarray:
            out = np.zeros(len(key), dtype=values.dtype)
            out[found] = values[place[found]]
            return out

        source, target = np.divmod(key, max(self.users, 1))
        indptr = np.searchsorted(source, np.arange(self.users + 1))
        return FollowedPairs(indptr, target, of_links(self.weight), of_links(self.together), of_links(self.last))

"""Cascades as the next-user and size benchmarks read them: in order of their start, users as codes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet

SMALLEST, LARGEST = 2, 500


@dataclass(frozen=True, eq=False)
class CascadeTable:
    """Retained cascades, ordered by the time of their first event (stable); inside one, in the order of the record.

    Attributes:
        user: Code of each event's user, int64 [event].
        time: When, int64 seconds [event].
        offsets: First event of each cascade, int64 [cascade + 1].
        users: Id of each code, in ascending order of the ids, object [user].
        names: Id of each cascade, object [cascade].
    """

    user: np.ndarray
    time: np.ndarray
    offsets: np.ndarray
    users: np.ndarray
    names: np.ndarray

    @classmethod
    def of(cls, cascades: CascadeSet, smallest: int = SMALLEST, largest: int = LARGEST) -> CascadeTable:
        """Keeps the cascades of `smallest` to `largest` events and orders them by start.

        Raises:
            SchemaError: No cascade is left.

        >>> ids = np.array(["b", "a", "c", "a", "b"], dtype=object)
        >>> read = CascadeSet(ids, [-1] * 5, [7, 8, 1, 2, 3], [0, 2, 5], ["late", "early"], [False] * 2)
        >>> kept = CascadeTable.of(read)
        >>> kept.names.tolist(), kept.users[kept.user].tolist(), kept.start.tolist()
        (['early', 'late'], ['c', 'a', 'b', 'b', 'a'], [1, 7])
        """
        size = cascades.size
        kept = np.flatnonzero((size >= smallest) & (size <= largest))
        if not len(kept):
            raise SchemaError(
                f"got {len(cascades)} cascades, none of them of {smallest} to {largest} users: nothing to rank"
            )
        kept = kept[np.argsort(cascades.time[cascades.offsets[kept]], kind="stable")]
        events = np.concatenate([np.arange(cascades.offsets[c], cascades.offsets[c + 1]) for c in kept])
        users, user = np.unique(cascades.node[events].astype(str), return_inverse=True)
        return cls(
            user=user.astype(np.int64),
            time=cascades.time[events],
            offsets=np.concatenate([[0], np.cumsum(size[kept])]),
            users=users.astype(object),
            names=cascades.names[kept],
        )

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def start(self) -> np.ndarray:
        """Time of each cascade's first event, int64 [cascade]."""
        return self.time[self.offsets[:-1]]

    @cached_property
    def cascade(self) -> np.ndarray:
        """Which cascade each event belongs to, int64 [event]."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

"""Cascades with whoever took part in them numbered by when they became known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet


@dataclass(frozen=True, eq=False)
class CascadeRecord:
    """First activations of each cascade in order of time; cascades stand in order of their start, then of their name.

    Users are numbered by the time they became known, then by id: those known before any time are a prefix, so what
    comes later moves no number. Members of the same second keep the order that they were listed in; apart from that the
    order of the input does not matter.

    Attributes:
        user: Number of each event's user, int64 [event].
        time: When, int64 seconds UTC [event].
        offsets: First event of each cascade, int64 [cascade + 1].
        ids: Id of each user, object [user].
        first_seen: When each user became known: by their first event, or earlier by other means; ascending, int64
            seconds UTC [user].
        names: Id of each cascade, object [cascade].
        place: Position of each cascade in the set it was read from, int64 [cascade].

    >>> read = CascadeSet(["b", "a", "c", "a"], [-1] * 4, [7, 8, 1, 2], [0, 2, 4], ["late", "early"], [False] * 2)
    >>> record = CascadeRecord.of(read)
    >>> record.names.tolist(), record.ids.tolist(), record.user.tolist()
    (['early', 'late'], ['c', 'a', 'b'], [0, 1, 2, 1])
    >>> CascadeRecord.of(read, others={"friend": 1, "b": 0}).ids.tolist()
    ['b', 'c', 'friend', 'a']
    """

    user: np.ndarray
    time: np.ndarray
    offsets: np.ndarray
    ids: np.ndarray
    first_seen: np.ndarray
    names: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, cascades: CascadeSet, others: Mapping[Any, int] | None = None) -> CascadeRecord:
        """Reads cascades; a user's later events in the same cascade are left out, and so are those of nobody recorded.

        Args:
            cascades: The cascades, with times in seconds UTC.
            others: Users who need not have acted, such as the accounts of a social network, with the second they became
                known; of somebody who acted before that the first event counts.

        Raises:
            SchemaError: Not a `CascadeSet`, one without a known member, or its times are steps; or `others` does not
                give a whole second for each id.
        """
        if not isinstance(cascades, CascadeSet):
            raise SchemaError(f"got {type(cascades).__name__}, expected a CascadeSet, such as read_cascades() returns")
        if cascades.time.dtype.kind == "f":
            raise SchemaError("got simulated times, expected seconds UTC: what spreads over simulated time is known")
        node = cascades.node.astype(str)
        member = np.flatnonzero(node != "")
        if not len(member):
            raise SchemaError("got no cascade with a known member, expected at least one to learn from")
        other, known_since = _known_since(others)
        names, code = np.unique(np.append(node[member], other), return_inverse=True)
        seen = np.full(len(names), np.iinfo(np.int64).max)
        np.minimum.at(seen, code, np.append(cascades.time[member], known_since))
        by_time = np.lexsort((names, seen))
        number = np.empty(len(names), dtype=np.int64)
        number[by_time] = np.arange(len(names))

        code = code[: len(member)]
        cascade = np.repeat(np.arange(len(cascades)), cascades.size)[member]
        order = np.lexsort((cascades.time[member], cascade))
        _, first = np.unique(cascade[order] * len(names) + code[order], return_index=True)
        kept = order[np.sort(first)]
        code, time, cascade = code[kept], cascades.time[member[kept]], cascade[kept]

        inhabited, begun = np.unique(cascade, return_index=True)
        rank = np.lexsort((cascades.names[inhabited].astype(str), time[begun]))
        position = np.empty(len(rank), dtype=np.int64)
        position[rank] = np.arange(len(rank))
        size = np.diff(np.append(begun, len(cascade)))
        order = np.argsort(np.repeat(position, size), kind="stable")
        return cls(
            user=number[code[order]],
            time=time[order],
            offsets=np.concatenate([[0], np.cumsum(size[rank])]),
            ids=names[by_time].astype(object),
            first_seen=seen[by_time],
            names=cascades.names[inhabited[rank]],
            place=inhabited[rank],
        )

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"CascadeRecord of {len(self):,} cascades, {len(self.user):,} events and {len(self.ids):,} users"

    @cached_property
    def start(self) -> np.ndarray:
        """Time of each cascade's first event, int64 seconds UTC [cascade]."""
        return self.time[self.offsets[:-1]]

    @cached_property
    def cascade(self) -> np.ndarray:
        """Which cascade each event belongs to, int64 [event]."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def known(self, before: int) -> int:
        """How many users were known before a time; they have the lowest numbers."""
        return int(np.searchsorted(self.first_seen, before, side="left"))

    def numbers(self, ids: Iterable[Any]) -> np.ndarray:
        """Numbers of some users by id, -1 for one whom the record does not hold, int64 [id]."""
        place = self._place
        return np.array([place.get(str(name), -1) for name in ids], dtype=np.int64)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.ids.tolist())}


def _known_since(others: Mapping[Any, int] | None) -> tuple[np.ndarray, np.ndarray]:
    """Ids as text, str [other], and since when they are known, int64 [other]."""
    if others is None:
        return np.zeros(0, dtype=str), np.zeros(0, dtype=np.int64)
    if not isinstance(others, Mapping):
        raise SchemaError(
            f"others got {type(others).__name__}, expected a mapping of each id to the second it is known"
        )
    for name, when in others.items():
        if not isinstance(when, int | np.integer) or isinstance(when, bool):
            raise SchemaError(f"others got {when!r} for {name!r}, expected the second it became known, a whole number")
        if str(name) == "":
            raise SchemaError("others got the id '', expected a name: it stands for an author nobody recorded")
    return np.array([str(name) for name in others], dtype=str), np.array([*others.values()], dtype=np.int64)

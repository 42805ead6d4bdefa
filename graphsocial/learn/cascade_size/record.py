"""Cascades as the size benchmark reads them: a root and what followed it, in order of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet

UNKNOWN = -1
"""An author, a text length or an account's age that nobody recorded."""


@dataclass(frozen=True, eq=False)
class SizeRecord:
    """Cascades in order of their root's time (stable), their events in order of time.

    The root is no event: a cascade of one member has none. Nothing here was measured later than the time it stands at,
    except what `assumptions` names.

    Attributes:
        name: Id of each cascade, object [cascade].
        start: Time of the root, int64 seconds [cascade].
        author: Code of the root's user, `UNKNOWN` where nobody recorded one, int64 [cascade].
        text: The root's text, "" where there is none, object [cascade].
        author_since: When the root's account was opened, `UNKNOWN` where nobody recorded it, int64 seconds [cascade].
        offsets: First event of each cascade, int64 [cascade + 1].
        user: Code of each event's user, `UNKNOWN` where nobody recorded one, int64 [event].
        time: When, int64 seconds [event].
        parent: Place of the event it came from in these arrays, -1 for the root, int64 [event].
        text_length: Characters of the event's text, `UNKNOWN` where nobody recorded it, int64 [event].
        has_parents: False when nobody recorded who came from whom.
        zone: Seconds to add to UTC to get the clock most users live by.
        until: Nothing after this time is recorded, int64 seconds; a horizon that passes it is censored.
        assumptions: What was taken for granted while reading, one sentence each.
    """

    name: np.ndarray
    start: np.ndarray
    author: np.ndarray
    text: np.ndarray
    author_since: np.ndarray
    offsets: np.ndarray
    user: np.ndarray
    time: np.ndarray
    parent: np.ndarray
    text_length: np.ndarray
    has_parents: bool
    until: int
    zone: int = 0
    assumptions: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        cascades: CascadeSet,
        *,
        texts: Mapping[str, str] | None = None,
        text_length: np.ndarray | None = None,
        author_since: np.ndarray | None = None,
        zone: int = 0,
        assumptions: tuple[str, ...] = (),
    ) -> SizeRecord:
        """Reads a set of cascades whose first member is the root.

        Events before their root count at its time; members of a cascade are put in order of time (stable).

        Args:
            cascades: Observed cascades; empty ones are left out.
            texts: Text of each cascade's root by the cascade's name.
            text_length: Characters of each member's text [member], None = nobody recorded them.
            author_since: When the account of each cascade's root was opened [cascade], None = nobody recorded it.
            zone: Seconds to add to UTC to get local time.
            assumptions: Sentences to show beside every result.

        Raises:
            SchemaError: There is no cascade.

        >>> ids = np.array(["ann", "bob", "cy", "dee"], dtype=object)
        >>> record = SizeRecord.of(CascadeSet(ids, [-1, -1, 1, -1], [5, 9, 9, 3], [0, 3, 4], ["b", "a"], [False] * 2))
        >>> record.name.tolist(), record.start.tolist(), record.size.tolist(), record.has_parents
        (['a', 'b'], [3, 5], [0, 2], True)
        """
        kept = np.flatnonzero(cascades.size > 0)
        if not len(kept):
            raise SchemaError("got no cascade with a root, expected at least one: there is nothing to predict")
        roots = cascades.offsets[:-1][kept]
        order = np.argsort(cascades.time[roots], kind="stable")
        kept, roots = kept[order], roots[order]
        size = cascades.size[kept] - 1
        offsets = np.concatenate([[0], np.cumsum(size)])
        cascade = np.repeat(np.arange(len(kept)), size)
        member = np.repeat(roots + 1 - offsets[:-1], size) + np.arange(offsets[-1])
        time = np.maximum(cascades.time[member], cascades.time[roots][cascade])
        by_time = np.lexsort((time, cascade))
        member, time = member[by_time], time[by_time]
        place = np.full(len(cascades.node), -1)
        place[member] = np.arange(len(member))
        above = cascades.parent[member]
        user = _codes(np.concatenate([cascades.node[roots], cascades.node[member]]))
        names = cascades.names[kept]
        return cls(
            name=names,
            start=cascades.time[roots],
            author=user[: len(kept)],
            text=np.array([(texts or {}).get(str(name), "") for name in names], dtype=object),
            author_since=np.full(len(kept), UNKNOWN) if author_since is None else np.asarray(author_since)[kept],
            offsets=offsets,
            user=user[len(kept) :],
            time=time,
            parent=np.where(above < 0, -1, place[above]),
            text_length=np.full(len(member), UNKNOWN) if text_length is None else np.asarray(text_length)[member],
            has_parents=bool((cascades.parent >= 0).any()),
            until=int(max(cascades.time.max(), cascades.time[roots].max())),
            zone=zone,
            assumptions=assumptions,
        )

    def __len__(self) -> int:
        return len(self.start)

    def newest(self, count: int) -> SizeRecord:
        """The last cascades alone, for a quick look.

        Raises:
            SchemaError: Not at least one cascade is asked for.
        """
        if count < 1:
            raise SchemaError(f"asked for the newest {count} cascades, expected at least 1")
        first = max(len(self) - count, 0)
        at = int(self.offsets[first])
        whole = {name: getattr(self, name)[first:] for name in ("name", "start", "author", "text", "author_since")}
        parts = {name: getattr(self, name)[at:] for name in ("user", "time", "text_length")}
        parent = np.where(self.parent[at:] < 0, -1, self.parent[at:] - at)
        return replace(self, **whole, **parts, parent=parent, offsets=self.offsets[first:] - at)

    @property
    def size(self) -> np.ndarray:
        """Number of events, without the root, int64 [cascade]."""
        return np.diff(self.offsets)

    @cached_property
    def cascade(self) -> np.ndarray:
        """Which cascade each event belongs to, int64 [event]."""
        return np.repeat(np.arange(len(self)), self.size)

    def events_before(self, time: np.ndarray) -> np.ndarray:
        """Events of each cascade earlier than a time of its own, int64 [cascade].

        Args:
            time: Seconds [cascade].
        """
        early = self.time < np.asarray(time)[self.cascade]
        return np.bincount(self.cascade[early], minlength=len(self))


def _codes(ids: np.ndarray) -> np.ndarray:
    """Number of each id, in ascending order of the ids; `UNKNOWN` for "", int64."""
    names, code = np.unique(ids.astype(str), return_inverse=True)
    return np.where(names == "", UNKNOWN, np.arange(len(names)))[code].astype(np.int64)

"""A post as it is, or as it might have been: who acted so far, when, and what it says and shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet


@dataclass(frozen=True, eq=False)
class HypotheticalPost:
    """What a model of spread reads of a post.

    Attributes:
        name: Id of the post.
        user: Ids of those who acted before the question, the author first, object [event].
        time: When, int64 seconds UTC, ascending [event].
        as_of: The time of the question.
        content: Vectors by modality, [channel].
        notes: What was changed, and what has to be known of it, a sentence each.

    >>> cascades = CascadeSet(["ann", "bob", "cy"], [-1, 0, -1], [10, 20, 15], [0, 2, 3], ["p", "q"], [False] * 2)
    >>> post = HypotheticalPost.of(cascades, "p", 30, {})
    >>> post.by("dee").user.tolist(), post.moved(5).time.tolist(), post.moved(5).as_of
    (['dee', 'bob'], [5, 15], 25)
    >>> post.by("dee").put_into(cascades).node.tolist()
    ['dee', 'bob', 'cy']
    """

    name: Any
    user: np.ndarray
    time: np.ndarray
    as_of: int
    content: Mapping[str, np.ndarray]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, cascades: CascadeSet, name: Any, as_of: int, content: Mapping[str, np.ndarray]) -> HypotheticalPost:
        """A post as it is; only its events before the question are read."""
        place = int(np.flatnonzero(cascades.names == name)[0])
        part = np.arange(*cascades.offsets[place : place + 2])
        part = part[cascades.time[part] < as_of]
        part = part[np.argsort(cascades.time[part], kind="stable")]
        return cls(name, cascades.node[part], cascades.time[part], int(as_of), dict(content))

    def by(self, author: Any) -> HypotheticalPost:
        """The same post, begun by somebody else.

        Raises:
            SchemaError: That one passed it on already.
        """
        if author in self.user[1:].tolist():
            raise SchemaError(f"author {author!r} passed post {self.name!r} on, expected somebody who has not")
        user = self.user.copy()
        user[0] = author
        return replace(self, user=user, notes=(*self.notes, f"author {self.user[0]!r} became {author!r}"))

    def moved(self, start: int) -> HypotheticalPost:
        """The same events, begun at another time; the question moves along."""
        shift = int(start) - int(self.time[0])
        said = f"moved by {shift:,} seconds, so runs share no chance with those of the post as it is"
        return replace(self, time=self.time + shift, as_of=self.as_of + shift, notes=(*self.notes, said))

    def passed_on_by(self, seeds: Sequence[Any]) -> HypotheticalPost:
        """The same post, which some more people pass on in the last second before the question.

        Raises:
            SchemaError: No list of ids, nobody, somebody twice, or somebody who acted already.
        """
        if isinstance(seeds, str | bytes) or not len(list(seeds)):
            raise SchemaError(f"seeds got {seeds!r}, expected a list of users, at least one")
        added = list(seeds)
        again = [who for who in added if who in self.user.tolist() or added.count(who) > 1]
        if again:
            raise SchemaError(f"seed {again[0]!r} has passed it on already or stands twice, expected each user once")
        user = np.empty(len(self.user) + len(added), dtype=object)
        user[:] = [*self.user.tolist(), *added]
        time = np.append(self.time, np.full(len(added), self.as_of - 1))
        said = f"{len(added):,} more users pass it on just before the question"
        return replace(self, user=user, time=time, notes=(*self.notes, said))

    def saying(self, modality: str, vector: np.ndarray) -> HypotheticalPost:
        """The same post with other words or another picture."""
        notes = [*self.notes, f"other {modality}"]
        if modality == "image":
            notes.append("what pictures change is not validated: no corpus has both pictures and cascades")
        return replace(self, content={**self.content, modality: vector}, notes=tuple(notes))

    def put_into(self, cascades: CascadeSet) -> CascadeSet:
        """The cascades with this post's events instead of its own."""
        place = int(np.flatnonzero(cascades.names == self.name)[0])
        begin, end = cascades.offsets[place : place + 2]
        added = len(self.user) - (end - begin)
        node = np.concatenate([cascades.node[:begin], self.user, cascades.node[end:]])
        time = np.concatenate([cascades.time[:begin], self.time, cascades.time[end:]])
        offsets = cascades.offsets.copy()
        offsets[place + 1 :] += added
        return CascadeSet(node, np.full(len(node), -1), time, offsets, cascades.names, cascades.censored)

"""Which users acted on which posts, and when first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.schema import EdgeType


@dataclass(frozen=True, eq=False)
class Engagements:
    """Pairs of a user and a post, each once, by user and then by time.

    Attributes:
        user: Position of the user, int64 [pair].
        post: Position of the post, int64 [pair].
        time: Of the first act, int64 seconds UTC [pair].
        recorded: Whether that is the act's own time, bool [pair].
        start: Where each user's pairs start, int64 [user + 1].
    """

    user: np.ndarray
    post: np.ndarray
    time: np.ndarray
    recorded: np.ndarray
    start: np.ndarray

    def of(self, user: int) -> slice:
        """The pairs of one user."""
        return slice(int(self.start[user]), int(self.start[user + 1]))


def engagements(view: SocialGraph, relations: Iterable[EdgeType] | None = None) -> Engagements:
    """What users of a view wrote, passed on, answered or liked.

    Args:
        view: Its edges count.
        relations: From users to posts, None for all of them.

    Raises:
        SchemaError: Unknown relation, one that does not lead from users to posts, or there is none.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> like = ("user", "like", "post")
    >>> edges = pa.table({"src": ["ann", "ann", "bob"], "dst": ["p", "p", "p"], "time": [3, 1, 2]})
    >>> found = engagements(SocialGraph.build(Schema({"user": {}, "post": {}}, {like: {}}), {}, {like: edges}))
    >>> found.user.tolist(), found.time.tolist()
    ([0, 1], [1, 2])
    """
    chosen = _relations(view, relations)
    key = ("engagements", chosen)
    if key not in view.cache:
        view.cache[key] = _pairs(view, chosen)
    found: Engagements = view.cache[key]
    return found


def _relations(view: SocialGraph, relations: Iterable[EdgeType] | None) -> tuple[EdgeType, ...]:
    there = [e for e in view.edge_types if (e[0], e[2]) == ("user", "post")]
    if not there:
        raise SchemaError(
            f"nothing leads from users to posts in {', '.join(map(str, view.edge_types)) or 'no relation'}"
        )
    if relations is None:
        return tuple(there)
    chosen = tuple(view.schema.check_edge_type(e) for e in relations)
    wrong = [e for e in chosen if e not in there]
    if wrong or not chosen:
        raise SchemaError(f"got {wrong[0] if wrong else 'no relation'}, expected some of {', '.join(map(str, there))}")
    return chosen


def _pairs(view: SocialGraph, chosen: tuple[EdgeType, ...]) -> Engagements:
    parts = [view.edges(e) for e in chosen]
    user, post, time, recorded = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("src", "dst", "time", "recorded")
    )
    order = np.lexsort((~recorded, time, post, user))
    user, post = user[order], post[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (user[1:] != user[:-1]) | (post[1:] != post[:-1])
    order = order[first]
    user, post, time, recorded = user[first], post[first], time[order], recorded[order]
    order = np.lexsort((post, time, user))
    user = user[order].astype(np.int64)
    start = np.searchsorted(user, np.arange(view.num_nodes("user") + 1))
    return Engagements(user, post[order].astype(np.int64), time[order], recorded[order], start)

"""Everything users did, by user and time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.schema import EdgeType

LASTING = ("follow",)
"""Relations that hold for long; who follows whom says little of when somebody is there."""


@dataclass(frozen=True, eq=False)
class UserActs:
    """Acts of users, by user and then by time.

    Attributes:
        time: int64 seconds UTC [act].
        recorded: Whether that is the act's own time, bool [act].
        start: Where each user's acts start, int64 [user + 1].
    """

    time: np.ndarray
    recorded: np.ndarray
    start: np.ndarray

    def of(self, user: int) -> slice:
        """The acts of one user."""
        return slice(int(self.start[user]), int(self.start[user + 1]))


def user_acts(view: SocialGraph, relations: Iterable[EdgeType] | None = None) -> UserActs:
    """Edges of a view that start at users.

    Args:
        view: Its edges count.
        relations: That start at users; None for all but follows.

    Raises:
        SchemaError: Unknown relation, one that does not start at users, or there is none.
    """
    there = [e for e in view.edge_types if e[0] == "user"]
    if relations is None:
        chosen = tuple(e for e in there if e[1] not in LASTING)
    else:
        chosen = tuple(view.schema.check_edge_type(e) for e in relations)
    wrong = [e for e in chosen if e not in there]
    if wrong or not chosen:
        raise SchemaError(
            f"got {wrong[0] if wrong else 'no relation'}, expected some that start at users: "
            f"{', '.join(map(str, there)) or 'the graph has none'}"
        )
    key = ("user_acts", chosen)
    if key not in view.cache:
        parts = [view.edges(e) for e in chosen]
        user, time, recorded = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("src", "time", "recorded")
        )
        order = np.lexsort((~recorded, time, user))
        start = np.searchsorted(user[order], np.arange(view.num_nodes("user") + 1))
        view.cache[key] = UserActs(time[order], recorded[order], start)
    found: UserActs = view.cache[key]
    return found

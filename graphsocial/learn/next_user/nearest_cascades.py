"""The nearest-cascades floor: what joined earlier cascades that share users with this one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.kernels import stable_groups
from graphsocial.learn.next_user.counting import end_first
from graphsocial.learn.next_user.levels import jit, move, new_levels
from graphsocial.learn.next_user.replay import Replay
from graphsocial.learn.next_user.sparse_scores import middle_rank
from graphsocial.learn.next_user.split import NextUserSplit

POPULARITY_SHARE = 1e-6
"""Popularity decides between votes that are all but equal."""


@dataclass(frozen=True)
class NearestCascades:
    """Ranks users by the votes of the `neighbours` countable cascades nearest to the prefix.

    Session-based nearest neighbours: cosine of two sets of users as in SKNN (Jannach and Ludewig 2017, RecSys), with
    later users of the prefix counting more, linearly, as in V-SKNN (Ludewig and Jannach 2018, UMUAI 28). For a prefix
    u_1 … u_p and a cascade c of which the users of S_c are known:

        similarity(c) = sum of (i / p) over the i with u_i in S_c, divided by sqrt(p * |S_c|)
        score(x) = sum of similarity(c) over the nearest cascades c with x in S_c

    and 10^-6 * count / max(count) is added, so that popularity decides between equal votes. Of equal similarities the
    cascade that started later is nearer. The cascade in question is never its own neighbour. Under legacy the end of
    the cascade stands first.

    Attributes:
        neighbours: Number of cascades that vote.
        name: As it stands in results.

    Raises:
        SchemaError: Less than one neighbour.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> NearestCascades().ranks(tiny_split("users_only"), "test").tolist()
    [1.5, 1.0]
    """

    neighbours: int = 100
    name: str = "nearest_cascades"

    def __post_init__(self) -> None:
        if self.neighbours < 1:
            raise SchemaError(f"got {self.neighbours} neighbours, expected 1 or more")

    def ranks(self, split: NextUserSplit, part: Literal["valid", "test"]) -> np.ndarray:
        """Middle rank of the right user at every target of the part, inf where it cannot be hit, float64 [target]."""
        table, replay = split.table, Replay.of(split, part)
        targets, event_user = replay.targets, table.user[replay.event]
        mine = np.empty(len(event_user), dtype=np.int64)
        indptr = stable_groups(event_user, replay.num_users, mine)
        ranks = _nearest_ranks(
            table.user,
            table.offsets,
            targets.cascade,
            targets.position,
            targets.user,
            targets.repeated,
            replay.order,
            replay.until,
            replay.known,
            event_user,
            replay.occurrence(table.user),
            table.cascade[replay.event],
            _first_of_user(table.user, table.cascade, replay.event),
            indptr,
            mine,
            self.neighbours,
            POPULARITY_SHARE,
            replay.num_users,
        )
        return end_first(ranks, targets.user) if split.protocol == "legacy" else ranks


def _first_of_user(user: np.ndarray, cascade: np.ndarray, event: np.ndarray) -> np.ndarray:
    """True where a countable event is its user's first in its cascade, bool [countable]."""
    key = cascade[event] * (user.max() + 1) + user[event]
    first = np.zeros(len(event), dtype=bool)
    first[np.unique(key, return_index=True)[1]] = True
    return first


@jit
def _nearest_ranks(  # type: ignore[no-untyped-def]
    user, offsets, cascade, position, right, repeated, order, until, known,
    event_user, event_count, event_cascade, event_first, indptr, mine, neighbours, share, num_users,
):  # fmt: skip
    """See `ranks_by_level` and `Replay`; `mine[indptr[u]:indptr[u + 1]]` are a user's events in time order."""
    num_cascades = len(offsets) - 1
    ranks = np.full(len(order), np.inf)
    count = np.zeros(num_users, dtype=np.int64)
    tree = new_levels(num_users, event_count.max() if len(event_count) else 0)
    size = np.zeros(num_cascades, dtype=np.int64)
    overlap = np.zeros(num_cascades)
    near = np.empty(num_cascades, dtype=np.int64)
    score = np.zeros(num_users)
    scored = np.empty(num_users, dtype=np.int64)
    hidden = np.zeros(num_users, dtype=np.bool_)
    distinct = np.empty(num_users, dtype=np.int64)
    seen = highest = 0
    for target in order:
        while seen < until[target]:
            u = event_user[seen]
            move(tree, count[u], -1)
            count[u] = event_count[seen]
            move(tree, count[u], 1)
            highest = max(highest, count[u])
            size[event_cascade[seen]] += event_first[seen]
            seen += 1
        if right[target] < 0 or repeated[target]:
            continue
        own, begin, length = cascade[target], offsets[cascade[target]], position[target]
        found = users = touched = 0
        for i in range(length - 1, -1, -1):  # a repeated user counts at its latest place
            u = user[begin + i]
            if hidden[u]:
                continue
            hidden[u] = True
            distinct[users] = u
            users += 1
            for place in range(indptr[u], indptr[u + 1]):
                e = mine[place]
                if e >= until[target]:
                    break
                c = event_cascade[e]
                if event_first[e] and c != own:
                    if overlap[c] == 0:
                        near[found] = c
                        found += 1
                    overlap[c] += i + 1
        for n in range(found):
            overlap[near[n]] /= length * np.sqrt(length * size[near[n]])
        chosen = near[:found]
        if found > neighbours:
            chosen = _nearest(near[:found], overlap, neighbours)
        for c in chosen:
            for place in range(offsets[c], offsets[c + 1]):
                e = known[place]
                if e < until[target] and event_first[e]:
                    u = user[place]
                    if score[u] == 0:
                        scored[touched] = u
                        touched += 1
                    score[u] += overlap[c]
        ranks[target] = middle_rank(
            score, scored[:touched], hidden, distinct[:users], count, tree, highest, share, right[target]
        )
        overlap[near[:found]] = 0
        hidden[distinct[:users]] = False
        score[scored[:touched]] = 0
    return ranks


@jit
def _nearest(near, similarity, neighbours):  # type: ignore[no-untyped-def]
    """The most similar cascades, of equal ones those with the higher number, in ascending order."""
    near = np.sort(near)
    values = similarity[near]
    bar = np.partition(values, len(values) - neighbours)[len(values) - neighbours]
    room = neighbours - (values > bar).sum()
    keep = values > bar
    for i in range(len(near) - 1, -1, -1):
        if values[i] == bar and room > 0:
            keep[i] = True
            room -= 1
    return near[keep]

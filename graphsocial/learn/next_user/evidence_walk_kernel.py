"""The walk over a prefix: what its users' pairs add up to for everybody else, carried from one place to the next."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphsocial.learn.next_user.levels import jit

SHORT = 0.5
"""Factor per step on the walk with a short memory."""
SUMS = 10


class Walk(NamedTuple):
    """Sums over the users of one prefix, for every user that one of them has a counted pair with.

    A sum that fades along the prefix is held as if it ended at the first place: what the user at place i adds is
    divided by decay ** i, and the whole is read times decay ** (length - 1). So a further user is one step, nothing is
    walked twice, and the sums of a prefix do not depend on whether they were carried.

    Attributes:
        at: First event of the cascade, countable events counted, users walked, users met [4].
        user: Who stands in each slot, in the order in which they were met [slot].
        slot: Slot of each user, -1 = none [user].
        sums: Forward, faded along the prefix; the same in shares of the follower's row; flat shares; backward, faded;
            flat shares of it; forward, faded also with age, which is that of all of them; prefix users that it ever
            followed; the short walk; from the last user that has such a pair, whole and at gap 1 [slot, 10].
        last: Place of that last user in the prefix [slot].
    """

    at: np.ndarray
    user: np.ndarray
    slot: np.ndarray
    sums: np.ndarray
    last: np.ndarray


def new_walk(users: int) -> Walk:
    """Nothing walked yet."""
    return Walk(
        at=np.array([-1, -1, 0, 0]),
        user=np.empty(users, dtype=np.int64),
        slot=np.full(users, -1, dtype=np.int64),
        sums=np.empty((users, SUMS)),
        last=np.empty(users, dtype=np.int64),
    )


@jit
def met(walk, b, seen):  # type: ignore[no-untyped-def]
    """A user without a slot gets number `seen`, with nothing summed."""
    walk.slot[b] = seen
    walk.user[seen] = b
    walk.sums[seen, :] = 0
    walk.last[seen] = -1


@jit
def forget(walk, kept, seen):  # type: ignore[no-untyped-def]
    """Takes the slots from number `kept` up to `seen` back."""
    for slot in range(kept, seen):
        walk.slot[walk.user[slot]] = -1


@jit
def walk_to(history, counts, walk, first, length, until, powers):  # type: ignore[no-untyped-def]
    """Walks on to a prefix, or anew when the cascade or what is counted has changed or the prefix is a shorter one."""
    h, c, w = history, counts, walk
    if w.at[0] != first or w.at[1] != until or w.at[2] > length:
        forget(w, 0, w.at[3])
        w.at[0], w.at[1], w.at[2], w.at[3] = first, until, 0, 0
    seen = w.at[3]
    for i in range(w.at[2], length):
        u = h.user[first + i]
        power, short = 1 / powers[i], SHORT**-i
        unit, out, back = power / h.unit, 1 / (c.follows[u] + 1), 1 / (c.followed[u] + 1)
        for pair in range(h.indptr[u], h.indptr[u + 1]):
            row = c.pair[pair]
            if row[2] == 0 and row[5] == 0:
                continue
            b = h.other[pair]
            slot = w.slot[b]
            if slot < 0:
                met(w, b, seen)
                slot = seen
                seen += 1
            total = w.sums[slot]
            whole = row[0] / h.unit
            total[0] += unit * row[0]
            total[1] += power * whole * out
            total[2] += row[2] * out
            total[3] += power * row[4]
            total[4] += row[5] * back
            total[5] += power * row[3]
            total[6] += row[2] > 0
            total[7] += short * whole
            total[8], total[9] = whole, row[1]
            w.last[slot] = i
    w.at[2], w.at[3] = length, seen

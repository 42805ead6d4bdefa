"""How many users stand above a level, while levels rise: the part of a ranking that needs no scan over all users."""

from __future__ import annotations

import numba
import numpy as np

jit = numba.njit(cache=True, nogil=True)


@jit
def new_levels(num_users, highest):  # type: ignore[no-untyped-def]
    """Binary indexed tree (Fenwick 1994) with all users at level 0, int64 [level + 1]."""
    tree = np.zeros(highest + 2, dtype=np.int64)
    move(tree, 0, num_users)
    return tree


@jit
def move(tree, level, users):  # type: ignore[no-untyped-def]
    """Adds so many users at a level."""
    i = level + 1
    while i < len(tree):
        tree[i] += users
        i += i & -i


@jit
def at_least(tree, num_users, level):  # type: ignore[no-untyped-def]
    """Number of users at this level or above."""
    below = 0
    i = min(level, len(tree) - 1)
    while i > 0:
        below += tree[i]
        i -= i & -i
    return num_users - below


@jit
def ranks_by_level(user, first, position, right, repeated, order, until, event_user, event_level, num_users):  # type: ignore[no-untyped-def]
    """Middle rank of every right user when users are ranked by level alone, float64 [target].

    Args:
        user: Codes of all events of the table [event].
        first: First event of the target's cascade [target].
        position: Length of the prefix [target].
        right: Code of the right user, -1 for an end token [target].
        repeated: The right user stands in the prefix [target].
        order: Targets in the order of what they may use [target].
        until: Countable events each target may use [target].
        event_user: User of each countable event, the earliest first [countable].
        event_level: Level that the user has from this event on [countable].
        num_users: Number of users.
    """
    ranks = np.full(len(order), np.inf)
    level = np.zeros(num_users, dtype=np.int64)
    tree = new_levels(num_users, event_level.max() if len(event_level) else 0)
    hidden = np.zeros(num_users, dtype=np.bool_)
    seen = 0
    for target in order:
        while seen < until[target]:
            u = event_user[seen]
            move(tree, level[u], -1)
            level[u] = event_level[seen]
            move(tree, level[u], 1)
            seen += 1
        if right[target] < 0 or repeated[target]:
            continue
        mine = level[right[target]]
        above = at_least(tree, num_users, mine + 1)
        tied = at_least(tree, num_users, mine) - above - 1
        prefix = user[first[target] : first[target] + position[target]]
        for u in prefix:
            if not hidden[u]:
                hidden[u] = True
                above -= level[u] > mine
                tied -= level[u] == mine
        hidden[prefix] = False
        ranks[target] = 1 + above + tied / 2
    return ranks

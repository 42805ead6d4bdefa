"""The first few of many by a key, without sorting the rest."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.next_user.levels import jit


@jit
def first_few(key, number, most):  # type: ignore[no-untyped-def]
    """Places of the lowest of `number` keys in ascending order, as a stable sort would have them; inf is left out.

    Those found so far are held in order, so most keys cost one comparison, with the last of them.

    Args:
        key: [place].
        number: Keys that are looked at.
        most: Most places that are wanted.

    Returns:
        The places [few].
    """
    few, lowest = np.empty(most, dtype=np.int64), np.full(most, np.inf)
    size = 0
    for place in range(number if most else 0):
        mine = key[place]
        if mine >= lowest[most - 1]:  # an equal key that came first stays before
            continue
        at = min(size, most - 1)
        size = at + 1
        while at > 0 and lowest[at - 1] > mine:
            few[at], lowest[at] = few[at - 1], lowest[at - 1]
            at -= 1
        few[at], lowest[at] = place, mine
    return few[:size]

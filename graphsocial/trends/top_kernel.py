"""A compiled loop that keeps the best few of each group."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def top_of_groups(group, worth, chosen, size):  # type: ignore[no-untyped-def]
    """Writes the items of most worth of each group, best first; of equal ones the earlier stands first.

    Args:
        group: Group of each item, [item].
        worth: Worth, minus infinity for what must not be chosen, [item].
        chosen: Output, items, [group, place].
        size: 0 for each group; how many were chosen, [group].
    """
    room = chosen.shape[1]
    for i in range(len(group)):
        g = group[i]
        if worth[i] == -np.inf or (size[g] == room and worth[i] <= worth[chosen[g, room - 1]]):
            continue
        place = size[g]
        if size[g] < room:
            size[g] += 1
        else:
            place = room - 1
        while place > 0 and worth[chosen[g, place - 1]] < worth[i]:
            chosen[g, place] = chosen[g, place - 1]
            place -= 1
        chosen[g, place] = i

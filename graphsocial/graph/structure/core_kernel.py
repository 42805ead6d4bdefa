"""Core numbers over plain rows of neighbours."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def core_values(first, last, neighbour):  # type: ignore[no-untyped-def]
    """Core number of every node, int64 [node], from rows of distinct neighbours in both directions, without loops.

    Nodes are taken in order of the degree that is left to them; a counting sort keeps that order (Batagelj, Zaversnik
    2003).
    """
    count = len(first)
    core = np.empty(count, dtype=np.int64)
    largest = 0
    for v in range(count):
        core[v] = last[v] - first[v]
        largest = max(largest, core[v])
    begin = np.zeros(largest + 2, dtype=np.int64)  # first place of each degree in `order`
    for v in range(count):
        begin[core[v] + 1] += 1
    for d in range(largest + 1):
        begin[d + 1] += begin[d]
    order, place = np.empty(count, dtype=neighbour.dtype), np.empty(count, dtype=neighbour.dtype)
    slot = begin.copy()
    for v in range(count):
        place[v] = slot[core[v]]
        order[place[v]] = v
        slot[core[v]] += 1
    for i in range(count):
        v = order[i]
        for j in range(first[v], last[v]):
            u = np.uint64(neighbour[j])
            if core[u] > core[v]:  # u loses v: it moves to the front of its degree, whose front moves on
                here, front = place[u], begin[core[u]]
                w = order[front]
                order[here], order[front] = w, u
                place[w], place[u] = here, front
                begin[core[u]] += 1
                core[u] -= 1
    return core

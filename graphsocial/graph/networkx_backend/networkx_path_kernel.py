"""The one shortest path that NetworkX returns where there are several."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def networkx_path(source, target, out, back):  # type: ignore[no-untyped-def]
    """Nodes of the path on which `nx.bidirectional_shortest_path` meets, int64 [step]; empty where there is none.

    Levels grow in turn, the one with fewer nodes first, and the first node seen from both sides ends the search: the
    same rows in the same order lead to the same path. `shortest_path_kernel` is the faster search where any will do.

    Args:
        source: Number of the first node.
        target: Number of the last node.
        out: First and last entry of each row and the neighbours, walking ahead.
        back: The same for walking against it.
    """
    first, last, neighbour = out
    back_first, back_last, back_neighbour = back
    if source == target:
        return np.full(1, source, dtype=np.int64)
    # one more than the node that a node was seen from, so that fresh memory means "not yet"; ends point at themselves
    before, after = np.zeros(len(first), dtype=np.int64), np.zeros(len(first), dtype=np.int64)
    before[source], after[target] = source + 1, target + 1
    ahead, behind = np.empty(len(first), dtype=np.int64), np.empty(len(first), dtype=np.int64)
    ahead[0], behind[0] = source, target
    a, a_end, b, b_end, meeting = 0, 1, 0, 1, -1
    while a < a_end and b < b_end and meeting < 0:
        if a_end - a <= b_end - b:
            a, a_end, meeting = _level(a, a_end, ahead, first, last, neighbour, before, after)
        else:
            b, b_end, meeting = _level(b, b_end, behind, back_first, back_last, back_neighbour, after, before)
    if meeting < 0:
        return np.empty(0, dtype=np.int64)
    steps, node = 1, meeting
    while node != source:
        node = before[node] - 1
        steps += 1
    ahead_steps, node = steps, meeting
    while node != target:
        node = after[node] - 1
        steps += 1
    path, node = np.empty(steps, dtype=np.int64), meeting
    for i in range(ahead_steps - 1, -1, -1):
        path[i] = node
        node = before[node] - 1
    node = meeting
    for i in range(ahead_steps, steps):
        node = after[node] - 1
        path[i] = node
    return path


@jit
def _level(begin, end, queue, first, last, neighbour, own, other):  # type: ignore[no-untyped-def]
    """Appends the next level to the queue; its begin, its end, and the first node that the other side saw, or -1."""
    tail = end
    for i in range(begin, end):
        here = queue[i]
        for entry in range(first[here], last[here]):
            node = neighbour[entry]
            if own[node] == 0:
                own[node] = here + 1
                queue[tail] = node
                tail += 1
            if other[node] != 0:
                return end, tail, np.int64(node)
    return end, tail, np.int64(-1)

"""Parallel edges of rows as one."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def merge_parallel(first, last, neighbour, loop_ends):  # type: ignore[no-untyped-def]
    """Distinct neighbours of every row, in the order in which they first stand there, and how often each does.

    Args:
        first: First entry of each node's row, int64 [node].
        last: One past the last entry of each node's row, int64 [node].
        neighbour: Nodes, [entry].
        loop_ends: How often a self-loop stands in its row, once or for each of its two ends; 0 leaves them out.

    Returns:
        First entry of each row, int64 [node + 1]; neighbours, [entry]; edges each stands for, int64 [entry].
    """
    total = 0
    for i in range(len(first)):
        total += last[i] - first[i]
    indptr = np.zeros(len(first) + 1, dtype=np.int64)
    merged, count = np.empty(total, dtype=neighbour.dtype), np.empty(total, dtype=np.int64)
    # place of each node's entry in the newest row that names it; older rows' places lie before the row's begin
    place = np.full(len(first), -1, dtype=np.int64)
    end = 0
    for i in range(len(first)):
        begin = end
        for j in range(first[i], last[i]):
            other = neighbour[j]
            if other == i and loop_ends == 0:
                continue
            if place[other] < begin:
                place[other] = end
                merged[end], count[end] = other, 0
                end += 1
            count[place[other]] += 1
        if place[i] >= begin:
            count[place[i]] //= loop_ends
        indptr[i + 1] = end
    return indptr, merged[:end].copy(), count[:end].copy()


@jit
def entry_of_edges(row, neighbour, indptr, merged, entry):  # type: ignore[no-untyped-def]
    """Writes which entry of merged rows each edge belongs to, [edge]; edges stand row by row."""
    place = np.zeros(len(indptr) - 1, dtype=np.int64)
    edge = 0
    for i in range(len(indptr) - 1):
        for j in range(indptr[i], indptr[i + 1]):
            place[merged[j]] = j
        while edge < len(row) and row[edge] == i:
            entry[edge] = place[neighbour[edge]]
            edge += 1

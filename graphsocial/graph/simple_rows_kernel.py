"""Rows of distinct neighbours from entries in any order, by counting alone."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def simple_rows(row, neighbour, total):  # type: ignore[no-untyped-def]
    """Rows without self-loops whose neighbours ascend, each once.

    Entries are put down by neighbour, then by row; read in that order every row ascends, and equal entries meet. Two
    scattered writes per entry, where sorting takes a dozen.

    Args:
        row: Node whose row the entry belongs to, [entry].
        neighbour: Node, of the same type, [entry].
        total: Number of nodes.

    Returns:
        First entry of each row, int64 [node + 1]; neighbours, [simple entry]; entries that each stands for, int64.
    """
    slot, indptr = np.zeros(total + 1, dtype=np.int64), np.zeros(total + 1, dtype=np.int64)
    for i in range(len(row)):
        if row[i] != neighbour[i]:
            slot[np.uint64(neighbour[i]) + np.uint64(1)] += 1
            indptr[np.uint64(row[i]) + np.uint64(1)] += 1
    for v in range(total):
        slot[v + 1] += slot[v]
        indptr[v + 1] += indptr[v]
    entries = indptr[total]
    by_neighbour, by_row = np.empty(entries, dtype=row.dtype), np.empty(entries, dtype=row.dtype)
    for i in range(len(row)):
        if row[i] != neighbour[i]:
            other = np.uint64(neighbour[i])
            by_neighbour[np.uint64(slot[other])] = row[i]
            slot[other] += 1  # ends where the next one began
    place = indptr[:-1].copy()
    i = 0
    for v in range(total):
        while i < slot[v]:
            own = np.uint64(by_neighbour[i])
            by_row[np.uint64(place[own])] = v
            place[own] += 1
            i += 1
    filled, begin = 0, 0
    count = np.empty(entries, dtype=np.int64)
    for u in range(total):
        end = indptr[u + 1]
        for j in range(begin, end):
            if j > begin and by_row[j] == by_row[filled - 1]:
                count[filled - 1] += 1
            else:
                by_row[filled], count[filled] = by_row[j], 1
                filled += 1
        begin, indptr[u + 1] = end, filled
    return indptr, by_row[:filled].copy(), count[:filled].copy()

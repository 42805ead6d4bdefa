"""Compiled loops that merge later edges into compressed sparse rows."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import first_at_or_after, jit


@jit
def merge_rows(  # type: ignore[no-untyped-def]
    old_indptr, old_neighbour, old_clock, old_order, row_rank, neighbour_rank,
    tail_row, tail_neighbour, tail_time, epoch, cut, indptr, neighbour, clock, order,
):  # fmt: skip
    """Writes the rows: of each the old entries of edges before `cut`, then those of the tail, in order.

    An empty `old_order` means that entry i is edge i, an empty rank that nodes stand where they stood.
    """
    rows, old_rows, in_place = len(indptr) - 1, len(old_indptr) - 1, len(old_order) == 0
    kept = np.zeros(old_rows, dtype=np.int64)
    indptr[:] = 0
    for old in range(old_rows):
        first, last = old_indptr[old], old_indptr[old + 1]
        stop = min(max(cut, first), last) if in_place else first_at_or_after(old_order, first, last, cut)
        kept[old] = stop - first
        indptr[(row_rank[old] if len(row_rank) else old) + 1] = stop - first
    for edge in range(len(tail_row)):
        indptr[tail_row[edge] + 1] += 1
    for row in range(rows):
        indptr[row + 1] += indptr[row]
    slot = indptr[:-1].copy()
    for old in range(old_rows):
        row = row_rank[old] if len(row_rank) else old
        for entry in range(old_indptr[old], old_indptr[old] + kept[old]):
            place = slot[row]
            far = old_neighbour[entry]
            neighbour[place] = neighbour_rank[far] if len(neighbour_rank) else far
            clock[place] = old_clock[entry]
            order[place] = entry if in_place else old_order[entry]
            slot[row] = place + 1
    for edge in range(len(tail_row)):
        row = tail_row[edge]
        place = slot[row]
        neighbour[place] = tail_neighbour[edge]
        clock[place] = tail_time[edge] - epoch
        order[place] = cut + edge
        slot[row] = place + 1


@jit
def append_rows(  # type: ignore[no-untyped-def]
    old_indptr, old_neighbour, old_clock, old_order, tail_row, tail_neighbour, tail_time, epoch,
    indptr, neighbour, clock, order,
):  # fmt: skip
    """As `merge_rows` where every old entry stays and no node moves: between rows that grow all is copied in one go."""
    rows, old_rows, in_place = len(indptr) - 1, len(old_indptr) - 1, len(old_order) == 0
    more = np.zeros(rows, dtype=np.int64)
    for edge in range(len(tail_row)):
        more[tail_row[edge]] += 1
    copied, shift, end = 0, 0, len(old_neighbour)
    indptr[0] = 0
    for row in range(rows):
        last = old_indptr[row + 1] if row < old_rows else end
        if more[row] or row == rows - 1:
            for entry in range(copied, last):
                neighbour[entry + shift] = old_neighbour[entry]
            for entry in range(copied, last):
                clock[entry + shift] = old_clock[entry]
            if in_place:
                for entry in range(copied, last):
                    order[entry + shift] = entry
            else:
                for entry in range(copied, last):
                    order[entry + shift] = old_order[entry]
            copied, shift = last, shift + more[row]
            more[row] = last + shift - more[row]  # from now on where the next new entry goes
        indptr[row + 1] = last + shift
    for edge in range(len(tail_row)):
        row = tail_row[edge]
        place = more[row]
        neighbour[place] = tail_neighbour[edge]
        clock[place] = tail_time[edge] - epoch
        order[place] = end + edge
        more[row] = place + 1


@jit
def joined_before(indptr, neighbour, src, dst):  # type: ignore[no-untyped-def]
    """Whether any pair of nodes is joined by an entry of the rows; -1 is a node that they do not have."""
    for pair in range(len(src)):
        if src[pair] >= 0 and dst[pair] >= 0:
            for entry in range(indptr[src[pair]], indptr[src[pair] + 1]):
                if neighbour[entry] == dst[pair]:
                    return True
    return False

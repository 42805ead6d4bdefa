"""Compiled loops of the table of ids."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def _slot_of(data, first, last, mask):  # type: ignore[no-untyped-def]
    """First slot to look into: FNV-1a, 64 bits (Fowler, Noll and Vo), folded once more."""
    state = np.uint64(0xCBF29CE484222325)
    for place in range(first, last):
        state = (state ^ np.uint64(data[place])) * np.uint64(0x100000001B3)
    state ^= state >> np.uint64(29)
    return np.int64(state & np.uint64(mask))


@jit
def _alike(one, first, last, other, other_first, other_last):  # type: ignore[no-untyped-def]
    if last - first != other_last - other_first:
        return False
    for step in range(last - first):
        if one[first + step] != other[other_first + step]:
            return False
    return True


@jit
def fill(slots, starts, data):  # type: ignore[no-untyped-def]
    """Enters every string into free slots."""
    mask = len(slots) - 1
    for item in range(len(starts) - 1):
        slot = _slot_of(data, starts[item], starts[item + 1], mask)
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = item


@jit
def find(slots, starts, data, wanted_starts, wanted, found):  # type: ignore[no-untyped-def]
    """Writes the position of each wanted string, -1 for those that are not there."""
    mask = len(slots) - 1
    for item in range(len(wanted_starts) - 1):
        first, last = wanted_starts[item], wanted_starts[item + 1]
        slot = _slot_of(wanted, first, last, mask)
        found[item] = -1
        while slots[slot] >= 0:
            candidate = slots[slot]
            if _alike(data, starts[candidate], starts[candidate + 1], wanted, first, last):
                found[item] = candidate
                break
            slot = (slot + 1) & mask

"""Columns that grow at their end without being copied: memory with room behind what is in use."""

from __future__ import annotations

from threading import Lock

import numpy as np

SPARE = 0.25
"""Share of a column that is kept free behind it; memory that nobody wrote to takes none from the system."""


class _Room(np.ndarray):
    """Memory of one column and of those that it grew from, each of which is a beginning of it."""

    used: int
    lock: Lock


def extended_array(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Old and new entries, one after the other, read-only; the old array stays as it is.

    The first that extends an array writes behind it where there is room; any other one copies.

    Args:
        old: Entries [old], never written to again.
        new: Entries of the same type [new].

    >>> one = extended_array(np.array([1, 2, 3, 4]), np.array([5]))
    >>> two, other = extended_array(one, np.array([6])), extended_array(one, np.array([7]))
    >>> one.tolist(), two.tolist(), other.tolist()
    ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 7])
    >>> np.shares_memory(one, two), np.shares_memory(one, other)
    (True, False)
    """
    first, last = len(old), len(old) + len(new)
    room = _room(old)
    if room is None or not _taken(room, old, last):
        room = _Room((last + int(SPARE * last),), dtype=old.dtype)
        room.used, room.lock = last, Lock()
        room[:first] = old
    room[first:last] = new
    whole = room.view(np.ndarray)[:last]
    whole.setflags(write=False)
    return whole


def _room(array: np.ndarray) -> _Room | None:
    """Memory that an array is a part of, None where it has no room behind it."""
    base = array.base
    while isinstance(base, np.ndarray) and not isinstance(base, _Room):
        base = base.base
    return base if isinstance(base, _Room) and base.dtype == array.dtype else None


def _taken(room: _Room, old: np.ndarray, last: int) -> bool:
    """Takes the room behind an array up to a place, where it is free and nobody else has taken it."""
    if last > len(room) or old.ctypes.data != room.ctypes.data:
        return False
    with room.lock:
        if room.used != len(old):
            return False
        room.used = last
    return True

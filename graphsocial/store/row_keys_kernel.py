"""Compiled loops of the keys of rows."""

from __future__ import annotations

import numba
import numpy as np

jit = numba.njit(cache=True, nogil=True)


@numba.njit(cache=True, inline="always")
def _stir(value: np.uint64) -> np.uint64:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014): every bit in changes every bit out."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@jit
def mix_numbers(keys: np.ndarray, name: np.ndarray, numbers: np.ndarray, valid: np.ndarray) -> None:
    """Stirs a column of numbers into the keys of the rows where it is not null."""
    for row in range(len(keys)):
        if valid[row]:
            for lane in range(2):
                keys[row, lane] = _stir(keys[row, lane] ^ name[lane]) + _stir(numbers[row] ^ name[1 - lane])


@jit
def mix_bytes(
    keys: np.ndarray, name: np.ndarray, starts: np.ndarray, data: np.ndarray, valid: np.ndarray, seeds: np.ndarray
) -> None:
    """Stirs a column of strings into the keys of the rows where it is not null, eight bytes at a time."""
    for row in range(len(keys)):
        if not valid[row]:
            continue
        first, last = starts[row], starts[row + 1]
        for lane in range(2):
            state = _stir(keys[row, lane] ^ name[lane]) + np.uint64(last - first)
            place = first
            while place + 8 <= last:
                word = np.uint64(0)
                for byte in range(8):
                    word |= np.uint64(data[place + byte]) << np.uint64(8 * byte)
                state = _stir(state ^ word) + seeds[lane]
                place += 8
            word = np.uint64(1)
            while place < last:
                word = (word << np.uint64(8)) | np.uint64(data[place])
                place += 1
            keys[row, lane] = _stir(state ^ word)


@jit
def mark_contained(keys: np.ndarray, segment: np.ndarray, found: np.ndarray) -> None:
    """Marks the keys that stand in a segment, both in order; one walk over the two."""
    place = 0
    for row in range(len(keys)):
        high, low = keys[row, 0], keys[row, 1]
        while place < len(segment) and (
            segment[place, 0] < high or (segment[place, 0] == high and segment[place, 1] < low)
        ):
            place += 1
        if place < len(segment) and segment[place, 0] == high and segment[place, 1] == low:
            found[row] = True

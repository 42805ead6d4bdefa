"""Keys of rows: 128 bits of what a row says, so that the same row of two exports is one."""

from __future__ import annotations

from hashlib import blake2b

import numba
import numpy as np
import pyarrow as pa

Keys = np.ndarray
"""uint64 [row, 2]; the first of the two numbers comes first in sorting."""

_SEEDS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], dtype=np.uint64)


def row_keys(kind: str, table: pa.Table) -> Keys:
    """Keys of the rows of a table, [row, 2]. They depend on what is in the row, not on which columns are null.

    Two rows that differ have the same key with a probability of 2^-128; nobody is kept from making such rows on
    purpose, who would then lose one of them.

    Args:
        kind: Which table it is, such as `post`; rows of different tables never have the same key.
        table: Strings, whole numbers, floats and flags.

    >>> ann = pa.table({"id": ["ann", "bob"], "time": [1, 2], "name": ["Ann", None]})
    >>> bool((row_keys("user", ann)[1] == row_keys("user", ann.drop_columns("name"))[1]).all())
    True
    >>> bool((row_keys("user", ann)[0] == row_keys("user", ann.drop_columns("name"))[0]).any())
    False
    """
    keys = np.tile(_name_hash(f"table {kind}"), (table.num_rows, 1))
    for name in sorted(table.column_names):
        values = table.column(name).combine_chunks()
        if isinstance(values, pa.ChunkedArray):  # no chunk at all
            values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], table.column(name).type)
        if values.null_count < len(values):
            _mix_column(keys, _name_hash(f"column {name}"), values)
    return keys


def _name_hash(name: str) -> np.ndarray:
    return np.frombuffer(blake2b(name.encode(), digest_size=16).digest(), dtype="<u8").astype(np.uint64)


def _mix_column(keys: Keys, name: np.ndarray, values: pa.Array) -> None:
    valid = np.asarray(values.is_valid())
    if pa.types.is_string(values.type):
        values = values.cast(pa.large_string())
    if pa.types.is_large_string(values.type):
        _, offsets, data = values.buffers()
        starts = np.frombuffer(offsets, dtype=np.int64)[values.offset : values.offset + len(values) + 1]
        content = np.frombuffer(data, dtype=np.uint8) if data is not None and len(data) else np.zeros(1, np.uint8)
        _mix_bytes(keys, name, starts, content, valid, _SEEDS)
        return
    if pa.types.is_floating(values.type):
        # adding zero makes -0.0 and 0.0 the same number, as they are elsewhere
        numbers = (values.fill_null(0.0).to_numpy(zero_copy_only=False) + 0.0).astype(np.float64).view(np.uint64)
    else:
        filler = False if pa.types.is_boolean(values.type) else 0
        numbers = values.fill_null(filler).to_numpy(zero_copy_only=False).astype(np.int64).view(np.uint64)
    _mix_numbers(keys, name, numbers, valid)


@numba.njit(cache=True, inline="always")
def _stir(value: np.uint64) -> np.uint64:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014): every bit in changes every bit out."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@numba.njit(cache=True)
def _mix_numbers(keys: np.ndarray, name: np.ndarray, numbers: np.ndarray, valid: np.ndarray) -> None:
    for row in range(len(keys)):
        if valid[row]:
            for lane in range(2):
                keys[row, lane] = _stir(keys[row, lane] ^ name[lane]) + _stir(numbers[row] ^ name[1 - lane])


@numba.njit(cache=True)
def _mix_bytes(
    keys: np.ndarray, name: np.ndarray, starts: np.ndarray, data: np.ndarray, valid: np.ndarray, seeds: np.ndarray
) -> None:
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

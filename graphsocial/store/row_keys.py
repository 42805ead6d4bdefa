"""Keys of rows: 128 bits of what a row says, so that the same row of two exports is one."""

from __future__ import annotations

from hashlib import blake2b

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


def key_order(keys: Keys) -> np.ndarray:
    """Positions of the keys in ascending order, of equal ones in the order given, int64 [row]."""
    order = np.argsort(keys[:, 0])
    first = keys[order, 0]
    if (first[1:] == first[:-1]).any():
        order = np.lexsort((np.arange(len(keys)), keys[:, 1], keys[:, 0]))
    return order


def _name_hash(name: str) -> np.ndarray:
    return np.frombuffer(blake2b(name.encode(), digest_size=16).digest(), dtype="<u8").astype(np.uint64)


def _mix_column(keys: Keys, name: np.ndarray, values: pa.Array) -> None:
    from graphsocial.store.row_keys_kernel import mix_bytes, mix_numbers  # numba: imported when first needed

    valid = np.asarray(values.is_valid())
    if pa.types.is_string(values.type):
        values = values.cast(pa.large_string())
    if pa.types.is_large_string(values.type):
        _, offsets, data = values.buffers()
        starts = np.frombuffer(offsets, dtype=np.int64)[values.offset : values.offset + len(values) + 1]
        content = np.frombuffer(data, dtype=np.uint8) if data is not None and len(data) else np.zeros(1, np.uint8)
        mix_bytes(keys, name, starts, content, valid, _SEEDS)
        return
    if pa.types.is_floating(values.type):
        # adding zero makes -0.0 and 0.0 the same number, as they are elsewhere
        numbers = (values.fill_null(0.0).to_numpy(zero_copy_only=False) + 0.0).astype(np.float64).view(np.uint64)
    else:
        filler = False if pa.types.is_boolean(values.type) else 0
        numbers = values.fill_null(filler).to_numpy(zero_copy_only=False).astype(np.int64).view(np.uint64)
    mix_numbers(keys, name, numbers, valid)

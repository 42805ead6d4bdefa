"""Compiled loops over compressed sparse rows.

Every kernel that works on independent items takes the range `begin, end` of items to do, releases the GIL and writes
only to its own slots, so callers may split the range over threads and the result does not depend on how they do.
"""

from __future__ import annotations

import numba
import numpy as np

jit = numba.njit(cache=True, nogil=True)


@jit
def stable_groups(key, num_groups):  # type: ignore[no-untyped-def]
    """Start of each group [group + 1], and the items grouped by key in their given order [item]."""
    indptr = np.zeros(num_groups + 1, dtype=np.int64)
    for i in range(len(key)):
        indptr[key[i] + 1] += 1
    for g in range(num_groups):
        indptr[g + 1] += indptr[g]
    slot = indptr[:-1].copy()
    order = np.empty(len(key), dtype=np.int64)
    for i in range(len(key)):
        order[slot[key[i]]] = i
        slot[key[i]] += 1
    return indptr, order

"""Cascades that are all but copies of earlier ones."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from graphsocial.learn.cascade_table import CascadeTable

JACCARD = 0.5
_CELLS = 5_000_000
"""Pairs compared at once, a matter of memory only."""


def near_duplicates(table: CascadeTable, cascades: range, others: range, jaccard: float = JACCARD) -> np.ndarray:
    """Whether the users of a cascade overlap those of any other one by at least so much, bool [cascade].

    Args:
        table: The cascades, whole.
        cascades: Which to judge.
        others: Which to compare them with.
        jaccard: Least users in both divided by users in either.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> split = tiny_split("strict")
    >>> near_duplicates(split.table, split.cascades("test"), split.cascades("train")).tolist()
    [True]
    """
    return closest(table.user, table.cascade, np.array(cascades), np.array(others), jaccard)[1] >= 0


def closest(
    user: np.ndarray, cascade: np.ndarray, test: np.ndarray, earlier: np.ndarray, alike: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """The largest Jaccard index of each cascade with another that is earlier, and which one that is; 0 and -1 for none.

    Args:
        user: Code of each event's user, int64 [event].
        cascade: Code of each event's cascade, int64 [event].
        test: Codes of the test cascades, int64 [test].
        earlier: Codes of the cascades to compare with, int64 [earlier].
        alike: Smaller indices are not looked for and count as 0.

    Returns:
        Index, float64 [test], and code of the closest cascade, int64 [test].
    """
    best, like = np.zeros(len(test)), np.full(len(test), -1, dtype=np.int64)
    if not len(test) or not len(earlier):
        return best, like
    count = int(max(cascade.max(), test.max(), earlier.max())) + 1 if len(cascade) else 0
    members = csr_array(
        (np.ones(len(user), dtype=np.int32), (cascade, user)), shape=(count, int(user.max()) + 1 if len(user) else 1)
    )
    members.sum_duplicates()
    members.data[:] = 1
    size = np.diff(members.indptr)
    old = members[earlier].T.tocsr()
    block = max(1, _CELLS // len(earlier))
    for first in range(0, len(test), block):
        codes = test[first : first + block]
        shared = (members[codes] @ old).tocoo()
        joined = size[codes][shared.row] + size[earlier][shared.col] - shared.data
        jaccard = shared.data / joined
        near = (jaccard >= alike) & (codes[shared.row] != earlier[shared.col])
        row, col, jaccard = shared.row[near], shared.col[near], jaccard[near]
        order = np.lexsort((col, -jaccard, row))  # of equally close ones the first cascade is named
        rows, place = np.unique(row[order], return_index=True)
        best[first + rows] = jaccard[order][place]
        like[first + rows] = earlier[col[order][place]]
    return best, like

"""Test cascades that training has already shown, under another name."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from graphsocial.audit.finding import EXAMPLES, Finding, finding

ALIKE = 0.5
"""Jaccard index of two cascades' user sets from which on one nearly duplicates the other."""

_CELLS = 5_000_000
"""Pairs compared at once, a matter of memory only."""


def near_duplicates(
    user: np.ndarray,
    cascade: np.ndarray,
    test: np.ndarray,
    earlier: np.ndarray,
    *,
    alike: float = ALIKE,
    name: str = "near_duplicates",
    of: str = "a training cascade",
    names: np.ndarray | None = None,
    examples: int = EXAMPLES,
) -> Finding:
    """Test cascades whose set of users nearly equals that of an earlier one, over whole cascades.

    Args:
        user: Code of each event's user, int64 [event].
        cascade: Code of each event's cascade, int64 [event].
        test: Codes of the test cascades, int64.
        earlier: Codes of the cascades to compare with, int64.
        alike: Smallest Jaccard index, |A and B| / |A or B|, that counts.
        name: Name of the finding.
        of: What they duplicate, for the text.
        names: Id of each cascade code, for the examples.
        examples: How many to name, the most alike first.

    >>> user = np.array([0, 1, 2, 0, 1, 3, 4, 5])
    >>> cascade = np.array([0, 0, 0, 1, 1, 1, 2, 2])
    >>> near_duplicates(user, cascade, test=np.array([1, 2]), earlier=np.array([0])).examples
    ({'cascade': 1, 'like': 0, 'jaccard': 0.5},)
    """
    best, like = closest(user, cascade, np.asarray(test), np.asarray(earlier), alike)
    rows = np.flatnonzero(best >= alike)
    rows = rows[np.argsort(-best[rows], kind="stable")]
    return finding(
        name,
        len(rows),
        len(test),
        f"test cascades whose users are nearly those of {of} (Jaccard index of {alike:g} or more)",
        "The right answers were seen in training; a rule that repeats the old cascade scores on them, having learned "
        "nothing.",
        "Report the metric with and without these cascades.",
        examples=(
            {
                "cascade": test[row] if names is None else names[test[row]],
                "like": like[row] if names is None else names[like[row]],
                "jaccard": round(float(best[row]), 4),
            }
            for row in rows[:examples]
        ),
    )


def closest(
    user: np.ndarray, cascade: np.ndarray, test: np.ndarray, earlier: np.ndarray, alike: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """The largest Jaccard index of each test cascade with an earlier one, and which one that is; 0 and -1 for none.

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
        near = jaccard >= alike
        row, col, jaccard = shared.row[near], shared.col[near], jaccard[near]
        order = np.lexsort((col, -jaccard, row))  # of equally close ones the first cascade is named
        rows, place = np.unique(row[order], return_index=True)
        best[first + rows] = jaccard[order][place]
        like[first + rows] = earlier[col[order][place]]
    return best, like

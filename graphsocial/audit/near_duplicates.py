"""Test cascades that training has already shown, under another name."""

from __future__ import annotations

import numpy as np

from graphsocial.audit.finding import EXAMPLES, Finding, finding

ALIKE = 0.5
"""Jaccard index of two cascades' user sets from which on one nearly duplicates the other."""


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
    from graphsocial.learn.next_user.near_duplicates import (
        closest,  # its package loads torch: imported when first needed
    )

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

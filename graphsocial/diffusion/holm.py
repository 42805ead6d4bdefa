"""Holm's correction: how small p values must be when several were looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Adjusted p values, to be compared with the level as they are (Holm 1979, Scand. J. Statist. 6, 65-70).

    The i-th smallest of m is multiplied by m - i + 1; an adjusted value is never below that of a smaller one. nan was
    not looked at and stays nan.

    Args:
        p: p values of all that were looked at [test].

    >>> holm([0.01, 0.04, 0.03, float("nan")]).tolist()
    [0.03, 0.06, 0.06, nan]
    """
    p = np.asarray(p, dtype=np.float64)
    order = np.argsort(p, kind="stable")[: np.count_nonzero(~np.isnan(p))]
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)))
    return adjusted

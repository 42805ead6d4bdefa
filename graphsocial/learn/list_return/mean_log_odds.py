"""Several opinions about one chance, as one."""

from __future__ import annotations

import numpy as np

_SMALLEST = 1e-6


def mean_log_odds(*chances: np.ndarray) -> np.ndarray:
    """Chances whose log odds are the mean of those given, float64 [row].

    >>> mean_log_odds(np.array([0.5, 0.2]), np.array([0.5, 0.8])).round(3).tolist()
    [0.5, 0.5]
    """
    odds = [np.log(p / (1 - p)) for p in (np.clip(each, _SMALLEST, 1 - _SMALLEST) for each in chances)]
    mean: np.ndarray = 1 / (1 + np.exp(-np.mean(odds, axis=0)))
    return mean

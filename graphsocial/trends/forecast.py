"""Forecasts of the next window's count that need no training: the floors every learned forecast stands beside.

Each takes counts [series, window], oldest first, and returns the expected count of the next window, float64 [series].
"""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError


def last_window(counts: np.ndarray) -> np.ndarray:
    """Persistence: the count of the last window again.

    >>> last_window(np.array([[0, 2, 5]])).tolist()
    [5.0]
    """
    return _checked(counts)[:, -1]


def historical_mean(counts: np.ndarray) -> np.ndarray:
    """Mean count since the first window that is not empty, 0 for a series that never was.

    >>> historical_mean(np.array([[0, 0, 4, 2], [0, 0, 0, 0]])).tolist()
    [3.0, 0.0]
    """
    counts = _checked(counts)
    seen = np.cumsum(counts, axis=1) > 0
    return counts.sum(axis=1) / np.maximum(seen.sum(axis=1), 1)


def exponential_smoothing(counts: np.ndarray, alpha: float = 0.3) -> np.ndarray:
    """Level of simple exponential smoothing, started at the oldest window (Brown 1956).

    Args:
        counts: Counts [series, window], oldest first.
        alpha: Weight of the newest window, in (0, 1].

    >>> exponential_smoothing(np.array([[4, 0, 2]]), alpha=0.5).tolist()
    [2.0]
    """
    counts = _checked(counts)
    if not 0 < alpha <= 1:
        raise SchemaError(f"alpha is {alpha}, expected a number in (0, 1]")
    weight = alpha * (1 - alpha) ** np.arange(counts.shape[1] - 1, -1, -1)
    weight[0] /= alpha  # the oldest window is the first level
    return counts @ weight


def _checked(counts: np.ndarray) -> np.ndarray:
    counts = np.asarray(counts, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[1] < 1:
        raise SchemaError(f"got counts {counts.shape}, expected [series, window] with at least one window")
    return counts

"""Mean and spread of the ages at which members became active."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.measures.ages import ages
from graphsocial.graph.cascades import CascadeSet


def mean_age(cascades: CascadeSet, since: float = 0.0) -> np.ndarray:
    """Mean time from the start of each cascade to its members, float64 [cascade].

    nan where nobody counts, or one who counts may: a member without a time.

    Args:
        cascades: Observed or simulated.
        since: Only members of at least this age count, in the unit of the times, such as those after a forecast.

    >>> cascades = CascadeSet([*"abcd"], [-1, 0, 0, 0], [10, 11, 15, 30], [0, 4], ["x"], [False])
    >>> mean_age(cascades).tolist(), mean_age(cascades, since=5).tolist()
    ([6.5], [12.5])
    """
    return _moments(cascades, since)[0]


def age_deviation(cascades: CascadeSet, since: float = 0.0) -> np.ndarray:
    """Standard deviation of the times from the start of each cascade to its members, float64 [cascade].

    That of the members themselves, 0 for one alone; nan as in `mean_age`. Delays that a cascade's members have in
    common, and rounds of delays, show in it more than in the mean.

    Args:
        cascades: Observed or simulated.
        since: Only members of at least this age count, in the unit of the times.

    >>> cascades = CascadeSet([*"abcd"], [-1, 0, 0, 0], [10, 11, 15, 30], [0, 4], ["x"], [False])
    >>> age_deviation(cascades, since=5).tolist()
    [7.5]
    """
    return np.sqrt(_moments(cascades, since)[1])


def _moments(cascades: CascadeSet, since: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance, [cascade] both."""
    age, of_cascade = ages(cascades), np.repeat(np.arange(len(cascades)), cascades.size)
    counts = ~(age < since)  # those without a time, too: they make nan of the cascade
    counted = np.bincount(of_cascade[counts], minlength=len(cascades))
    with np.errstate(invalid="ignore"):
        mean = np.bincount(of_cascade[counts], age[counts], len(cascades)) / counted
        away = age[counts] - mean[of_cascade[counts]]
        return mean, np.bincount(of_cascade[counts], away**2, len(cascades)) / counted

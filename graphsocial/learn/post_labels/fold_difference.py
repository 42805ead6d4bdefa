"""Paired difference over folds, repeated or not, with an interval that knows that training parts overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from graphsocial.errors import SchemaError
from graphsocial.learn.bootstrap import LEVEL


@dataclass(frozen=True)
class FoldDifference:
    """Mean of differences over folds.

    Attributes:
        value: The mean.
        interval: 95 %, None for a single fold.
        folds: Number of differences.
    """

    value: float
    interval: tuple[float, float] | None
    folds: int


def fold_difference(ours: np.ndarray, floor: np.ndarray, test_share: float) -> FoldDifference:
    """Corrected resampled t-test (Nadeau and Bengio, "Inference for the generalization error", Machine Learning 2003).

    The variance of the mean of k differences is taken as s² (1 / k + test / training), as the folds' training parts
    overlap; plain 1 / k would make the interval too narrow.

    Args:
        ours: Metric in each fold [fold].
        floor: Metric of what is compared, in the same folds [fold].
        test_share: Test examples of a fold divided by all of them; a fifth in five folds.

    Raises:
        SchemaError: Lengths differ, no fold, or a share that is none.

    >>> found = fold_difference(np.array([0.6, 0.7]), np.array([0.5, 0.5]), 0.5)
    >>> round(found.value, 3), [round(end, 3) for end in found.interval]
    (0.15, [-0.95, 1.25])
    """
    ours, floor = np.asarray(ours, dtype=np.float64), np.asarray(floor, dtype=np.float64)
    if ours.shape != floor.shape or ours.ndim != 1 or not len(ours) or not 0 < test_share < 1:
        raise SchemaError(
            f"got metrics {ours.shape} and {floor.shape} with a test share of {test_share}, expected as many folds, at "
            "least one, and a share between 0 and 1"
        )
    difference = ours - floor
    count, value = len(difference), float(difference.mean())
    if count == 1:
        return FoldDifference(value, None, 1)
    error = float(np.sqrt(difference.var(ddof=1) * (1 / count + test_share / (1 - test_share))))
    reach = float(t.ppf((1 + LEVEL) / 2, count - 1)) * error
    return FoldDifference(value, (value - reach, value + reach), count)

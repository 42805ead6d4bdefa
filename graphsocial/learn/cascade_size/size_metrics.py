"""Numbers that judge size predictions, on the scale log2(1 + events)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import beta

from graphsocial.errors import SchemaError
from graphsocial.learn.metrics import Metric, Sums, spearman


def _per_seed(losses: Callable[[np.ndarray], np.ndarray]) -> tuple[Callable[..., float], Sums]:
    """Function and sums of a mean loss of the error; predictions of several seeds count as their mean loss."""

    def rows(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
        error = prediction.astype(np.float64).reshape(len(target), -1) - target[:, None]
        return np.stack([losses(error).mean(axis=1), np.ones(len(target))], axis=1)

    def share(sums: np.ndarray) -> np.ndarray:
        return sums[..., 0] / sums[..., 1]

    return lambda p, t, q: float(rows(p, t, q)[:, 0].mean()), Sums(rows, share)


def _spearman_per_seed(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> float:
    columns = prediction.reshape(len(target), -1).T
    return float(np.mean([spearman(column, target, query) for column in columns]))


MSE = Metric("mse", False, *_per_seed(np.square))
"""Mean squared error of log2(1 + events); predictions [example] or [example, seed]."""
MAE = Metric("mae", False, *_per_seed(np.abs))
"""Mean absolute error of log2(1 + events)."""
SIZE_MSLE = Metric("msle", False, *_per_seed(lambda error: np.square(np.log(2) * error)))
"""Mean squared error of ln(1 + events): what the literature calls MSLE."""
RANK = Metric("spearman", True, _spearman_per_seed)
"""Spearman's rank correlation, mean over seeds."""
OVER = Metric("over", False, *_per_seed(lambda error: error))
"""Mean of the answer minus the truth: above 0 where answers are too large."""
SIZE_METRICS = (MSE, MAE, RANK, SIZE_MSLE)


def clopper_pearson(hits: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a binomial share (Clopper and Pearson, Biometrika 26, 1934).

    Raises:
        SchemaError: No trial, or more hits than trials.

    >>> [round(end, 4) for end in clopper_pearson(9, 10)]
    [0.555, 0.9975]
    """
    if trials < 1 or not 0 <= hits <= trials:
        raise SchemaError(f"got {hits} hits in {trials} trials, expected 0 to {trials} of at least one")
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(beta.ppf(tail, hits, trials - hits + 1))
    high = 1.0 if hits == trials else float(beta.ppf(1 - tail, hits + 1, trials - hits))
    return low, high


def thirds(values: np.ndarray) -> tuple[float, float]:
    """Bounds of the low and the middle third of the values (linear quantiles).

    >>> thirds(np.array([1, 2, 3, 4]))
    (2.0, 3.0)
    """
    low, high = np.quantile(np.asarray(values, dtype=np.float64), [1 / 3, 2 / 3])
    return float(low), float(high)


def third_of(values: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """0 up to the first bound, 1 up to the second, 2 above, int64 [example].

    >>> third_of(np.array([1, 2, 3, 4]), (2.0, 3.0)).tolist()
    [0, 0, 1, 2]
    """
    return np.searchsorted(np.asarray(bounds), np.asarray(values), side="left").astype(np.int64)

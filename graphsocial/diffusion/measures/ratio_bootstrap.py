"""Bootstrap of ratios of sums over cascades: means, means over those observed, reproduction numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError

_CELLS = 2**22  # resample x cascade counts held at once
_DEFINED = 0.95  # share of resamples in which a ratio must exist for its interval to mean anything


@dataclass(frozen=True, eq=False)
class RatioIntervals:
    """Ratios with their intervals.

    Attributes:
        value: Sum of the numerators over sum of the denominators, nan where nothing is below the line [column].
        low: Lower end of the interval, nan where there is no honest one [column].
        high: Upper end [column].
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def ratio_bootstrap(
    numerator: np.ndarray,
    denominator: np.ndarray,
    rng: int | np.random.Generator,
    resamples: int = 1000,
    level: float = 0.95,
    cumulative: bool = False,
) -> RatioIntervals:
    """Ratios of sums over cascades, with BCa intervals over cascades drawn with replacement.

    Cascade sizes are skewed, so the plain percentiles of resamples lie too low. BCa corrects for the bias and for the
    skewness; its acceleration comes from the ratio's influence values (Efron and Tibshirani 1993, sections 14.3 and
    22.5). All columns are drawn together.

    Args:
        numerator: [cascade, column].
        denominator: At least 0, [cascade, column]; ones for means, or what is counted in.
        rng: Whole number or numpy generator.
        resamples: How often the cascades are drawn.
        level: Chance of the interval to hold the value.
        cumulative: Add the ratios up from the first column to each.

    Raises:
        SchemaError: Resamples or level that make no sense.

    >>> sizes = np.array([[1.0], [2.0], [3.0], [2.0], [12.0]])
    >>> found = ratio_bootstrap(sizes, np.ones_like(sizes), rng=0)
    >>> found.value.item(), 1 < found.low.item() < 4 < found.high.item() < 12
    (4.0, True)
    """
    check_resamples(resamples, level)
    value, columns = _ratios(numerator.sum(axis=0), denominator.sum(axis=0), cumulative), numerator.shape[1]
    low, high = np.full(columns, np.nan), np.full(columns, np.nan)
    parts = [
        _ratios(times @ numerator, times @ denominator, cumulative)
        for times in _draws(len(numerator), np.random.default_rng(rng), resamples)
    ]
    drawn = np.concatenate(parts) if parts else np.empty((0, columns))
    accelerations = _accelerations(numerator, denominator, cumulative)
    for column in range(columns):
        defined = drawn[np.isfinite(drawn[:, column]), column]
        if len(defined) < _DEFINED * resamples or (denominator[:, column] > 0).sum() < 2:
            continue
        low[column], high[column] = _bca(value[column], defined, accelerations[column], level)
    return RatioIntervals(value, low, high)


def check_resamples(resamples: int, level: float) -> None:
    """Refuses numbers of resamples and levels that make no sense."""
    if isinstance(resamples, bool) or not isinstance(resamples, int | np.integer) or resamples < 1:
        raise SchemaError(f"got resamples={resamples!r}, expected a whole number, at least 1")
    if not isinstance(level, float) or not 0 < level < 1:
        raise SchemaError(f"got level={level!r}, expected a number between 0 and 1, such as 0.95")


def _draws(cascades: int, rng: np.random.Generator, resamples: int) -> Iterator[np.ndarray]:
    """How often each cascade is drawn, float64 [resample, cascade], in blocks that fit in memory."""
    if not cascades:
        return
    block = max(1, _CELLS // cascades)
    for first in range(0, resamples, block):
        count = min(block, resamples - first)
        picks = rng.integers(0, cascades, size=(count, cascades)) + cascades * np.arange(count)[:, None]
        times = np.bincount(picks.ravel(), minlength=count * cascades)
        yield times.reshape(count, cascades).astype(np.float64)


def _ratios(numerator: np.ndarray, denominator: np.ndarray, cumulative: bool) -> np.ndarray:
    ratio = np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator > 0)
    return np.cumsum(ratio, axis=-1) if cumulative else ratio


def _accelerations(numerator: np.ndarray, denominator: np.ndarray, cumulative: bool) -> np.ndarray:
    """A sixth of the skewness of the influence values, [column]."""
    total = denominator.sum(axis=0)
    ratio = _ratios(numerator.sum(axis=0), total, False)
    influence = (numerator - ratio * denominator) / np.where(total > 0, total, np.nan)
    if cumulative:
        influence = np.cumsum(influence, axis=1)
    square, cube = (influence**2).sum(axis=0), (influence**3).sum(axis=0)
    return np.divide(cube, 6 * square**1.5, out=np.zeros(len(cube)), where=square > 0)


def _bca(value: float, drawn: np.ndarray, acceleration: float, level: float) -> tuple[float, float]:
    from scipy.special import ndtr, ndtri  # slow to import, needed only here

    below = (np.count_nonzero(drawn < value) + np.count_nonzero(drawn == value) / 2) / len(drawn)
    bias = ndtri(np.clip(below, 1 / (len(drawn) + 1), len(drawn) / (len(drawn) + 1)))
    ends = bias + ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    low, high = np.quantile(drawn, ndtr(bias + ends / (1 - acceleration * ends)))
    return float(low), float(high)

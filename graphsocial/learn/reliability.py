"""Whether things come about as often as was said: chances against shares, by bins of the chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError

CHANCE_BINS = (0.0, 0.002, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Ends of bins for chances of rare events, the lower end belongs to a bin, and 1 to the last."""
_RESAMPLES = 2_000
_TAIL = 0.025

_OfSums = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Reliability:
    """Chances against what came, sums by group and bin.

    Attributes:
        ends: Ends of the bins [bin + 1].
        count: Cases, float64 [group, bin].
        expected: Sum of their chances, float64 [group, bin].
        observed: How many came about, float64 [group, bin].
    """

    ends: np.ndarray
    count: np.ndarray
    expected: np.ndarray
    observed: np.ndarray

    @property
    def error(self) -> float:
        """Cases too many or too few, bin by bin, for each that came about; 0 is best, nan where none came.

        The expected calibration error (Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using
        Bayesian binning", AAAI 2015) over the base rate, since nearly all cases of a rare event lie in the lowest bin.
        """
        return float(_error(self.expected.sum(axis=0), self.observed.sum(axis=0)))

    @property
    def ratio(self) -> float:
        """Expected over observed cases: above 1 too many were expected; nan where none came about."""
        return float(_ratio(self.expected.sum(axis=0), self.observed.sum(axis=0)))

    def error_interval(self, rng: int | np.random.Generator, resamples: int = _RESAMPLES) -> tuple[float, float]:
        """95 % bootstrap interval of `error` over groups; noise alone makes an error, so that 0 is never in it."""
        return self._interval(_error, rng, resamples)

    def ratio_interval(self, rng: int | np.random.Generator, resamples: int = _RESAMPLES) -> tuple[float, float]:
        """95 % bootstrap interval of `ratio` over groups."""
        return self._interval(_ratio, rng, resamples)

    def share_interval(self, rng: int | np.random.Generator, resamples: int = _RESAMPLES) -> np.ndarray:
        """95 % bootstrap interval of each bin's observed share over groups, nan for an empty bin, float64 [bin, 2]."""
        drawn = self._drawn(rng, resamples)
        with np.errstate(invalid="ignore"):
            share = (drawn @ self.observed) / (drawn @ self.count)
        found = np.full((share.shape[1], 2), np.nan)
        held = self.count.sum(axis=0) > 0
        found[held] = np.nanquantile(share[:, held], [_TAIL, 1 - _TAIL], axis=0).T
        return found

    def _interval(self, of: _OfSums, rng: int | np.random.Generator, resamples: int) -> tuple[float, float]:
        drawn = self._drawn(rng, resamples)
        found = of(drawn @ self.expected, drawn @ self.observed)
        if np.isnan(found).all():
            return float("nan"), float("nan")
        low, high = np.nanquantile(found, [_TAIL, 1 - _TAIL])
        return float(low), float(high)

    def _drawn(self, rng: int | np.random.Generator, resamples: int) -> np.ndarray:
        groups = len(self.count)
        return np.random.default_rng(rng).multinomial(groups, np.full(groups, 1 / groups), resamples).astype(np.float64)

    def __repr__(self) -> str:
        rows = [
            f"[{low:g}, {high:g}) {count:,.0f} cases, {expected:,.1f} expected, {observed:,.0f} came"
            for low, high, count, expected, observed in zip(
                self.ends[:-1], self.ends[1:], *(s.sum(axis=0) for s in (self.count, self.expected, self.observed)),
                strict=True,
            )
        ]  # fmt: skip
        return "\n".join([f"Reliability over {len(self.count):,} groups: error {self.error:.3f}", *rows])


def reliability(
    chance: np.ndarray,
    came: np.ndarray,
    group: np.ndarray,
    *,
    by: np.ndarray | None = None,
    ends: Sequence[float] = CHANCE_BINS,
) -> Reliability:
    """Sums chances and what came about by bins.

    Chances that are themselves shares of simulated runs are noisy; put into bins by those same shares, the highest were
    lucky and look too high. `by` takes other numbers for the bins: shares of other runs of the same model.

    Args:
        chance: What was said [case].
        came: Whether it came about [case].
        group: What is resampled together for intervals, such as the post of each case [case].
        by: Which bin, as a number between the ends; None: the chance itself [case].
        ends: Ends of the bins, ascending [bin + 1].

    Raises:
        SchemaError: No case, shapes that do not fit, a chance outside [0, 1], or a number outside the bins.

    Example:
        Of three cases of one in ten none came about, and one of two even ones:

        >>> said, came = np.array([0.1, 0.1, 0.1, 0.5, 0.5]), np.array([0, 0, 0, 1, 0], bool)
        >>> found = reliability(said, came, group=np.arange(5), ends=(0, 0.3, 1))
        >>> found.expected.sum(axis=0).round(6).tolist(), found.observed.sum(axis=0).tolist(), round(found.error, 6)
        ([0.3, 1.0], [0.0, 1.0], 0.3)
    """
    chance, came, edges = np.asarray(chance, np.float64), np.asarray(came, bool), np.asarray(ends, np.float64)
    number = chance if by is None else np.asarray(by, np.float64)
    if not len(chance) or not chance.shape == came.shape == number.shape == np.shape(group) == (len(chance),):
        raise SchemaError(
            f"got {chance.shape} chances, {came.shape} outcomes, {np.shape(group)} groups and {number.shape} places in "
            "bins, expected one each for at least one case"
        )
    if edges.ndim != 1 or len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise SchemaError(f"bins got the ends {list(ends)}, expected at least two, ascending")
    if not ((chance >= 0) & (chance <= 1)).all():
        wrong = chance[~((chance >= 0) & (chance <= 1))][0]
        raise SchemaError(f"a chance is {wrong:g}, expected 0 to 1")
    if not ((number >= edges[0]) & (number <= edges[-1])).all():
        raise SchemaError(f"a case lies outside the bins, expected numbers of {edges[0]:g} to {edges[-1]:g}")
    column = np.minimum(np.searchsorted(edges, number, side="right") - 1, len(edges) - 2)
    groups, row = np.unique(group, return_inverse=True)
    cell, shape = row * (len(edges) - 1) + column, (len(groups), len(edges) - 1)
    count, expected, observed = (
        np.bincount(cell, weights, shape[0] * shape[1]).reshape(shape)
        for weights in (np.ones(len(chance)), chance, came.astype(np.float64))
    )
    return Reliability(edges, count, expected, observed)


def _error(expected: np.ndarray, observed: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        total = observed.sum(axis=-1)
        return np.where(total > 0, np.abs(expected - observed).sum(axis=-1) / total, np.nan)


def _ratio(expected: np.ndarray, observed: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        total = observed.sum(axis=-1)
        return np.where(total > 0, expected.sum(axis=-1) / total, np.nan)

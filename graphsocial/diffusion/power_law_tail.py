"""Power-law tail of cascade sizes, and whether a lognormal describes it better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.lognormal_tail import lognormal_tail
from graphsocial.diffusion.measures.comparable_cascades import comparable_cascades
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.query_result import Column, QueryResult

LEAST_TAIL = 50
"""Fewest cascades of a tail that is looked for; below, exponents are biased (Clauset et al., section 3.4)."""


@dataclass(frozen=True, repr=False, eq=False)
class PowerLawTail(QueryResult):
    """A discrete power law, P(size = k) in proportion to k ** -alpha from `lowest` on.

    Attributes:
        alpha: Exponent.
        alpha_error: Its standard error, from the curvature of the likelihood; that `lowest` was chosen is not in it.
        lowest: Smallest size of the tail, x_min.
        distance: Kolmogorov-Smirnov distance between the tail and the power law.
        log_mean: Mean of the logarithm of the lognormal that fits the same tail best, rounded to whole sizes.
        log_deviation: Standard deviation of that logarithm.
        log_ratio: Log-likelihood of the power law minus that of the lognormal.
        p_value: Chance of a ratio so far from 0, either way, if both were equally good (Vuong 1989); above .1, say, the
            ratio tells nothing.
        size: Sizes of the cascades fitted, ascending, int64 [cascade].
        left_out: Cascades left out: censored, or not watched to the age.
        searched: Whether `lowest` was chosen by the fit.
    """

    alpha: float
    alpha_error: float
    lowest: int
    distance: float
    log_mean: float
    log_deviation: float
    log_ratio: float
    p_value: float
    size: np.ndarray
    left_out: int
    searched: bool

    @property
    def tail(self) -> int:
        """Number of cascades in the tail."""
        return int(np.count_nonzero(self.size >= self.lowest))

    def title(self) -> str:
        """The exponent, where the tail begins, and which of the two describes it better."""
        better = "power law" if self.log_ratio > 0 else "lognormal"
        verdict = "neither it nor a lognormal is better" if not self.p_value <= 0.1 else f"the {better} is better"
        return (
            f"power-law tail of {self.tail:,} of {len(self.size):,} sizes from {self.lowest:,} on: alpha "
            f"{self.alpha:.3g} ± {self.alpha_error:.2g}; {verdict} (p {self.p_value:.2g}); {self.left_out:,} left out"
        )

    def columns(self) -> dict[str, Column]:
        """One row."""
        return {
            "alpha": [self.alpha],
            "alpha_error": [self.alpha_error],
            "lowest": [self.lowest],
            "tail": [self.tail],
            "distance": [self.distance],
            "log_mean": [self.log_mean],
            "log_deviation": [self.log_deviation],
            "log_ratio": [self.log_ratio],
            "p_value": [self.p_value],
            "left_out": [self.left_out],
        }

    def exceedance(self, size: np.ndarray) -> np.ndarray:
        """Share of all cascades that have at least so many members, as the fit has it, float64; nan below the tail."""
        from graphsocial.diffusion.power_law_kernel import exceedances  # numba: imported when first needed

        size = np.atleast_1d(np.asarray(size, dtype=np.float64))
        out = np.empty(len(size))
        exceedances(self.alpha, float(self.lowest), size, out)
        return out * self.tail / len(self.size)

    def plausibility(self, *, rng: int | np.random.Generator, resamples: int = 200) -> float:
        """Chance of a distance as large as this one if sizes had this tail; below .1, rule the power law out.

        Clauset et al., section 4.1: sizes below the tail are drawn from those seen, the others from the power law, and
        each sample is fitted anew, where its tail begins included. Accurate to 1 / (2 * sqrt(resamples)).

        Args:
            rng: Whole number or numpy generator that the samples are drawn from.
            resamples: Number of samples.

        Raises:
            SchemaError: Not a whole number of samples, at least 1.
        """
        from graphsocial.diffusion.power_law_kernel import draw  # numba: imported when first needed

        if isinstance(resamples, bool) or not isinstance(resamples, int | np.integer) or resamples < 1:
            raise SchemaError(f"got resamples={resamples!r}, expected a whole number, at least 1")
        generator = np.random.default_rng(rng)
        below = self.size[self.size < self.lowest]
        reached = 0
        for _ in range(resamples):
            drawn = np.empty(generator.binomial(len(self.size), self.tail / len(self.size)))
            draw(self.alpha, float(self.lowest), generator.random(len(drawn)), drawn)
            body = generator.choice(below, len(self.size) - len(drawn)) if len(below) else below
            value, count = np.unique(np.concatenate([body, drawn]), return_counts=True)
            lowest = None if self.searched else self.lowest
            reached += _fit(value, count, lowest, min(LEAST_TAIL, self.tail))[2] >= self.distance
        return reached / resamples


def power_law_tail(
    cascades: CascadeSet,
    *,
    lowest: int | None = None,
    age: float | None = None,
    watched: float | np.ndarray | None = None,
) -> PowerLawTail:
    """Fits a discrete power law to the tail of the sizes, and compares it with a lognormal.

    Clauset, Shalizi and Newman, "Power-law distributions in empirical data", SIAM Review 51(4), 2009: the exponent by
    maximum likelihood, the tail's beginning where the distance between tail and fit is smallest, and Vuong's likelihood
    ratio against a lognormal on the same tail. A straight line on log axes proves nothing: look at the p values, and at
    `plausibility`. Sizes of censored cascades are lower bounds: they are left out and counted, or, with an age, all are
    taken as they were then.

    Args:
        cascades: Observed or simulated.
        lowest: Smallest size of the tail, x_min; None: the one with the smallest distance among those that leave at
            least `LEAST_TAIL` cascades.
        age: Fit what cascades were at this age, in the unit of their times; None: final cascades.
        watched: How long cascades were watched, where `age` needs it (`watched_lengths`).

    Raises:
        SchemaError: Too few cascades, or all of one size.

    >>> rng = np.random.default_rng(0)
    >>> size = rng.zipf(2.5, 5000)
    >>> size = size[size < 2000]
    >>> offsets = np.concatenate([[0], np.cumsum(size)])
    >>> parent = np.repeat(offsets[:-1], size)
    >>> parent[offsets[:-1]] = -1
    >>> zeros = np.zeros(len(parent), dtype=np.int64)
    >>> cascades = CascadeSet(zeros, parent, zeros, offsets, np.arange(len(size)), np.zeros(len(size), dtype=bool))
    >>> tail = power_law_tail(cascades)
    >>> tail.lowest, abs(tail.alpha - 2.5) < 4 * tail.alpha_error
    (1, True)
    """
    from graphsocial.diffusion.power_law_kernel import cost  # numba: imported when first needed

    if lowest is not None and (isinstance(lowest, bool) or not isinstance(lowest, int | np.integer) or lowest < 1):
        raise SchemaError(f"got lowest={lowest!r}, expected a whole number, at least 1, or None")
    found, left_out = comparable_cascades(cascades, age, watched)
    size = np.sort(found.size)
    value, count = np.unique(size[size > 0], return_counts=True)
    value = value.astype(np.float64)
    start, alpha, gap = _fit(value, count, lowest, LEAST_TAIL)
    if not start:
        least = f"{LEAST_TAIL} cascades, of" if lowest is None else f"those of {lowest:,} members or more to have"
        raise SchemaError(
            f"got {len(size):,} cascades of {len(value):,} different sizes, expected {least} at least 2 different sizes"
        )
    first = int(np.searchsorted(value, start))
    tail, times = value[first:], count[first:]
    likelihood = -alpha * np.log(tail / start) - cost(alpha, float(start), 0.0)
    log_mean, log_deviation, other = lognormal_tail(tail, times, start)
    ratio, p_value = vuong(likelihood - other, times)
    bend = np.diff([cost(alpha + step, float(start), 0.0) for step in (-1e-3, 0.0, 1e-3)], 2).item() / 1e-6
    return PowerLawTail(
        alpha,
        float(1 / np.sqrt(bend * times.sum())),
        start,
        gap,
        log_mean,
        log_deviation,
        ratio,
        p_value,
        size,
        left_out,
        lowest is None,
    )


def _fit(value: np.ndarray, count: np.ndarray, lowest: int | None, least: int) -> tuple[int, float, float]:
    """Where the tail begins (0: there is none to fit), its exponent, and its distance."""
    from graphsocial.diffusion.power_law_kernel import best_alpha, best_tail, distance

    if lowest is None:
        first, alpha, gap = best_tail(value, count, least)
        return (int(value[first]), alpha, gap) if first >= 0 else (0, np.nan, np.inf)
    first = int(np.searchsorted(value, lowest))
    if len(value) - first < 2:
        return 0, np.nan, np.inf
    alpha = best_alpha(float(lowest), float(np.average(np.log(value[first:] / lowest), weights=count[first:])))
    above = np.append(np.cumsum(count[::-1])[::-1], 0).astype(np.float64)
    return lowest, alpha, distance(alpha, float(lowest), first, value, above, np.inf)


def vuong(gain: np.ndarray, times: np.ndarray) -> tuple[float, float]:
    """Log-likelihood ratio and its two-sided p value (Vuong, Econometrica 57(2), 1989).

    Args:
        gain: Difference of the two log-likelihoods at each value [value].
        times: How often each value occurs [value].
    """
    from scipy.special import erfc  # slow to import, needed only here

    total, number = float(times @ gain), int(times.sum())
    spread = float(np.sqrt(times @ (gain - total / number) ** 2))
    return total, float(erfc(abs(total) / (np.sqrt(2) * spread))) if spread > 0 else 1.0

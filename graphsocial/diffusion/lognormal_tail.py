"""Lognormal tail: the lognormal, rounded to whole numbers and cut off below, that fits some values best."""

from __future__ import annotations

import numpy as np


def lognormal_tail(value: np.ndarray, times: np.ndarray, lowest: float) -> tuple[float, float, np.ndarray]:
    """Mean and standard deviation of the logarithm, and the log-likelihood of each value, float64 [value].

    A whole number stands for the stretch from half below to half above it, as in Clauset, Shalizi and Newman, SIAM
    Review 51(4), 2009. Where the tail is close to a power law, the best lognormal is a far flank of a very wide one; it
    is looked for in terms of the slope and the bend of the density on log axes, which stay finite there.

    Args:
        value: Distinct whole numbers from `lowest` on, ascending [value].
        times: How often each occurs [value].
        lowest: Where the tail begins.

    >>> rng = np.random.default_rng(0)
    >>> value, times = np.unique(np.rint(rng.lognormal(4, 1, 20_000)), return_counts=True)
    >>> log_mean, log_deviation, likelihood = lognormal_tail(value[value >= 9], times[value >= 9], 9)
    >>> round(log_mean, 1), round(log_deviation, 1)
    (4.0, 1.0)
    """
    from scipy.optimize import minimize  # slow to import, needed only here
    from scipy.special import log_ndtr

    edge = np.log(np.array([lowest, *value, *(value + 1)]) - 0.5)
    number = len(value)

    def likelihood(shape: np.ndarray) -> np.ndarray:
        slope, bend = shape[0], np.exp(np.clip(shape[1], _FLATTEST, _STEEPEST))
        above = log_ndtr(-(edge * bend + slope) / np.sqrt(bend))  # slope = -log_mean * bend, bend = deviation ** -2
        upper, lower = above[number + 1 :], above[1 : number + 1]
        return lower + np.log(-np.expm1(np.minimum(upper - lower, -1e-300))) - above[0]

    log_value = np.log(value)
    mean = np.average(log_value, weights=times)
    variance = max(float(np.average((log_value - mean) ** 2, weights=times)), 1e-6)
    exponent = 1 / max(float(mean - edge[0]), 1e-6)
    starts = (np.array([-mean / variance, -np.log(variance)]), np.array([exponent, np.log(1e-3)]))
    found = [
        minimize(
            lambda shape: -float(times @ likelihood(shape)) / times.sum(),
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-6, "fatol": 1e-12, "maxiter": 2000},
        )
        for start in starts
    ]
    best = min(found, key=lambda result: result.fun).x
    bend = float(np.exp(np.clip(best[1], _FLATTEST, _STEEPEST)))
    return float(-best[0] / bend), float(bend**-0.5), likelihood(best)


_FLATTEST, _STEEPEST = np.log(1e-6), np.log(1e4)
"""Bounds of the logarithm of the bend: beyond the first nothing can be told from a power law."""

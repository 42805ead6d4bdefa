"""Compiled loops of the discrete power law: its likelihood, its distance from data, and draws from it."""

from __future__ import annotations

import math

import numba
import numpy as np

jit = numba.njit(cache=True, nogil=True)


@jit
def scaled_zeta(alpha, x):  # type: ignore[no-untyped-def]
    """Hurwitz's zeta(alpha, x) times x**alpha, by Euler and Maclaurin's formula; does not underflow where zeta does."""
    total, end = 0.0, float(x)
    while end < 12 + 2 * alpha:
        total += (end / x) ** -alpha
        end += 1.0
    r = 1 / end
    term = alpha * r / 12
    tail = end / (alpha - 1) + 0.5 + term
    term *= -(alpha + 1) * (alpha + 2) * r * r / 60
    tail += term
    term *= -(alpha + 3) * (alpha + 4) * r * r / 42
    tail += term
    term *= -(alpha + 5) * (alpha + 6) * r * r / 40
    tail += term
    term *= -(alpha + 7) * (alpha + 8) * r * r / 39.6
    tail += term
    return total + (end / x) ** -alpha * tail


@jit
def cost(alpha, lowest, mean_log):  # type: ignore[no-untyped-def]
    """Minus the log-likelihood per value; the values lie so far above `lowest` on average, in logarithms."""
    return alpha * mean_log + math.log(scaled_zeta(alpha, lowest))


@jit
def best_alpha(lowest, mean_log):  # type: ignore[no-untyped-def]
    """Exponent of the largest likelihood, by golden section: the cost is convex."""
    low, high = 1 + 1e-6, 2.0
    while cost(2 * high, lowest, mean_log) < cost(high, lowest, mean_log):
        high *= 2
    high *= 2
    step = (math.sqrt(5.0) - 1) / 2
    left, right = high - step * (high - low), low + step * (high - low)
    at_left, at_right = cost(left, lowest, mean_log), cost(right, lowest, mean_log)
    while high - low > 1e-9 * high:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - step * (high - low)
            at_left = cost(left, lowest, mean_log)
        else:
            low, left, at_left = left, right, at_right
            right = low + step * (high - low)
            at_right = cost(right, lowest, mean_log)
    return (low + high) / 2


@jit
def distance(alpha, lowest, first, value, above, enough):  # type: ignore[no-untyped-def]
    """Kolmogorov-Smirnov distance of the values at the `first` and on from a power law that begins at `lowest`.

    Gives up once it is beyond `enough`.

    Between two values the empirical distribution stands still while the fitted one goes on, so the largest difference
    lies at a value or just before the next.
    """
    scale = scaled_zeta(alpha, lowest)
    worst = 0.0
    for j in range(first, len(value)):
        from_here = scaled_zeta(alpha, value[j])
        share = (value[j] / lowest) ** -alpha / scale
        seen = above[j] / above[first]
        after = above[j + 1] / above[first]
        worst = max(worst, abs(share * from_here - seen), abs(share * (from_here - 1) - after))
        if worst > enough:
            break
    return worst


@jit
def best_tail(value, count, least):  # type: ignore[no-untyped-def]
    """Position of the value where the best tail begins, its exponent and distance; -1 if none is long enough.

    Args:
        value: Distinct values, ascending, float64 [value].
        count: How often each occurs [value].
        least: Fewest observations of a tail.
    """
    above = np.zeros(len(value) + 1)
    logs = np.zeros(len(value) + 1)
    for j in range(len(value) - 1, -1, -1):
        above[j] = above[j + 1] + count[j]
        logs[j] = logs[j + 1] + count[j] * math.log(value[j])
    chosen, exponent, nearest = -1, math.nan, math.inf
    for first in range(len(value) - 1):
        if above[first] < least:
            break
        alpha = best_alpha(value[first], logs[first] / above[first] - math.log(value[first]))
        found = distance(alpha, value[first], first, value, above, nearest)
        if found < nearest:
            chosen, exponent, nearest = first, alpha, found
    return chosen, exponent, nearest


@jit
def draw(alpha, lowest, uniform, out):  # type: ignore[no-untyped-def]
    """Writes draws of a power law from `lowest` on: the largest value that is reached with a chance above `uniform`."""
    scale = scaled_zeta(alpha, lowest)
    for i in range(len(out)):
        low, high = float(lowest), 2.0 * lowest
        while high < 1e15 and (high / lowest) ** -alpha * scaled_zeta(alpha, high) / scale > uniform[i]:
            low, high = high, 2 * high
        while high - low > 1:
            middle = math.floor((low + high) / 2)
            if (middle / lowest) ** -alpha * scaled_zeta(alpha, middle) / scale > uniform[i]:
                low = middle
            else:
                high = middle
        out[i] = low


@jit
def exceedances(alpha, lowest, value, out):  # type: ignore[no-untyped-def]
    """Writes the chance of at least each value, nan below `lowest`, [value]."""
    scale = scaled_zeta(alpha, lowest)
    for i in range(len(out)):
        out[i] = math.nan
        if value[i] >= lowest:
            out[i] = (value[i] / lowest) ** -alpha * scaled_zeta(alpha, value[i]) / scale

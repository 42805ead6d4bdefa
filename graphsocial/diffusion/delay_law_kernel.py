"""Delays and shares of a delay law's table, for compiled loops: one is read from the other, and back."""

from __future__ import annotations

import numba


@numba.njit
def share_of(quantile, age):  # type: ignore[no-untyped-def]
    """Share of delays up to an age: 0 before the shortest, 1 from the longest on; of equal knots the last counts.

    Args:
        quantile: Delays at equal steps of probability, ascending [knot].
        age: A delay.
    """
    first, rest = 0, len(quantile)
    while rest > 0:  # the first knot beyond the age
        half = rest >> 1
        by_then = quantile[first + half] <= age
        first = first + half + 1 if by_then else first
        rest = rest - half - 1 if by_then else half
    last = len(quantile) - 1
    if first == 0:
        return 0.0
    if first > last:
        return 1.0
    low, high = quantile[first - 1], quantile[first]
    return (first - 1 + (age - low) / (high - low)) / last


@numba.njit
def delay_of(quantile, share):  # type: ignore[no-untyped-def]
    """Delay that a share of delays does not exceed; never falls as the share rises, rounding included.

    Args:
        quantile: Delays at equal steps of probability, ascending [knot].
        share: A number of [0, 1].
    """
    place = share * (len(quantile) - 1)
    knot = min(int(place), len(quantile) - 2)
    low, high = quantile[knot], quantile[knot + 1]
    return min(low + (place - knot) * (high - low), high)


@numba.njit(cache=True)
def shares_of(quantile, age, out):  # type: ignore[no-untyped-def]
    """Writes `share_of` each age, [age]."""
    for i in range(len(age)):
        out[i] = share_of(quantile, age[i])


@numba.njit(cache=True)
def delays_of(quantile, share, out):  # type: ignore[no-untyped-def]
    """Writes `delay_of` each share, [share]."""
    for i in range(len(share)):
        out[i] = delay_of(quantile, share[i])

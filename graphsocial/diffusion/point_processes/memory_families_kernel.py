"""Memory kernels inside compiled loops: one number says which family, two are its parameters.

Families: 0 exponential (rate, unused), 1 power law (cutoff, exponent), 2 SEISMIC (plateau, exponent). What decides an
event is made of IEEE operations alone, so that simulations are the same to the bit on every machine.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from graphsocial.diffusion.float_bits import float64_of
from graphsocial.diffusion.random_stream_kernel import logarithm

_LOG2_HIGH = 6.93147180369123816490e-01  # log 2 in two parts, the first with room for 11 bits
_LOG2_LOW = 1.90821492927058770002e-10


@numba.njit(inline="always")
def exponential_of(x):  # type: ignore[no-untyped-def]
    """exp(x), the same to the bit everywhere, to within 1e-15 of the true one; 0 below -708, infinite above 709.

    exp(x) = 2**k exp(r) with |r| <= log(2) / 2, and exp(r) by its series.
    """
    if x < -708.0:
        return 0.0
    if x > 709.0:
        return np.inf
    k = math.floor(x * 1.4426950408889634 + 0.5)
    r = (x - k * _LOG2_HIGH) - k * _LOG2_LOW
    z = r * r
    z4 = z * z
    low = (1.0 + r) + z * (1 / 2 + r * (1 / 6))
    middle = (1 / 24 + r * (1 / 120)) + z * (1 / 720 + r * (1 / 5040))
    high = (1 / 40320 + r * (1 / 362880)) + z * (1 / 3628800 + r * (1 / 39916800))
    top = 1 / 479001600 + r * (1 / 6227020800)
    series = low + z4 * (middle + z4 * (high + z4 * top))
    return series * float64_of(np.uint64(np.int64(k) + 1023) << np.uint64(52))  # type: ignore[call-arg]


@numba.njit
def density_at(family, first, second, delay):  # type: ignore[no-untyped-def]
    """Share of the answers per second at a delay of at least 0."""
    if family == 0:
        return first * exponential_of(-first * delay)
    if family == 1:
        return second / first * exponential_of(-(1.0 + second) * logarithm(1.0 + delay / first))
    height = second / (first * (1.0 + second))
    if delay <= first:
        return height
    return height * exponential_of(-(1.0 + second) * logarithm(delay / first))


@numba.njit
def delay_of(family, first, second, share):  # type: ignore[no-untyped-def]
    """Within which delay a share of [0, 1) of the answers comes."""
    left = max(1.0 - share, 1e-300)
    if family == 0:
        return -logarithm(left) / first
    if family == 1:
        return first * (exponential_of(-logarithm(left) / second) - 1.0)
    plateau = second / (1.0 + second)
    if share < plateau:
        return share * first / plateau
    return first * exponential_of(-logarithm(left * (1.0 + second)) / second)


@numba.njit
def mass_at(family, first, second, delay):  # type: ignore[no-untyped-def]
    """Share of the answers within a delay of at least 0."""
    if family == 0:
        return 1.0 - exponential_of(-first * delay)
    if family == 1:
        return 1.0 - exponential_of(-second * logarithm(1.0 + min(delay / first, 1e300)))
    if delay <= first:
        return delay * second / (first * (1.0 + second))
    return 1.0 - exponential_of(-second * logarithm(min(delay / first, 1e300))) / (1.0 + second)


@numba.njit
def density_slopes(family, first, second, delay):  # type: ignore[no-untyped-def]
    """Density, and its derivatives by the first and the second parameter."""
    if family == 0:
        e = math.exp(-first * delay)
        return first * e, (1.0 - first * delay) * e, 0.0
    if family == 1:
        x = math.log1p(delay / first)
        density = second / first * math.exp(-(1.0 + second) * x)
        by_first = -1.0 / first + (1.0 + second) * delay / (first * (first + delay))
        return density, density * by_first, density * (1.0 / second - x)
    height = second / (first * (1.0 + second))
    by_second = 1.0 / second - 1.0 / (1.0 + second)
    if delay <= first:
        return height, -height / first, height * by_second
    x = math.log(delay / first)
    density = height * math.exp(-(1.0 + second) * x)
    return density, density * second / first, density * (by_second - x)


@numba.njit
def mass_slopes(family, first, second, delay):  # type: ignore[no-untyped-def]
    """Mass, and its derivatives by the first and the second parameter; at an infinite delay 1, 0 and 0."""
    if delay == np.inf:
        return 1.0, 0.0, 0.0
    if family == 0:
        e = math.exp(-first * delay)
        return -math.expm1(-first * delay), delay * e, 0.0
    if family == 1:
        x = math.log1p(delay / first)
        left = math.exp(-second * x)
        return -math.expm1(-second * x), -left * second * delay / (first * (first + delay)), left * x
    height = second / (first * (1.0 + second))
    if delay <= first:
        return height * delay, -height * delay / first, height * delay * (1.0 / second - 1.0 / (1.0 + second))
    x = math.log(delay / first)
    left = math.exp(-second * x) / (1.0 + second)
    return 1.0 - left, -second * left / first, left * (x + 1.0 / (1.0 + second))

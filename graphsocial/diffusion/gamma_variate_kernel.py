"""Gamma variates for compiled loops, the same on any machine: whole numbers and IEEE operations only."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.float_bits import float64_of
from graphsocial.diffusion.random_stream_kernel import advance, exponential, logarithm, mix, unit

_LOG2_HIGH, _LOG2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # the high one has zeros at its end
_ONE_OVER_LOG2 = 1.4426950408889634


@numba.njit
def exp_below_zero(x):  # type: ignore[no-untyped-def]
    """Exponential of a number of at most 0, to within 1e-15 of it, the same to the bit everywhere; 0 below 2**-1022.

    x = n log 2 + r with |r| <= log(2) / 2, then the series of e**r, shifted by n binary places.
    """
    n = np.floor(x * _ONE_OVER_LOG2 + 0.5)
    if not n > -1022.0:
        return 0.0
    r = (x - n * _LOG2_HIGH) - n * _LOG2_LOW
    total = 1.0
    for k in range(14, 0, -1):
        total = 1.0 + total * r / k
    return total * float64_of(np.uint64(np.int64(n) + 1023) << np.uint64(52))  # type: ignore[call-arg]


@numba.njit
def normal_variate(state):  # type: ignore[no-untyped-def]
    """The next state of a stream, and a standard normal variable.

    Marsaglia and Bray's polar method ("A convenient method for generating normal variables", SIAM Review 1964); the
    second of the pair is forgotten.
    """
    while True:
        state = advance(state)
        x = 2.0 * unit(mix(state)) - 1.0
        state = advance(state)
        y = 2.0 * unit(mix(state)) - 1.0
        square = x * x + y * y
        if 0.0 < square < 1.0:
            return state, x * np.sqrt(-2.0 * logarithm(square) / square)


@numba.njit
def gamma_variate(state, shape):  # type: ignore[no-untyped-def]
    """The next state of a stream, and a gamma variable of a shape and of scale 1, so of mean `shape`.

    Marsaglia and Tsang, "A simple method for generating gamma variables", ACM Trans. Math. Softw. 2000; below shape 1
    as they say there: of shape + 1, times a uniform number to the power of 1 / shape.

    Args:
        state: State of the stream.
        shape: Finite and above 0.
    """
    factor = 1.0
    if shape < 1.0:
        state, drawn = exponential(state)
        factor = exp_below_zero(-drawn / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    while True:
        state, x = normal_variate(state)
        root = 1.0 + c * x
        if root <= 0.0:
            continue
        v = root * root * root
        state = advance(state)
        height = 1.0 - unit(mix(state))  # above 0
        if logarithm(height) < 0.5 * x * x + d * (1.0 - v + logarithm(v)):
            return state, d * v * factor

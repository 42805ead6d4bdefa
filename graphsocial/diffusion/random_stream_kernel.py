"""Random numbers for compiled loops: a stream per run, coins per edge, the same on any machine.

Whole-number arithmetic and IEEE operations only; no library logarithm or generator state that could differ. A run draws
from a stream of its own, so results depend on neither the number of threads nor the order of the runs.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import numba
import numpy as np

from graphsocial.diffusion.float_bits import bits64, float64_of

_STEP = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(0x9E6D62D06F6A9A9B)
_TO_UNIT = 2.0**-53
_ROOT_HALF = np.uint64(0x3FE6A09E667F3BCD)  # the bits of sqrt(1/2)


def _ziggurat() -> tuple[np.ndarray, np.ndarray]:
    """Right edges of the 256 layers from the bottom one on, [257], and the density there."""
    with localcontext() as context:
        context.prec = 40
        tail, area = Decimal("7.69711747013104971404462804811"), Decimal("0.0039496598225815571993")
        edge = [area * tail.exp(), tail]
        for _ in range(2, 256):
            edge.append(-(area / edge[-1] + (-edge[-1]).exp()).ln())
        edge.append(Decimal(0))
        return np.array([float(x) for x in edge]), np.array([float((-x).exp()) for x in edge])


_EDGE, _HEIGHT = _ziggurat()


@numba.njit(inline="always")
def mix(bits):  # type: ignore[no-untyped-def]
    """Scrambles 64 bits so that neighbours look independent (the finaliser of SplitMix64; Steele et al. 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@numba.njit(inline="always")
def stream_of(key, run):  # type: ignore[no-untyped-def]
    """Where the stream of one run begins, uint64."""
    return mix(mix(np.uint64(key) + np.uint64(run) * _STEP) ^ _HALF)


@numba.njit(inline="always")
def advance(state):  # type: ignore[no-untyped-def]
    """The next state of a stream; `mix` of it is the random number."""
    return state + _STEP


@numba.njit(inline="always")
def unit(bits):  # type: ignore[no-untyped-def]
    """A float64 of [0, 1) from 64 random bits."""
    return np.float64(bits >> np.uint64(11)) * _TO_UNIT


@numba.njit(inline="always")
def coin(stream, item):  # type: ignore[no-untyped-def]
    """A float64 of [0, 1) that belongs to one item, such as an edge, of one run: asked again, it is the same."""
    return unit(mix(stream ^ (np.uint64(item) * _STEP + _HALF)))


@numba.njit(inline="always")
def below(bits, count):  # type: ignore[no-untyped-def]
    """A whole number of 0 to count - 1, int64; the bias is less than count / 2**32."""
    return np.int64(((bits >> np.uint64(32)) * np.uint64(count)) >> np.uint64(32))


@numba.njit(inline="always")
def logarithm(x):  # type: ignore[no-untyped-def]
    """Natural logarithm of a positive normal float64, the same to the bit everywhere, to within 1e-14 of the true one.

    x = m 2**e with m in [sqrt(1/2), sqrt(2)); log m = 2 artanh(s), s = (m - 1) / (m + 1), by its series. No branch: the
    processor could not guess it.
    """
    bits: Any = bits64(x)  # type: ignore[call-arg]
    exponent = np.int64(bits - _ROOT_HALF) >> np.int64(52)
    m = float64_of(bits - (np.uint64(exponent) << np.uint64(52)))
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    z2 = z * z
    z4 = z2 * z2
    low = (1 / 3 + z * (1 / 5)) + z2 * (1 / 7 + z * (1 / 9))
    high = (1 / 11 + z * (1 / 13)) + z2 * (1 / 15 + z * (1 / 17))
    return 2.0 * (s + s * z * (low + z4 * high)) + exponent * 0.6931471805599453


@numba.njit(inline="always")
def exponential(state):  # type: ignore[no-untyped-def]
    """The next state of a stream, and an exponential variable of mean 1.

    Marsaglia and Tsang's ziggurat ("The ziggurat method for generating random variables", J. Stat. Softw. 2000) with
    256 layers: one number and one comparison in 98.9 of 100 cases. The tables are computed in decimals, so that they
    are the same everywhere.
    """
    past = 0.0
    while True:
        state = advance(state)
        bits = mix(state)
        layer = np.int64(bits & np.uint64(255))
        x = unit(bits) * _EDGE[layer]
        if x < _EDGE[layer + 1]:
            return state, past + x
        if layer == 0:  # the tail looks like the whole
            past += _EDGE[1]
            continue
        state = advance(state)
        height = _HEIGHT[layer] + unit(mix(state)) * (_HEIGHT[layer + 1] - _HEIGHT[layer])
        if logarithm(height) < -x:
            return state, past + x


@numba.njit(cache=True)
def hazards(probability, out):  # type: ignore[no-untyped-def]
    """-log(1 - p) of each probability, infinite where it is 1, [...]; the same to the bit everywhere."""
    for i in range(len(probability)):
        p = np.float64(probability[i])
        if p >= 1.0:
            out[i] = np.inf
        elif p < 1e-4:  # log of nearly 1 keeps few digits
            out[i] = p + p * p * (0.5 + p * (1 / 3 + 0.25 * p))
        else:
            out[i] = -logarithm(1.0 - p)

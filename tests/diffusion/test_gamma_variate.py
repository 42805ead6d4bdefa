"""Gamma variates of compiled loops: moments, law, and the same numbers on every machine."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from scipy.stats import gamma, kstest

from graphsocial.diffusion.gamma_variate_kernel import exp_below_zero, gamma_variate, normal_variate
from graphsocial.diffusion.random_stream_kernel import stream_of
from tests.diffusion.enumeration import SIGMA

COUNT = 200_000
SHAPES = [0.05, 0.3, 0.999, 1.0, 2.5, 40.0, 1e9]


@numba.njit
def _gammas(key: int, shape: float, count: int) -> np.ndarray:
    state, out = stream_of(np.uint64(key), 0), np.empty(count)
    for i in range(count):
        state, out[i] = gamma_variate(state, shape)
    return out


@numba.njit
def _normals(key: int, count: int) -> np.ndarray:
    state, out = stream_of(np.uint64(key), 0), np.empty(count)
    for i in range(count):
        state, out[i] = normal_variate(state)
    return out


@numba.njit
def _powers(x: np.ndarray) -> np.ndarray:
    out = np.empty(len(x))
    for i in range(len(x)):
        out[i] = exp_below_zero(x[i])
    return out


@pytest.mark.parametrize("shape", SHAPES)
def test_moments_and_law(shape: float) -> None:
    drawn = _gammas(11, shape, COUNT)
    assert abs(drawn.mean() - shape) < SIGMA * math.sqrt(shape / COUNT)
    deviation = (drawn - shape) ** 2 / shape  # mean 1, variance 2 + 6 / shape
    assert abs(deviation.mean() - 1) < SIGMA * math.sqrt((2 + 6 / shape) / COUNT)
    assert kstest(drawn, gamma(shape).cdf).pvalue > 6.8e-6
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < SIGMA / math.sqrt(COUNT)


@pytest.mark.parametrize("shape", [0.3, 2.5])
def test_both_tails(shape: float) -> None:
    drawn, law = _gammas(12, shape, 5 * COUNT), gamma(shape)
    for share in (1e-3, 1e-4):
        error = math.sqrt(share * (1 - share) / len(drawn))
        assert abs((drawn < law.ppf(share)).mean() - share) < SIGMA * error
        assert abs((drawn > law.isf(share)).mean() - share) < SIGMA * error


def test_normals() -> None:
    drawn = _normals(3, COUNT)
    assert kstest(drawn, "norm").pvalue > 6.8e-6
    assert abs((drawn**4).mean() - 3) < SIGMA * math.sqrt(96 / COUNT)
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < SIGMA / math.sqrt(COUNT)


def test_the_exponential_is_one() -> None:
    x = -np.concatenate([np.random.default_rng(0).random(10_000) * 700, np.geomspace(1e-300, 700, 2_000), [0.0]])
    assert np.allclose(_powers(x), np.exp(x), rtol=2e-15, atol=0)
    assert _powers(np.array([0.0, -708.0, -710.0, -1e300, -np.inf])).tolist()[2:] == [0.0, 0.0, 0.0]


def test_the_numbers_are_the_same_everywhere() -> None:
    """Written down once."""
    assert [x.hex() for x in _normals(7, 2).tolist()] == NORMALS
    assert [x.hex() for x in (_gammas(7, 0.3, 2).tolist() + _gammas(7, 2.5, 2).tolist())] == GAMMAS


NORMALS = ["0x1.e7529d723f474p-2", "0x1.564abe673fd68p-4"]
GAMMAS = ["0x1.0e0886170c581p-12", "0x1.214bb505a3475p-3", "0x1.790236b04d181p+1", "0x1.89035ca11c171p+1"]

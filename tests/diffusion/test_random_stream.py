"""Random numbers of compiled loops: the right laws, and the same numbers on every machine."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from scipy.stats import kstest

from graphsocial.diffusion.random_stream_kernel import (
    advance,
    below,
    coin,
    exponential,
    hazards,
    logarithm,
    mix,
    stream_of,
    unit,
)

COUNT = 200_000


@numba.njit
def _exponentials(key: int, run: int, count: int) -> np.ndarray:
    state, out = stream_of(np.uint64(key), run), np.empty(count)
    for i in range(count):
        state, out[i] = exponential(state)
    return out


@numba.njit
def _units(key: int, run: int, count: int) -> np.ndarray:
    state, out = stream_of(np.uint64(key), run), np.empty(count)
    for i in range(count):
        state = advance(state)
        out[i] = unit(mix(state))
    return out


@numba.njit
def _coins(key: int, run: int, count: int) -> np.ndarray:
    stream, out = stream_of(np.uint64(key), run), np.empty(count)
    for i in range(count):
        out[i] = coin(stream, i)
    return out


@numba.njit
def _below(key: int, count: int, limit: int) -> np.ndarray:
    state, out = stream_of(np.uint64(key), 0), np.empty(count, dtype=np.int64)
    for i in range(count):
        state = advance(state)
        out[i] = below(mix(state), limit)
    return out


@numba.njit
def _logarithms(x: np.ndarray) -> np.ndarray:
    out = np.empty(len(x))
    for i in range(len(x)):
        out[i] = logarithm(x[i])
    return out


@pytest.mark.parametrize("draw", [_units, _coins])
def test_units_are_even(draw: object) -> None:
    drawn = draw(3, 5, COUNT)  # type: ignore[operator]
    assert 0 <= drawn.min() and drawn.max() < 1
    assert kstest(drawn, "uniform").pvalue > 1e-5
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 4.5 / math.sqrt(COUNT)


def test_exponentials_have_the_law_up_to_the_tail() -> None:
    drawn = _exponentials(3, 5, 20 * COUNT)
    assert drawn.min() > 0
    assert kstest(drawn[:COUNT], "expon").pvalue > 1e-5
    for beyond in (0.01, 1.0, 7.6971, 9.0):  # the last two lie in the ziggurat's tail
        expected = math.exp(-beyond)
        error = math.sqrt(expected * (1 - expected) / len(drawn))
        assert abs((drawn > beyond).mean() - expected) < 4.5 * error


def test_streams_of_runs_and_keys_are_unlike() -> None:
    one, other_run, other_key = _units(3, 5, COUNT), _units(3, 6, COUNT), _units(4, 5, COUNT)
    for other in (other_run, other_key):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4.5 / math.sqrt(COUNT)
    first = np.array([_units(3, run, 1)[0] for run in range(2_000)])
    assert kstest(first, "uniform").pvalue > 1e-5


def test_whole_numbers_are_even() -> None:
    counted = np.bincount(_below(9, COUNT, 7), minlength=7)
    assert len(counted) == 7
    assert (abs(counted - COUNT / 7) < 4.5 * math.sqrt(COUNT / 7)).all()


def test_the_numbers_are_the_same_everywhere() -> None:
    """SplitMix64 of seed 1234567 as its authors publish it, and numbers written down once."""

    @numba.njit
    def published(count: int) -> np.ndarray:
        state, out = np.uint64(1234567), np.empty(count, dtype=np.uint64)
        for i in range(count):
            state = advance(state)
            out[i] = mix(state)
        return out

    assert published(3).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [x.hex() for x in _exponentials(7, 0, 3).tolist()] == EXPONENTIALS
    assert [x.hex() for x in _logarithms(np.array([0.5, 3.0, 1e-300])).tolist()] == LOGARITHMS


def test_the_logarithm_is_one() -> None:
    x = np.concatenate([np.random.default_rng(0).random(10_000), 10.0 ** np.arange(-300, 300)])
    assert np.allclose(_logarithms(x), np.log(x), rtol=1e-14, atol=1e-16)


def test_hazards() -> None:
    p = np.array([0.0, 1e-30, 1e-7, 9.9e-5, 1.1e-4, 0.3, 0.999, 1.0], dtype=np.float64)
    out = np.empty(len(p))
    hazards(p, out)
    assert out[-1] == np.inf and out[0] == 0.0
    assert np.allclose(out[:-1], -np.log1p(-p[:-1]), rtol=1e-10)


EXPONENTIALS = ["0x1.3a564baaacdf2p+1", "0x1.97d2d171211efp-3", "0x1.0e46b18b01ab7p+1"]
LOGARITHMS = ["-0x1.62e42fefa39efp-1", "0x1.193ea7aad030ap+0", "-0x1.5963447f87fb5p+9"]

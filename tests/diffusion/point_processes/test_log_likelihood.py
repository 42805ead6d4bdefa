"""The likelihood: by hand, event by event, against numerical integration, and its slopes."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.diffusion.point_processes.log_likelihood import log_likelihood, log_likelihood_slopes
from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel
from graphsocial.diffusion.point_processes.power_law_kernel import PowerLawKernel
from graphsocial.diffusion.point_processes.seismic_kernel import SeismicKernel
from graphsocial.errors import SchemaError

KERNELS = [ExponentialKernel(0.3), PowerLawKernel(4.0, 0.7), SeismicKernel(2.9, 0.5)]
each_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: type(kernel).__name__)
TIMES = [0.0, 1.0, 1.5, 4.0, 11.0, 11.25]


def directly(process: HawkesProcess, times: list[float], until: float, root: bool) -> float:
    """Event by event, pair by pair."""
    value = -process.background * until
    for i, t in enumerate(times):
        rate = process.background + sum(process.branching * float(process.kernel.density(t - s)) for s in times[:i])
        value += 0.0 if root and i == 0 else math.log(rate)
        value -= process.branching * float(process.kernel.mass(until - t))
    return value


def test_golden() -> None:
    # events at 1 and 2, until 3; rate at 1: 1, at 2: 1 + 1/2 e**-1; expected: 3 + 1/2 ((1 - e**-2) + (1 - e**-1))
    process = HawkesProcess(1.0, 0.5, ExponentialKernel(1.0))
    by_hand = math.log(1 + 0.5 / math.e) - 3 - 0.5 * (2 - math.exp(-2) - math.exp(-1))
    assert log_likelihood(process, [1.0, 2.0], until=3.0) == pytest.approx(by_hand)
    # a root at 0 that is not to be explained, and one answer after 1 of 4 seconds
    alone = HawkesProcess(0.0, 0.5, ExponentialKernel(1.0))
    by_hand = math.log(0.5 / math.e) - 0.5 * (2 - math.exp(-4) - math.exp(-3))
    assert log_likelihood(alone, [0.0, 1.0], until=4.0, root=True) == pytest.approx(by_hand)


@each_kernel
@pytest.mark.parametrize("root", [True, False])
def test_event_by_event(kernel: MemoryKernel, root: bool) -> None:
    process = HawkesProcess(0.2, 0.8, kernel)
    found = log_likelihood(process, TIMES, until=20.0, root=root)
    assert found == pytest.approx(directly(process, TIMES, 20.0, root), rel=1e-12)
    two = log_likelihood(process, [TIMES, TIMES[:3]], until=np.array([20.0, 9.0]), root=root)
    assert two == pytest.approx(found + directly(process, TIMES[:3], 9.0, root), rel=1e-12)


@each_kernel
def test_compensator_integrates_the_intensity(kernel: MemoryKernel) -> None:
    process = HawkesProcess(0.2, 0.8, kernel)
    times = np.array(TIMES[1:])
    edges = np.concatenate([[0.0], times, times + 3.0, [20.0]])  # kinks of the intensity
    edges = np.unique(edges[edges <= 20.0])
    area = sum(quad(lambda t: float(process.intensity(times, np.array([t]))[0]), a, b)[0] for a, b in pairwise(edges))
    assert process.compensator(times, np.array([20.0]))[0] == pytest.approx(area, rel=1e-7)
    logs = np.log(process.intensity(times, times)).sum()
    assert log_likelihood(process, times, until=20.0) == pytest.approx(logs - area, rel=1e-7)


@each_kernel
@pytest.mark.parametrize("root", [True, False])
def test_slopes_are_those_of_small_differences(kernel: MemoryKernel, root: bool) -> None:
    events = EventTimes.of([TIMES, TIMES[:4]], 21.0, root=root)
    values = [0.2, 0.8, *kernel.compiled[1:]][: 2 + len(kernel.parameters)]

    def value(at: list[float]) -> float:
        return log_likelihood_slopes(HawkesProcess(at[0], at[1], type(kernel)(*at[2:])), events)[0]

    slopes = log_likelihood_slopes(HawkesProcess(0.2, 0.8, kernel), events)[1]
    for i in range(len(values)):
        up, down = list(values), list(values)
        up[i] *= 1 + 1e-6
        down[i] *= 1 - 1e-6
        assert slopes[i] == pytest.approx((value(up) - value(down)) / (2e-6 * values[i]), rel=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.001, 50), min_size=1, max_size=12, unique=True),
    st.floats(0.01, 3),
    st.floats(0, 2),
    st.floats(0.01, 5),
)
def test_recursion_is_the_sum_over_pairs(times: list[float], background: float, branching: float, rate: float) -> None:
    process = HawkesProcess(background, branching, ExponentialKernel(rate))
    times = sorted(times)
    found = log_likelihood(process, times, until=60.0)
    assert found == pytest.approx(directly(process, times, 60.0, False), rel=1e-9, abs=1e-9)


def test_threads_do_not_change_a_bit() -> None:
    rng = np.random.default_rng(0)
    many = EventTimes.of([np.cumsum(rng.exponential(size=30)) for _ in range(60)], 200.0)
    process = HawkesProcess(0.5, 0.5, PowerLawKernel(1.0, 1.0))
    assert log_likelihood(process, many, threads=1) == log_likelihood(process, many, threads=3)


def test_an_event_after_a_very_long_silence_is_unlikely_not_impossible() -> None:
    process = HawkesProcess(0.0, 0.5, ExponentialKernel(10.0))
    value, slopes = log_likelihood_slopes(process, EventTimes.of([0.0, 1e4], 2e4, root=True))
    assert value < -600 and np.isfinite(slopes).all() and slopes[2] < 0  # a smaller rate would make it likelier


def test_bad_input() -> None:
    with pytest.raises(SchemaError, match="got ExponentialKernel, expected a HawkesProcess"):
        log_likelihood(ExponentialKernel(1.0), [1.0], 2.0)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="until is infinite"):
        log_likelihood(HawkesProcess(0.1, 0.5, ExponentialKernel(1.0)), [1.0], math.inf)

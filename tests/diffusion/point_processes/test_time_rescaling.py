"""Residual analysis: even for the true process, telling for a wrong one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import kstest

from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.diffusion.point_processes.power_law_kernel import PowerLawKernel
from graphsocial.diffusion.point_processes.simulate_hawkes import simulate_hawkes
from graphsocial.diffusion.point_processes.time_rescaling import time_rescaling
from graphsocial.errors import SchemaError


def test_gaps_by_hand() -> None:
    # root at 0, events at 1 and 3, until 4; a second cascade's root with an event at 2
    process = HawkesProcess(0.0, 2.0, ExponentialKernel(1.0))
    gap = time_rescaling(process, [[0.0, 1.0, 3.0], [0.0, 2.0]], until=4.0, root=True).gap
    m = [1 - math.exp(-t) for t in range(5)]
    rest = 2 * (m[4] + m[3] + m[1]) - 2 * (m[3] + m[2])  # silence at the first one's end
    assert gap == pytest.approx([2 * m[1], 2 * (m[3] + m[2]) - 2 * m[1], rest + 2 * m[2]])


@pytest.mark.parametrize("kernel", [ExponentialKernel(0.05), PowerLawKernel(10.0, 0.8)], ids=["exponential", "power"])
@pytest.mark.parametrize("root", [True, False])
def test_p_values_of_the_true_process_are_even(kernel: ExponentialKernel | PowerLawKernel, root: bool) -> None:
    process = HawkesProcess(0.0 if root else 0.1, 0.7, kernel)
    found = []
    for seed in range(150):
        runs = simulate_hawkes(process, 150.0, 12, rng=seed, root=root)
        found.append(time_rescaling(process, runs, until=150.0, root=root).p_value)
    assert kstest(found, "uniform").pvalue > 1e-5


def test_a_wrong_process_is_found_out() -> None:
    true = HawkesProcess(0.1, 0.7, ExponentialKernel(0.5))
    runs = simulate_hawkes(true, 4000.0, 2, rng=1)
    assert time_rescaling(true, runs, until=4000.0).p_value > 1e-4
    for wrong in (
        HawkesProcess(0.1, 0.5, ExponentialKernel(0.5)),
        HawkesProcess(1 / 3, 0.0, ExponentialKernel(0.5)),  # as many events, but evenly
        HawkesProcess(0.1, 0.7, ExponentialKernel(0.02)),
    ):
        assert time_rescaling(wrong, runs, until=4000.0).p_value < 1e-8


def test_bad_input() -> None:
    process = HawkesProcess(0.1, 0.7, ExponentialKernel(0.5))
    with pytest.raises(SchemaError, match="no event to explain"):
        time_rescaling(process, [], until=9.0)
    with pytest.raises(SchemaError, match="until is infinite"):
        time_rescaling(process, [1.0], until=np.inf)
    with pytest.raises(SchemaError, match="got ExponentialKernel, expected a HawkesProcess or a HawkesFit"):
        time_rescaling(ExponentialKernel(1.0), [1.0], until=9.0)  # type: ignore[arg-type]

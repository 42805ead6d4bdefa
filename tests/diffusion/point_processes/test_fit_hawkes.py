"""Fits: in closed form, planted parameters recovered, intervals that hold, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
from graphsocial.diffusion.point_processes.fit_hawkes import fit_hawkes, fit_hawkes_each
from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.diffusion.point_processes.log_likelihood import log_likelihood
from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel
from graphsocial.diffusion.point_processes.power_law_kernel import PowerLawKernel
from graphsocial.diffusion.point_processes.seismic_kernel import SeismicKernel
from graphsocial.diffusion.point_processes.simulate_hawkes import simulate_hawkes
from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph.cascades import CascadeSet

KERNELS = [ExponentialKernel(0.05), PowerLawKernel(10.0, 0.8), SeismicKernel(30.0, 0.5)]
each_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: type(kernel).__name__)


def planted(kernel: MemoryKernel, branching: float = 0.8, runs: int = 300, until: float = 1000.0) -> CascadeSet:
    return simulate_hawkes(HawkesProcess(0.0, branching, kernel), until, runs, rng=6, root=True)


def test_branching_of_a_held_kernel_by_hand() -> None:
    # 2 answers to events at 0, 1 and 3, of which 1 - exp(-10), 1 - exp(-9) and 1 - exp(-7) is over
    fit = fit_hawkes([0.0, 1.0, 3.0], ExponentialKernel(1.0), until=10.0, root=True)
    exposure = 3 - math.exp(-10) - math.exp(-9) - math.exp(-7)
    assert fit.process.branching == pytest.approx(2 / exposure, rel=1e-6)
    assert fit.standard_error["branching"] == pytest.approx(math.sqrt(2) / exposure, rel=1e-4)  # information 2 / n ** 2
    assert fit.log_likelihood == pytest.approx(log_likelihood(fit.process, [0.0, 1.0, 3.0], 10.0, root=True))
    assert fit.aic == pytest.approx(2 - 2 * fit.log_likelihood)
    assert fit.process.background == 0 and fit.value("rate") == 1 and fit.interval("rate") == (1.0, 1.0)


def test_silence_counts() -> None:
    times = [0.0, 1.0, 2.0, 3.0]
    early = fit_hawkes(times, ExponentialKernel(0.1), until=4.0, root=True).process.branching
    late = fit_hawkes(times, ExponentialKernel(0.1), until=100.0, root=True).process.branching
    assert late == pytest.approx(3 / 4, rel=1e-3) and early > 3 * late


@each_kernel
def test_planted_parameters_are_recovered(kernel: MemoryKernel) -> None:
    fit = fit_hawkes(planted(kernel), type(kernel), until=1000.0)
    assert fit.converged and fit.at_bound == () and fit.process.background == 0
    for name in ("branching", *kernel.parameters):
        true = 0.8 if name == "branching" else getattr(kernel, name)
        low, high = fit.interval(name, level=0.999)
        assert low < true < high < 4 * low, name


@pytest.mark.parametrize("kernel", KERNELS[:2], ids=lambda kernel: type(kernel).__name__)
def test_a_background_is_told_from_answers(kernel: MemoryKernel) -> None:
    process = HawkesProcess(0.1, 0.6, kernel)
    runs = simulate_hawkes(process, 600.0, 15, rng=3)
    fit = fit_hawkes(runs, type(kernel), until=600.0, root=False)
    for name, true in (("background", 0.1), ("branching", 0.6)):
        low, high = fit.interval(name, level=0.999)
        assert low < true < high < 3 * low, name


def test_error_shrinks_as_data_grow() -> None:
    error, width = [], []
    for runs in (20, 320, 5120):
        fit = fit_hawkes(planted(KERNELS[0], runs=runs), ExponentialKernel, until=1000.0)
        error.append(abs(fit.process.branching - 0.8))
        width.append(fit.standard_error["branching"])
    assert width[0] / width[1] == pytest.approx(4, rel=0.3) and width[1] / width[2] == pytest.approx(4, rel=0.1)
    assert error[2] < 4.5 * width[2] < error[0] + 4.5 * width[0]


def test_standard_errors_are_those_of_repetition() -> None:
    values, errors = [], []
    for seed in range(100):
        runs = simulate_hawkes(HawkesProcess(0.0, 0.7, KERNELS[0]), 200.0, 80, rng=seed, root=True)
        fit = fit_hawkes(runs, ExponentialKernel, until=200.0)
        values.append([fit.process.branching, fit.value("rate")])
        errors.append([fit.standard_error["branching"], fit.standard_error["rate"]])
    ratio = np.std(values, axis=0, ddof=1) / np.mean(errors, axis=0)
    assert (np.abs(ratio - 1) < 4.5 / math.sqrt(200)).all()  # of a standard deviation from 100 values: 7 %


def test_the_true_family_is_the_likelier_one() -> None:
    runs = planted(PowerLawKernel(10.0, 0.8))
    fits = [fit_hawkes(runs, family, until=1000.0) for family in (ExponentialKernel, PowerLawKernel)]
    assert fits[1].aic < fits[0].aic - 100
    assert fits[1].log_likelihood > log_likelihood(HawkesProcess(0.0, 0.8, PowerLawKernel(10.0, 0.8)), runs, 1000.0)


def test_one_by_one() -> None:
    runs = planted(KERNELS[0], runs=40)
    fits = fit_hawkes_each(runs, ExponentialKernel, until=1000.0, least_events=5)
    assert [fit is None for fit in fits] == (runs.size - 1 < 5).tolist()
    first = int(np.flatnonzero(runs.size > 5)[0])
    times = runs.time[runs.offsets[first] : runs.offsets[first + 1]]
    alone, same = fit_hawkes(times, ExponentialKernel, until=1000.0, root=True), fits[first]
    assert same is not None and same.process == alone.process and same.sequences == 1
    with pytest.raises(SchemaError, match="got least_events=0"):
        fit_hawkes_each(runs, ExponentialKernel, until=1000.0, least_events=0)


def test_threads_do_not_change_a_bit() -> None:
    runs = planted(KERNELS[1], runs=100)
    one, three = (fit_hawkes(runs, PowerLawKernel, until=1000.0, threads=threads) for threads in (1, 3))
    assert one.process == three.process and one.standard_error == three.standard_error


def test_a_parameter_at_its_bound_says_so() -> None:
    # two bursts that nothing triggers can only be answers, and answers that come at once
    fit = fit_hawkes([0.0, 5.0, 10.0, 15.0, 20.0, 25.0], ExponentialKernel, until=30.0)
    assert "branching" in fit.at_bound and math.isnan(fit.standard_error["branching"])
    assert fit.process.background == pytest.approx(6 / 30, rel=1e-3)
    assert all(math.isnan(x) for x in fit.interval("branching"))


def test_what_it_knows() -> None:
    times = [1.0, 2.0, 4.0]
    blind, dated = (fit_hawkes(times, ExponentialKernel(1.0), 9.0, known_until=k) for k in (None, 100))
    assert not dated.check_known(100) and not dated.check_known(None) and dated.check_known(99, allow_future_model=True)
    with pytest.raises(
        LeakageError, match=r"knows what came before 1970-01-01 00:01:40Z, but is used as of 1970-01-01 0"
    ):
        dated.check_known(99)
    with pytest.raises(LeakageError, match="knows everything"):
        blind.check_known(10**9)


def test_repr_shows_what_was_fitted_and_what_was_held() -> None:
    fit = fit_hawkes([0.0, 1.0, 3.0], ExponentialKernel(1.0), until=10.0, root=True, known_until=60)
    shown = repr(fit)
    assert shown.startswith("HawkesFit (ExponentialKernel) of 2 events: background 0 (held), branching 0.6669 ± 0.47")
    assert "rate 1 (held)" in shown and "known until 1970-01-01 00:01:00Z" in shown


def test_bad_input() -> None:
    with pytest.raises(SchemaError, match="no event to explain"):
        fit_hawkes([], ExponentialKernel, until=9.0)
    with pytest.raises(SchemaError, match="no event to explain"):
        fit_hawkes([[0.0], [1.0]], ExponentialKernel, until=9.0, root=True)
    with pytest.raises(SchemaError, match="got kernel 'exponential', expected a family, such as ExponentialKernel"):
        fit_hawkes([1.0], "exponential", until=9.0)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="nothing explains the first event"):
        fit_hawkes([1.0], ExponentialKernel, until=9.0, background=False)
    with pytest.raises(SchemaError, match="until is infinite"):
        fit_hawkes([1.0], ExponentialKernel, until=math.inf)
    with pytest.raises(SchemaError, match="expected less than 2, its until"):
        fit_hawkes([1.0, 3.0], ExponentialKernel, until=2.0)
    fit = fit_hawkes(EventTimes.of([1.0, 2.0], 9.0), ExponentialKernel(1.0))
    with pytest.raises(SchemaError, match=r"no parameter 'brnching', the fit has .* Did you mean 'branching'"):
        fit.interval("brnching")
    with pytest.raises(SchemaError, match="got level=2"):
        fit.interval("branching", level=2)

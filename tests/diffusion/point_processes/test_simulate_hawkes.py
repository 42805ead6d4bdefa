"""Simulation by thinning: branching theory, who triggered whom, streams, guards."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2, kstest, poisson

from graphsocial.diffusion.point_processes.cluster_kernel import further_counts
from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.diffusion.point_processes.expected_events import expected_events
from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel
from graphsocial.diffusion.point_processes.power_law_kernel import PowerLawKernel
from graphsocial.diffusion.point_processes.seismic_kernel import SeismicKernel
from graphsocial.diffusion.point_processes.simulate_hawkes import simulate_hawkes
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet

KERNELS = [ExponentialKernel(0.05), PowerLawKernel(10.0, 0.8), SeismicKernel(30.0, 0.5)]
each_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: type(kernel).__name__)
SIGMAS = 4.5


def same(a: CascadeSet, b: CascadeSet) -> bool:
    names = ("node", "parent", "time", "offsets", "censored")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


@each_kernel
def test_sizes_of_trees_follow_the_borel_distribution(kernel: MemoryKernel) -> None:
    n, runs = 0.6, 20_000
    sizes = simulate_hawkes(HawkesProcess(0.0, n, kernel), math.inf, runs, rng=1, root=True).size
    k = np.arange(1, 13)
    share = np.array([math.exp(-n * i + (i - 1) * math.log(n * i) - math.lgamma(i + 1)) for i in k])
    assert share[:2] == pytest.approx([math.exp(-0.6), 0.6 * math.exp(-1.2)])  # by hand
    expected = runs * np.append(share, 1 - share.sum())
    found = np.append([(sizes == i).sum() for i in k], (sizes > 12).sum())
    assert chi2.sf(((found - expected) ** 2 / expected).sum(), len(k)) > 1e-6


@each_kernel
@pytest.mark.parametrize("branching", [0.7, 1.2])
def test_mean_events_are_those_expected(kernel: MemoryKernel, branching: float) -> None:
    process = HawkesProcess(0.02, branching, kernel)
    sizes = simulate_hawkes(process, 80.0, 20_000, rng=4, root=True).size
    error = sizes.std() / math.sqrt(len(sizes))
    assert abs(sizes.mean() - expected_events(process, 80.0, root=True)) < SIGMAS * error


def test_mean_events_in_closed_form() -> None:
    mu, n, rate, until = 0.1, 0.6, 0.2, 60.0
    fade = rate * (1 - n)
    by_hand = mu * until / (1 - n) - mu * n / (1 - n) / fade * (1 - math.exp(-fade * until))
    process = HawkesProcess(mu, n, ExponentialKernel(rate))
    assert expected_events(process, until) == pytest.approx(by_hand)
    sizes = simulate_hawkes(process, until, 20_000, rng=2).size
    assert abs(sizes.mean() - by_hand) < SIGMAS * sizes.std() / math.sqrt(len(sizes))


def test_without_branching_it_is_a_poisson_process() -> None:
    runs = simulate_hawkes(HawkesProcess(0.5, 0.0, ExponentialKernel(1.0)), 6.0, 10_000, rng=9)
    assert (runs.parent == -1).all() and runs.censored.all()
    assert kstest(runs.time, "uniform", args=(0, 6)).pvalue > 1e-5
    k = np.arange(9)
    expected = len(runs) * np.append(poisson.pmf(k, 3.0), poisson.sf(8, 3.0))
    found = np.append([(runs.size == i).sum() for i in k], (runs.size > 8).sum())
    assert chi2.sf(((found - expected) ** 2 / expected).sum(), 9) > 1e-6


@each_kernel
def test_answers_come_after_the_kernels_delays(kernel: MemoryKernel) -> None:
    runs = simulate_hawkes(HawkesProcess(0.0, 0.8, kernel), math.inf, 3_000, rng=5, root=True)
    child = np.flatnonzero(runs.parent >= 0)
    assert not runs.censored.any() and len(child) == len(runs.node) - len(runs)
    assert kstest(kernel.mass(runs.time[child] - runs.time[runs.parent[child]]), "uniform").pvalue > 1e-5
    answers = np.bincount(runs.parent[child], minlength=len(runs.node))
    # given the size of a tree, answers are no longer free; over all events they are Poisson
    for k in range(4):
        share = poisson.pmf(k, 0.8)
        assert abs((answers == k).mean() - share) < SIGMAS * math.sqrt(share * (1 - share) / len(answers)) * 1.5


def test_parents_are_drawn_with_the_shares_of_the_intensity() -> None:
    # the second event after the root: its parent is the root or the first event, in proportion to their densities
    kernel = PowerLawKernel(10.0, 0.8)
    process = HawkesProcess(0.01, 0.9, kernel)
    runs = simulate_hawkes(process, 50.0, 60_000, rng=8, root=True)
    first = runs.offsets[:-1][runs.size >= 3]
    t1, t2 = runs.time[first + 1], runs.time[first + 2]
    weight = np.stack([np.full(len(first), 0.01), 0.9 * kernel.density(t2), 0.9 * kernel.density(t2 - t1)])
    share = weight / weight.sum(0)
    above = runs.parent[first + 2]
    for found, p in ((above == -1, share[0]), (above == first, share[1]), (above == first + 1, share[2])):
        assert abs((found - p).sum()) < SIGMAS * math.sqrt((p * (1 - p)).sum())


@each_kernel
def test_thinning_and_trees_agree(kernel: MemoryKernel) -> None:
    sizes = simulate_hawkes(HawkesProcess(0.01, 0.9, kernel), 60.0, 20_000, rng=11, root=True).size - 1
    counts = np.empty((1, 20_000), dtype=np.int64)
    one = np.ones(1)
    offsets = EventTimes.of([0.0], until=1.0).offsets  # read-only, as the compiled loop is used to
    seen = (np.zeros(1), offsets, one, 0.9 * one, 0.9 * one, 0.01, 60.0)
    further_counts(0, 1, np.uint64(7), 20_000, *kernel.compiled, *seen, 100_000, counts)
    most = int(max(sizes.max(), counts.max()))
    a, b = (np.bincount(x, minlength=most + 1).cumsum() / len(x) for x in (sizes, counts[0]))
    assert np.abs(a - b).max() < 2.6 * math.sqrt(2 / 20_000)  # two-sample Kolmogorov-Smirnov at about 1e-6


@each_kernel
def test_runs_are_cut_short_as_often_as_something_would_follow(kernel: MemoryKernel) -> None:
    runs = simulate_hawkes(HawkesProcess(0.0, 0.5, kernel), 20.0, 20_000, rng=3, root=True)
    alone = runs.size == 1  # nothing has come: something will with chance 1 - exp(-what is left of the mass)
    p = -math.expm1(-0.5 * (1 - float(kernel.mass(20.0))))
    assert abs(runs.censored[alone].mean() - p) < SIGMAS * math.sqrt(p * (1 - p) / alone.sum())


@each_kernel
def test_runs_depend_on_neither_threads_nor_number_nor_end(kernel: MemoryKernel) -> None:
    process = HawkesProcess(0.05, 0.8, kernel)
    one = simulate_hawkes(process, 100.0, 300, rng=7, root=True, threads=1)
    assert same(one, simulate_hawkes(process, 100.0, 300, rng=7, root=True, threads=3))
    few = simulate_hawkes(process, 100.0, 40, rng=7, root=True, threads=1)
    members = few.offsets[-1]
    assert np.array_equal(one.time[:members], few.time) and np.array_equal(one.parent[:members], few.parent)
    short = simulate_hawkes(process, 30.0, 300, rng=7, root=True)
    early = one.time < 30.0
    assert np.array_equal(one.time[early], short.time) and np.array_equal(one.node[early], short.node)
    assert not np.array_equal(one.time[:50], simulate_hawkes(process, 100.0, 300, rng=8, root=True).time[:50])


def test_members_are_numbered_and_in_order_of_time() -> None:
    runs = simulate_hawkes(HawkesProcess(0.1, 0.8, ExponentialKernel(0.3)), 100.0, 5, rng=1)
    assert runs.time.dtype == np.float64 and runs.names.tolist() == [0, 1, 2, 3, 4]
    for low, high in zip(runs.offsets[:-1], runs.offsets[1:], strict=True):
        assert runs.node[low:high].tolist() == list(range(high - low))
        assert (np.diff(runs.time[low:high]) > 0).all() and (runs.time[low:high] < 100).all()
    assert runs.generation.max() > 0


def test_global_generator_is_left_alone() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    simulate_hawkes(HawkesProcess(0.1, 0.5, ExponentialKernel(1.0)), 5.0, 10, rng=np.random.default_rng(0))
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_no_run_has_events_before_one_can_come() -> None:
    runs = simulate_hawkes(HawkesProcess(1e-9, 0.5, ExponentialKernel(1.0)), 1.0, 20, rng=0)
    assert runs.size.tolist() == [0] * 20 and runs.censored.all() and len(runs) == 20


@pytest.mark.parametrize("threads", [1, 3])
def test_a_process_without_end_is_stopped(threads: int) -> None:
    process = HawkesProcess(0.5, 1.5, ExponentialKernel(1.0))
    with pytest.raises(
        SchemaError, match=r"run 0 has more than 500 events before until=1000; .*1.5, which is supercrit"
    ):
        simulate_hawkes(process, 1000.0, 50, rng=0, most_events=500, threads=threads)
    with pytest.raises(SchemaError, match=r"until=inf, but a process with background 0.5 and branching ratio 1.5"):
        simulate_hawkes(process, math.inf, 5, rng=0)


def test_bad_input() -> None:
    kernel = ExponentialKernel(1.0)
    good = HawkesProcess(0.1, 0.5, kernel)
    for name, values in (("background", (-0.1, 0.5)), ("branching", (0.1, -1.0)), ("branching", (0.1, math.nan))):
        with pytest.raises(SchemaError, match=f"{name} got .*expected a finite number, at least 0"):
            HawkesProcess(*values, kernel)
    with pytest.raises(SchemaError, match=r"kernel got ExponentialKernel, expected a memory kernel, such as Exp"):
        HawkesProcess(0.1, 0.5, ExponentialKernel)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="nothing would ever happen"):
        simulate_hawkes(HawkesProcess(0.0, 0.5, kernel), 10.0, rng=0)
    for until in (0.0, -1.0, math.nan, "9"):
        with pytest.raises(SchemaError, match="got until="):
            simulate_hawkes(good, until, rng=0)  # type: ignore[arg-type]
    for runs in (0, 1.5, True):
        with pytest.raises(SchemaError, match="got runs="):
            simulate_hawkes(good, 1.0, runs, rng=0)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="got rng=-1"):
        simulate_hawkes(good, 1.0, rng=-1)
    with pytest.raises(SchemaError, match="got ExponentialKernel, expected a HawkesProcess"):
        simulate_hawkes(kernel, 1.0, rng=0)  # type: ignore[arg-type]

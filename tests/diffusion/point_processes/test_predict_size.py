"""Forecasts of size: by hand, closed against integrated, intervals that hold, honesty."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from graphsocial.diffusion.point_processes.cluster_growth import ClusterGrowth
from graphsocial.diffusion.point_processes.cluster_kernel import further_counts
from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.diffusion.point_processes.expected_events import expected_events, expected_further
from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
from graphsocial.diffusion.point_processes.fit_hawkes import fit_hawkes
from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.diffusion.point_processes.infectiousness import infectiousness
from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel
from graphsocial.diffusion.point_processes.power_law_kernel import PowerLawKernel
from graphsocial.diffusion.point_processes.predict_size import predict_size
from graphsocial.diffusion.point_processes.seismic import Seismic
from graphsocial.diffusion.point_processes.seismic_kernel import SeismicKernel
from graphsocial.diffusion.point_processes.simulate_hawkes import simulate_hawkes
from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph.cascades import CascadeSet

KERNELS = [ExponentialKernel(0.05), PowerLawKernel(10.0, 0.8), SeismicKernel(30.0, 0.5)]
each_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: type(kernel).__name__)


def test_final_size_by_hand() -> None:
    # events 10 and 4 s ago: what is left of their answers is exp(-1) and exp(-.4); each begins a tree of 1 / (1 - .5)
    process = HawkesProcess(0.0, 0.5, ExponentialKernel(0.1))
    found = predict_size(process, [0.0, 6.0], until=10.0, root=True, rng=1)
    by_hand = 0.5 * (math.exp(-1) + math.exp(-0.4)) / 0.5
    assert found.expected.tolist() == pytest.approx([by_hand])
    assert found.observed.tolist() == [2] and not found.supercritical.any()


@pytest.mark.parametrize("branching", [0.5, 1.0, 1.5])
def test_the_exponential_horizon_by_hand(branching: float) -> None:
    rate, horizon = 0.1, 30.0
    process = HawkesProcess(0.0, branching, ExponentialKernel(rate))
    found = predict_size(process, [0.0, 6.0], until=10.0, horizon=horizon, root=True, rng=1)
    now = branching * rate * (math.exp(-1) + math.exp(-0.4))
    by_hand = quad(lambda t: now * math.exp(rate * (branching - 1) * t), 0, horizon)[0]
    assert found.expected.tolist() == pytest.approx([by_hand])
    assert found.supercritical.tolist() == [branching >= 1]


@pytest.mark.parametrize("branching", [0.0, 0.6, 1.0, 1.4])
@pytest.mark.parametrize("background", [0.0, 0.3])
def test_integration_agrees_with_the_closed_form(branching: float, background: float) -> None:
    kernel = ExponentialKernel(0.05)
    growth = ClusterGrowth.until(kernel, 100.0)
    by_hand = [expected_events(HawkesProcess(0.0, branching, kernel), float(s), root=True) for s in growth.age]
    assert growth.size(branching) == pytest.approx(by_hand, rel=1e-4)
    n = np.array([branching])
    asked = (np.array([3.0, 40.0]), np.array([0, 2]), np.array([1.0, 2.0]), 0.7 * n + 0.1, n, background, 100.0)
    closed = expected_further(kernel, *asked)
    arrivals = np.convolve(np.diff(growth.age), [0.5, 0.5]) * background
    weights = (0.7 * branching + 0.1) * (np.array([1.0, 2.0]) @ growth.answers(np.array([3.0, 40.0])))
    assert (weights + arrivals) @ growth.size(branching) == pytest.approx(closed[0], rel=1e-4)


@each_kernel
def test_a_first_generation_is_the_mass_that_is_left(kernel: MemoryKernel) -> None:
    # branching 0 after now: only direct answers to what has happened
    asked = (np.array([5.0, 50.0]), np.array([0, 2]), np.array([1.0, 3.0]), np.array([0.4]), np.zeros(1), 0.0)
    for horizon in (20.0, math.inf):
        left = kernel.mass(np.array([5.0, 50.0]) + horizon) - kernel.mass(np.array([5.0, 50.0]))
        assert expected_further(kernel, *asked, horizon) == pytest.approx([0.4 * (left @ [1.0, 3.0])], rel=1e-6)


@each_kernel
def test_expectation_and_interval_hold_for_simulated_futures(kernel: MemoryKernel) -> None:
    process, now, horizon = HawkesProcess(0.0, 0.9, kernel), 60.0, 200.0
    runs = simulate_hawkes(process, now + horizon, 600, rng=2, root=True)
    events = EventTimes.of(runs, now + horizon)
    seen = events.cut(now)
    further = events.size - seen.size
    found = predict_size(process, seen, horizon=horizon, rng=3, runs=400, level=0.9)
    gap = further - found.expected
    assert abs(gap.mean()) < 4.5 * gap.std() / math.sqrt(len(gap))
    inside = (further >= found.low) & (further <= found.high)
    assert inside.mean() > 0.9 - 4.5 * math.sqrt(0.09 / len(gap))
    # of whole numbers more than the level may lie inside, but not beyond both ends
    assert ((further < found.low).mean() < 0.05 + 4.5 * 0.009) and ((further > found.high).mean() < 0.05 + 4.5 * 0.009)
    assert ((found.low <= found.median) & (found.median <= found.high)).all()


def test_what_has_no_bound_is_infinite() -> None:
    process = HawkesProcess(0.0, 1.5, ExponentialKernel(0.1))
    found = predict_size(process, [[0.0, 1.0, 2.0]], until=3.0, root=True, rng=0, runs=50, most_events=1000)
    assert found.expected.tolist() == [math.inf] == found.high.tolist() and found.supercritical.all()
    ever = predict_size(HawkesProcess(0.1, 0.5, ExponentialKernel(0.1)), [1.0], until=3.0, rng=0)
    assert ever.expected.tolist() == ever.low.tolist() == [math.inf]
    nothing = predict_size(HawkesProcess(0.1, 0.5, ExponentialKernel(0.1)), [1.0], until=3.0, horizon=0, rng=0)
    assert nothing.expected.tolist() == [0.0] == nothing.high.tolist()


def test_infectiousness_by_hand() -> None:
    # window 600 s, one answer at 450 s: it weighs (2 450 - 600) / 600 = 1/2; the root is seen by 10, the answer by 4
    kernel = SeismicKernel()
    root = quad(lambda u: (2 * u - 600) / 600 * float(kernel.density(u)), 300, 600)[0]
    answer = kernel.height * (150**2 + 300 * 150) / 600  # triangle times plateau over its last 150 s
    events = EventTimes.of([[0.0, 450.0]], 600.0, root=True)
    assert infectiousness(kernel, events) == pytest.approx([0.5 / (root + answer)], rel=1e-6)
    degrees = np.array([10.0, 4.0])
    assert infectiousness(kernel, events, degrees) == pytest.approx([0.5 / (10 * root + 4 * answer)], rel=1e-6)
    quiet = EventTimes.of([[0.0, 100.0]], 600.0, root=True)
    assert infectiousness(kernel, quiet).tolist() == [0.0]


def test_seismic_by_hand() -> None:
    kernel, degrees = SeismicKernel(), np.array([10.0, 4.0])
    p = float(infectiousness(kernel, EventTimes.of([[0.0, 450.0]], 600.0, root=True), degrees)[0])
    left = 10 * (1 - float(kernel.mass(600.0))) + 4 * (1 - float(kernel.mass(150.0)))
    model = Seismic(mean_degree=3.0, alpha=0.5, gamma=0.2)
    found = predict_size(model, [0.0, 450.0], until=600.0, degree=degrees, rng=0)
    assert found.expected.tolist() == pytest.approx([0.5 * p * left / (1 - 0.2 * p * 3)])
    assert found.infectiousness.tolist() == pytest.approx([p]) and found.branching.tolist() == pytest.approx([0.6 * p])
    dead = predict_size(Seismic(), [[0.0, 100.0]], until=600.0, rng=0)
    assert dead.expected.tolist() == [0.0] == dead.high.tolist()


def test_degrees_follow_their_events() -> None:
    cascade = CascadeSet(["r", "b", "a"], [-1, 0, 0], [0, 500, 450], [0, 3], ["r"], [True])
    given = predict_size(Seismic(), cascade, until=600, degree=np.array([10, 7, 4]), rng=0)
    ordered = predict_size(Seismic(), [0.0, 450.0, 500.0], until=600.0, degree=np.array([10, 4, 7]), rng=0)
    assert given.expected.tolist() == ordered.expected.tolist()


def test_seismic_recovers_a_branching_ratio_of_today() -> None:
    process = HawkesProcess(0.0, 2.5, SeismicKernel())
    events = EventTimes.of(simulate_hawkes(process, 3600.0, 800, rng=5, root=True), 3600.0)
    large = events.size > 100
    assert large.sum() > 20
    assert infectiousness(SeismicKernel(), events)[large].mean() == pytest.approx(2.5, rel=0.1)


def test_threads_and_further_runs_change_nothing() -> None:
    process = HawkesProcess(0.0, 0.9, PowerLawKernel(10.0, 0.8))
    seen = EventTimes.of(simulate_hawkes(process, 60.0, 50, rng=2, root=True), 60.0)
    one, three = (predict_size(process, seen, horizon=50.0, rng=3, runs=99, threads=t) for t in (1, 3))
    for name in ("expected", "low", "median", "high"):
        assert np.array_equal(getattr(one, name), getattr(three, name))


def test_honesty() -> None:
    times = [[0.0, 2.0, 3.0], [0.0, 1.0]]
    fit = fit_hawkes(times, ExponentialKernel(1.0), 9.0, root=True, known_until=1000)
    asked = {"until": 4.0, "root": True, "rng": 0, "runs": 10}
    assert not predict_size(fit, times, as_of=1000, **asked).future_model  # type: ignore[arg-type]
    with pytest.raises(LeakageError, match="the fitted Hawkes process knows what came before"):
        predict_size(fit, times, as_of=999, **asked)  # type: ignore[arg-type]
    allowed = predict_size(fit, times, as_of=999, allow_future_model=True, **asked)  # type: ignore[arg-type]
    assert allowed.future_model and "knew later events" in repr(allowed)
    cascade = CascadeSet(["r", "a"], [-1, 0], [100, 150], [0, 2], ["r"], [True])
    assert len(predict_size(Seismic(), cascade, until=200, as_of=200, rng=0)) == 1
    with pytest.raises(LeakageError, match=r"cascades observed until 1970-01-01 00:03:20Z would be used as of"):
        predict_size(Seismic(), cascade, until=200, as_of=199, rng=0)


def test_bad_input() -> None:
    process = HawkesProcess(0.0, 0.5, ExponentialKernel(1.0))
    with pytest.raises(SchemaError, match="got ExponentialKernel, expected a HawkesProcess, a HawkesFit or Seismic"):
        predict_size(ExponentialKernel(1.0), [0.0], until=1.0, rng=0)  # type: ignore[arg-type]
    for name, value in (("horizon", -1.0), ("horizon", math.nan), ("level", 1.0), ("runs", 0), ("most_events", 0)):
        with pytest.raises(SchemaError, match=f"got {name}="):
            predict_size(process, [0.0], until=1.0, rng=0, **{name: value})  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="which only Seismic reads"):
        predict_size(process, [0.0], until=1.0, degree=np.ones(1), rng=0)
    with pytest.raises(SchemaError, match=r"degree got -1.0, expected numbers of at least 0"):
        predict_size(Seismic(), [0.0, 0.5], until=1.0, degree=np.array([-1.0, 1.0]), rng=0)
    with pytest.raises(SchemaError, match="expected one number per event handed in"):
        predict_size(Seismic(), [0.0, 0.5], until=1.0, degree=np.ones(1), rng=0)
    with pytest.raises(SchemaError, match="until is infinite"):
        predict_size(process, [0.0], until=math.inf, root=True, rng=0)
    with pytest.raises(SchemaError, match="without roots"):
        predict_size(Seismic(), [1.0], until=2.0, root=False, rng=0)
    with pytest.raises(SchemaError, match="SEISMIC: mean_degree got 0"):
        Seismic(mean_degree=0)
    with pytest.raises(SchemaError, match="SEISMIC: gamma got -1"):
        Seismic(gamma=-1)
    with pytest.raises(SchemaError, match="got until=-1, expected seconds, at least 0"):
        expected_events(process, -1)


@each_kernel
@pytest.mark.parametrize("horizon", [60.0, math.inf])
def test_simulated_futures_of_old_events_have_the_expected_mean(kernel: MemoryKernel, horizon: float) -> None:
    runs = 40_000
    offsets = EventTimes.of([0.0, 1.0, 2.0], until=3.0).offsets  # read-only, as the compiled loop is used to
    age, weight, background = np.array([40.0, 3.0, 0.0]), np.array([2.0, 1.0, 0.5]), 0.02 if horizon < 99 else 0.0
    asked = (age, offsets, weight, np.array([1.5]), np.array([0.9]), background, horizon)
    counts = np.empty((1, runs), dtype=np.int64)
    further_counts(0, 1, np.uint64(3), runs, *kernel.compiled, *asked, 100_000, counts)
    gap = counts.mean() - expected_further(kernel, *asked)[0]
    assert abs(gap) < 4.5 * counts.std() / math.sqrt(runs)

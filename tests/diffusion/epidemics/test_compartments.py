from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.diffusion import SpreadGraph, simulate
from graphsocial.diffusion.epidemics.compartments import SEIR, SI, SIR, SIS
from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.errors import SchemaError, UnknownNodeError

PAIR = SpreadGraph.from_edges([0, 1], [1, 0])
CHAIN = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3])
BOTH_CLOCKS = pytest.mark.parametrize("clock", ["discrete", "continuous"])


def random_graph(rng: int, nodes: int = 60, edges: int = 240) -> SpreadGraph:
    draw = np.random.default_rng(rng)
    return SpreadGraph.from_edges(draw.integers(nodes, size=edges), draw.integers(nodes, size=edges), nodes)


def four_models(spread: SpreadGraph, clock: str) -> list:
    per_edge = np.random.default_rng(5).uniform(0, 0.6, spread.num_edges)
    return [
        SI(spread, 0.3, clock=clock),
        SIS(spread, per_edge, 0.3, clock=clock),
        SIR(spread, 0.2, 0.3, clock=clock),
        SIR(spread, per_edge, 0.3, clock=clock),
        SEIR(spread, 0.25, 0.4, 0.3, clock=clock),
    ]


# ---- what must hold in every run


@BOTH_CLOCKS
@pytest.mark.parametrize("which", range(5))
@settings(max_examples=15, deadline=None)
@given(rng=st.integers(0, 10_000), horizon=st.sampled_from([0, 1, 4, 9.5]))
def test_members_are_infected_along_an_edge_by_somebody_infectious(clock, which, rng, horizon):
    spread = random_graph(rng)
    model = four_models(spread, clock)[which]
    runs = simulate(model, [3, 1, 4], 30, rng=rng, horizon=horizon)
    edges = set(zip(spread.source.tolist(), spread.target.tolist(), strict=True))
    time, parent = runs.time.astype(float), runs.parent
    infectious = runs.marks.get("infectious", time)
    recovered = runs.marks.get("recovered", np.full(len(time), np.inf))
    child = np.flatnonzero(parent >= 0)
    source = parent[child]
    assert all((a, b) in edges for a, b in zip(runs.node[source], runs.node[child], strict=True))
    assert (infectious[source] <= time[child]).all() and (time[child] <= recovered[source]).all()
    if clock == "discrete":
        assert (infectious[source] < time[child]).all()
    assert (time <= horizon).all() and (infectious >= time).all() and (recovered >= infectious).all()
    assert (recovered[np.isfinite(recovered)] <= horizon).all()
    still = np.add.reduceat(np.isinf(recovered), runs.offsets[:-1]) > 0
    if model.marks:
        assert (runs.censored == still).all()
    for i in range(len(runs)):
        mine = slice(*runs.offsets[i : i + 2])
        assert runs.node[mine][:3].tolist() == [3, 1, 4] and (parent[mine] >= 0).sum() == len(time[mine]) - 3
        assert (np.diff(time[mine]) >= 0).all()
        last = {}
        for node, t, until in zip(runs.node[mine], time[mine], recovered[mine], strict=True):
            assert last.get(node, -1) < t  # in steps, strictly after it recovered
            last[node] = until if isinstance(model, SIS) else np.inf


@BOTH_CLOCKS
def test_same_on_any_number_of_threads_and_the_first_of_a_longer_simulation(clock):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for model in four_models(random_graph(1), clock):
        one = simulate(model, [0, 7], 400, rng=9, horizon=6, threads=1)
        three = simulate(model, [0, 7], 400, rng=9, horizon=6, threads=3)
        short = simulate(model, [0, 7], 50, rng=9, horizon=6, threads=1)
        for name in ("node", "parent", "time", "offsets", "censored"):
            assert (getattr(one, name) == getattr(three, name)).all(), name
        assert all((one.marks[name] == three.marks[name]).all() for name in model.marks)
        members = short.offsets[-1]
        assert (short.time == one.time[:members]).all() and (short.node == one.node[:members]).all()
        assert not (simulate(model, [0, 7], 400, rng=10, horizon=6).size == one.size).all()
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


@BOTH_CLOCKS
def test_a_run_that_outgrows_its_room_is_begun_again_in_a_larger_one(clock):
    spread = SpreadGraph.from_edges(*np.nonzero(1 - np.eye(6, dtype=int)))
    model = SIS(spread, 0.5, 0.5, clock=clock)
    seeds = np.array([0, 1])
    large = RunBuffer.of_room(100_000, 20, 1, model.continuous)
    runner = model.runner(seeds, 30.0)
    assert runner.fill(5, 0, 20, large) == 20
    assert large.size.max() > 40
    small = RunBuffer.of_room(40, 20, 1, model.continuous)
    run = int(np.argmax(large.size > 40))
    done = runner.fill(5, 0, 20, small)
    assert done <= run and (small.size[:done] == large.size[:done]).all()
    again = RunBuffer.of_room(100_000, 20, 1, model.continuous)
    assert runner.fill(5, done, 20, again) == 20 - done
    assert (again.size[: 20 - done] == large.size[done:]).all()


# ---- who infects whom


def test_the_parent_is_the_first_to_succeed():
    spread = SpreadGraph.from_edges([0, 1], [2, 2])
    runs = 20_000
    rates = simulate(SI(spread, [1.0, 3.0], clock="continuous"), [0, 1], runs, rng=3)
    first = (rates.parent[2::3] - rates.offsets[:-1] == 0).mean()
    assert abs(first - 1 / 4) < 5 * np.sqrt(1 / 4 * 3 / 4 / runs)
    # in steps, of those who succeed together, the one infected first, of the seeds the one named first
    steps = simulate(SI(spread, [0.3, 0.6]), [0, 1], runs, rng=3)
    first = (steps.parent[2::3] - steps.offsets[:-1] == 0).mean()
    expected = 0.3 / (1 - 0.7 * 0.4)
    assert abs(first - expected) < 5 * np.sqrt(expected * (1 - expected) / runs)
    # the seed named first, not the smaller number
    steps = simulate(SI(spread, [0.3, 0.6]), [1, 0], runs, rng=3)
    first = (steps.parent[2::3] - steps.offsets[:-1] == 0).mean()
    expected = 0.6 / (1 - 0.7 * 0.4)
    assert abs(first - expected) < 5 * np.sqrt(expected * (1 - expected) / runs)


def test_of_those_who_succeed_in_one_step_the_one_infected_first_is_the_parent():
    # 0 -> 1 at step 1; 2 is reached at step 2 by 0's second try or by 1's first one
    spread = SpreadGraph.from_edges([0, 0, 1], [1, 2, 2])
    runs = simulate(SIR(spread, [1.0, 0.5, 1.0], 0.0), [0], 20_000, rng=1)
    parent, time = runs.parent[2::3] - runs.offsets[:-1], runs.time[1:].reshape(-1)
    steps = np.array(
        [runs.time[a:b][runs.node[a:b] == 2][0] for a, b in zip(runs.offsets, runs.offsets[1:], strict=False)]
    )
    last = np.array([p for p in parent])
    assert abs((steps == 1).mean() - 0.5) < 5 * 0.5 / np.sqrt(20_000)
    late = steps == 2
    assert late.sum() + (steps == 1).sum() == 20_000 and time.max() == 2
    assert abs((last[late] == 0).mean() - 0.5) < 5 * 0.5 / np.sqrt(late.sum())


# ---- theory


@BOTH_CLOCKS
def test_final_size_of_a_large_outbreak_solves_its_equation(clock):
    nodes, recovery = 1_500, 0.05
    source, target = np.nonzero(1 - np.eye(nodes, dtype=np.int8))
    spread = SpreadGraph.from_edges(source, target, nodes)
    # z = 1 - exp(-R0 z) for R0 = 2, whatever the infectious periods look like
    period = 1 / recovery
    model = SIR(spread, 2 / (nodes * period), recovery, clock=clock)
    runs = simulate(model, [0, 1, 2, 3, 4], 150, rng=2)
    z = 0.8
    for _ in range(100):
        z = 1 - np.exp(-2 * z)
    large = runs.size[runs.size > nodes / 5] / nodes
    assert len(large) > 120
    assert abs(large.mean() - z) < 0.01
    # five seeds die out with probability (1 / R0)**5 where periods are memoryless
    assert abs((len(runs) - len(large)) / len(runs) - 2.0**-5) < 5 * np.sqrt(2.0**-5 / 150)


def test_growth_of_si_in_a_large_complete_graph_is_logistic():
    nodes = 600
    spread = SpreadGraph.from_edges(*np.nonzero(1 - np.eye(nodes, dtype=np.int8)))
    runs = simulate(SI(spread, 1 / nodes, clock="continuous"), list(range(60)), 50, rng=4, horizon=2.0)
    expected = nodes / (1 + 9 * np.exp(-2.0))
    assert abs(runs.size.mean() - expected) < 0.02 * nodes


# ---- nothing and everything


@BOTH_CLOCKS
def test_without_infection_only_the_seeds(clock):
    for spread in (CHAIN, SpreadGraph.from_edges([], [], 3)):
        for model in (
            SI(spread, 0.0, clock=clock),
            SIR(spread, np.zeros(spread.num_edges), 0.5, clock=clock),
            SEIR(spread, 0.0, 0.5, 0.5, clock=clock),
        ):
            runs = simulate(model, [0, 2], 50, rng=1)
            assert (runs.size == 2).all() and not runs.censored.any()
            assert "recovered" not in model.marks or np.isfinite(runs.marks["recovered"]).all()


@BOTH_CLOCKS
def test_without_recovery_everybody_who_can_be_reached_and_no_run_is_cut_short(clock):
    spread = SpreadGraph.from_edges([0, 1, 2, 4], [1, 2, 0, 5])
    mean = []
    for model in (
        SI(spread, 0.2, clock=clock),
        SIR(spread, 0.2, 0.0, clock=clock),
        SEIR(spread, [0.2] * 4, 1.0, 0.0, clock=clock),
    ):
        runs = simulate(model, [0], 2_000, rng=1)
        assert (runs.size == 3).all() and not runs.censored.any()
        assert "recovered" not in model.marks or np.isinf(runs.marks["recovered"]).all()
        mean.append(runs.time[2::3].mean())
    # two edges that wait for 5 each, and whoever is exposed waits for 1 more
    np.testing.assert_allclose(mean, [10, 10, 11], atol=4.5 * np.sqrt(2 * 25 / 2_000))


def test_certain_steps():
    runs = simulate(SI(CHAIN, np.array([1.0, 1.0, 0.0])), [0], 20, rng=1)
    assert runs.time.tolist() == [0, 1, 2] * 20 and not runs.censored.any()
    runs = simulate(SIR(CHAIN, 1.0, 1.0), [0], 20, rng=1)
    assert runs.time.tolist() == [0, 1, 2, 3] * 20 and runs.marks["recovered"].tolist() == [1, 2, 3, 4] * 20
    runs = simulate(SIS(PAIR, 1.0, 0.0), [0], 20, rng=1, horizon=50)
    assert runs.time.tolist() == [0, 1] * 20 and runs.censored.all()
    runs = simulate(SIS(PAIR, np.ones(2), 1.0), [0], 1, rng=1, horizon=4)
    assert runs.node.tolist() == [0, 1, 0, 1, 0] and runs.time.tolist() == [0, 1, 2, 3, 4]


def test_huge_and_tiny_rates():
    fast = simulate(SIR(CHAIN, 1e12, 1.0, clock="continuous"), [0], 200, rng=1)
    assert (fast.size == 4).all() and fast.time.max() < 1e-9
    short = simulate(SIR(CHAIN, 1.0, 1e12, clock="continuous"), [0], 200, rng=1)
    assert (short.size == 1).all()
    slow = simulate(SI(CHAIN, 1e-12, clock="continuous"), [0], 200, rng=1)
    assert (slow.size == 4).all() and 1e11 < slow.time[3::4].mean() < 1e13
    # steps are counted in 31 bits: what would come later is said to have been cut off
    rare = simulate(SI(CHAIN, 1e-12), [0], 50, rng=1)
    assert (rare.size < 4).any() and (rare.censored == (rare.size < 4)).all()


@BOTH_CLOCKS
def test_a_horizon_that_cuts_si_short_is_marked(clock):
    runs = simulate(SI(CHAIN, 0.4, clock=clock), [0], 500, rng=1, horizon=4)
    assert 0 < runs.censored.sum() < 500 and (runs.censored == (runs.size < 4)).all()
    whole = simulate(SI(CHAIN, np.array([0.4, 0.4, 0.0]), clock=clock), [0], 500, rng=1, horizon=200)
    assert not whole.censored.any() and (whole.size == 3).all()
    assert (simulate(SI(CHAIN, 0.4, clock=clock), [0], 5, rng=1, horizon=0).size == 1).all()


@BOTH_CLOCKS
def test_a_shorter_horizon_never_adds_anything_to_the_curve(clock):
    spread = random_graph(2)
    model = SIR(spread, 0.3, 0.2, clock=clock)
    early = simulate(model, [0], 4000, rng=1, horizon=3)
    late = simulate(model, [0], 4000, rng=2, horizon=50)
    late_by_then = np.add.reduceat(late.time <= 3, late.offsets[:-1])
    spread_of_both = np.sqrt((early.size.var() + late_by_then.var()) / 4000)
    assert abs(early.size.mean() - late_by_then.mean()) < 4.5 * spread_of_both


# ---- what a user can get wrong


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SI(PAIR, 1.5), "infection got 1.5, expected a probability per step"),
        (lambda: SI(PAIR, 1.5), "clock='continuous' takes rates"),
        (lambda: SI(PAIR, float("nan")), "infection got nan"),
        (lambda: SI(PAIR, -0.1, clock="continuous"), "infection got -0.1, expected a finite rate"),
        (lambda: SI(PAIR, np.inf, clock="continuous"), "infection got inf, expected a finite rate"),
        (lambda: SI(PAIR, "0.1"), "infection got '0.1'"),
        (lambda: SI(PAIR, True), "infection got True"),
        (lambda: SI(PAIR, np.array(["a", "b"])), "infection got <U1 of shape"),
        (lambda: SIR(PAIR, [0.5], 0.1), r"shape \(1,\), expected \(2,\), one number per edge"),
        (lambda: SIR(PAIR, [0.5, 1.1], 0.1), "infection of edge 1 -> 0 got 1.1"),
        (lambda: SIR(PAIR, [0.5, np.nan], 0.1, clock="continuous"), "infection of edge 1 -> 0 got nan"),
        (lambda: SIR(PAIR, 0.5, -1.0, clock="continuous"), "recovery got -1.0"),
        (lambda: SIR(PAIR, 0.5, np.array([0.5, 0.5])), r"recovery got array"),
        (lambda: SIS(PAIR, 0.5, 2.0), "recovery got 2.0"),
        (lambda: SEIR(PAIR, 0.5, None, 0.2), "incubation got None"),
        (lambda: SI(PAIR, 0.5, clock="continous"), "Did you mean 'continuous'"),
        (lambda: SI([(0, 1)], 0.5), "SI got list to spread over, expected a SpreadGraph"),
        (lambda: simulate(SIS(PAIR, 0.5, 0.5), [0], 5, rng=1), "SIS without a horizon may go on for ever"),
    ],
)
def test_what_is_wrong_is_said(make, message):
    with pytest.raises(SchemaError, match=message):
        make()


def test_an_unknown_seed():
    with pytest.raises(UnknownNodeError, match="no node 9"):
        simulate(SI(PAIR, 0.5), [9], 5, rng=1)


def test_what_was_passed_cannot_change_the_model_later():
    infection = np.array([0.5, 0.5])
    model = SI(PAIR, infection)
    infection[0] = 7
    assert model.infection.tolist() == [0.5, 0.5]
    with pytest.raises(ValueError, match="read-only"):
        model.infection[0] = 7

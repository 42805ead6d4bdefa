"""Cascades with delays: exact laws of who is active by when, a plain simulation beside, and what is refused."""

from __future__ import annotations

import re
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma, kstest

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph, simulate, spread_summary
from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.diffusion.delayed_cascade import DelayedCascade
from graphsocial.diffusion.virality_law import ViralityLaw
from graphsocial.errors import LeakageError, SchemaError, UnknownNodeError
from graphsocial.graph.cascades import CascadeSet
from tests.diffusion.enumeration import (
    SIGMA,
    Distribution,
    assert_agrees,
    assert_rate,
    edges_of,
    final_sets,
    histories,
    independent_cascade,
    small_graph,
)

RUNS = 40_000
LAW = DelayLaw([1, 1.25, 1.5, 2, 2])
"""Nothing before 1, all by 2, a quarter exactly then."""
TABLE = ViralityLaw([0, 0.2, 1, 3.5], [0.25, 0.4, 0, 0.35])
"""A quarter of the runs pass nothing on."""


def times(cascades: CascadeSet, nodes: int) -> np.ndarray:
    """When each node became active, infinite for never [run, node]."""
    table = np.full((len(cascades), nodes), np.inf)
    table[np.repeat(np.arange(len(cascades)), cascades.size), cascades.node.astype(np.int64)] = cascades.time
    return table


def chances(seed: int, spread: SpreadGraph) -> Activation:
    return Activation(spread, np.random.default_rng(seed).choice([0.0, 0.05, 0.3, 0.6, 0.9, 1.0], spread.num_edges))


def succeeded(p: np.ndarray | float, share: float, factor: float = 1.0) -> np.ndarray:
    return 1 - (1 - np.float64(np.float32(p))) ** (factor * share)


def mixture(
    law: float | ViralityLaw, nodes: int, spread: SpreadGraph, p: np.ndarray, share: float, *asked: object
) -> Distribution:
    """Histories of an independent cascade, over the factors of runs."""
    if isinstance(law, ViralityLaw):
        factors, weights = law.factor, law.weight
    else:
        factors = np.ones(1) if law == np.inf else gamma(law).ppf((np.arange(400) + 0.5) / 400) / law
        weights = np.full(len(factors), 1 / len(factors))
    found: Distribution = defaultdict(float)
    for factor, weight in zip(factors, weights, strict=True):
        edges = edges_of(spread, succeeded(p, share, factor))
        for history, chance in independent_cascade(nodes, edges, *asked).items():  # type: ignore[arg-type]
            found[history] += chance * weight
    return dict(found)


# ---- exact on small graphs


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("delay", [1.0, 2.5])
@pytest.mark.parametrize("horizon", [None, 0, 1, 2])
def test_with_one_delay_it_is_the_independent_cascade(horizon: int | None, delay: float, coupled: bool) -> None:
    spread, seeds = small_graph(1, 5, 11), [3, 0]
    model = DelayedCascade(chances(1, spread), DelayLaw.constant(delay), coupled=coupled)
    until = None if horizon is None else horizon * delay + 0.4
    runs = simulate(model, seeds, RUNS, rng=1, horizon=until)
    steps = times(runs, 5) / delay
    steps[np.isinf(steps)] = -1
    exact = independent_cascade(5, edges_of(spread, model.activation.probability), seeds, horizon)
    assert_agrees(steps.astype(int), exact)
    assert (runs.time == runs.generation * delay).all()
    plain = simulate(IndependentCascade(model.activation), seeds, RUNS, rng=2, horizon=horizon).size
    assert abs(runs.size.mean() - plain.mean()) <= SIGMA * np.sqrt((runs.size.var() + plain.var()) / RUNS)


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("virality", [np.inf, 2.0, 0.4, TABLE])
@pytest.mark.parametrize("law", [LAW, DelayLaw.exponential(3.0)])
def test_whom_it_reaches_in_the_end_does_not_depend_on_delays(
    law: DelayLaw, virality: float | ViralityLaw, coupled: bool
) -> None:
    spread = small_graph(4, 5, 7)
    p = np.array([0.05, 0.3, 0.6, 0.9, 0.3, 1.0, 0.0])
    model = DelayedCascade(Activation(spread, p), law, virality, coupled=coupled)
    runs = simulate(model, [0, 2], RUNS, rng=4)
    assert_agrees(histories(runs, 5) >= 0, final_sets(mixture(virality, 5, spread, p, 1.0, [0, 2])))
    assert not runs.censored.any()


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("virality", [np.inf, 1.5])
@pytest.mark.parametrize("horizon", [0.9, 1.1, 1.8, 1.9999, 2.0])
def test_before_anybody_reached_can_pass_it_on(horizon: float, virality: float, coupled: bool) -> None:
    """No chain is as short as twice the shortest delay: who is reached by then follows from 1 - exp(-M h F)."""
    spread = small_graph(2, 5, 9)
    p = np.random.default_rng(2).choice([0.0, 0.05, 0.3, 0.6, 0.9], 9)
    model = DelayedCascade(Activation(spread, p), DelayLaw([1.0001, 1.25, 1.5, 2, 2]), virality, coupled=coupled)
    runs = simulate(model, [1, 4], RUNS, rng=5, horizon=horizon)
    share = float(model.delays.share_by(horizon))
    exact = mixture(virality, 5, spread, p, share, [1, 4], 1)
    assert_agrees(times(runs, 5) < np.inf, final_sets(exact))
    assert runs.time.max() <= horizon


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("virality", [np.inf, 3.0, 0.5, TABLE])
@pytest.mark.parametrize("age", [0.0, 0.7, 1.0, 1.4, 5.0])
def test_two_nodes_have_the_analytic_law(age: float, virality: float | ViralityLaw, coupled: bool) -> None:
    """P(not active by T, given not by the age) = E exp(-M h (F(T + age) - F(age))), gamma (1 + h (...) / k)**-k."""
    p, law = np.float32(0.7), DelayLaw([1, 1.25, 1.5, 2, 2, 4])
    hazard = -np.log1p(-np.float64(p))
    model = DelayedCascade(
        Activation(SpreadGraph.from_edges([0], [1]), [p]), law, virality, {0: age} if age else None, coupled
    )
    for horizon in (None, 1.2):
        runs = simulate(model, [0], RUNS, rng=6, horizon=horizon)
        reached = times(runs, 2)
        assert (reached[:, 0] == -age).all() and reached[:, 1].min() >= max(0.0, 1 - age)
        for until in (0.0, 0.3, 0.7, 1.0, 1.1, 1.2, 2.0, 3.5):
            mass = hazard * (law.share_by(min(until, horizon or np.inf) + age) - (law.share_by(age) if age else 0.0))
            if isinstance(virality, ViralityLaw):
                never = float(virality.weight @ np.exp(-virality.factor * mass))
            else:
                never = np.exp(-mass) if virality == np.inf else (1 + mass / virality) ** -virality
            assert_rate((reached[:, 1] <= until + 1e-12).sum(), RUNS, 1 - never)


@pytest.mark.parametrize("coupled", [False, True])
def test_delays_of_rare_successes_have_the_law(coupled: bool) -> None:
    law = DelayLaw.of_delays(np.random.default_rng(1).gamma(2.0, 10.0, 2_000))
    star = SpreadGraph.from_edges(np.zeros(400, dtype=int), np.arange(1, 401))
    model = DelayedCascade(Activation.uniform(star, 0.001), law, coupled=coupled)
    seen = simulate(model, [0], RUNS, rng=7)
    delays = seen.time[seen.parent >= 0]
    assert len(delays) > 14_000 and kstest(delays, law.share_by).pvalue > 6.8e-6
    aged = DelayedCascade(Activation.uniform(star, 0.001), law, ages={0: 15.0}, coupled=coupled)
    seen, before = simulate(aged, [0], RUNS, rng=8), float(law.share_by(15.0))
    rest = seen.time[seen.parent >= 0]
    assert_rate(len(rest), RUNS * 400, succeeded(0.001, 1 - before))
    assert kstest(rest, lambda t: (law.share_by(t + 15.0) - before) / (1 - before)).pvalue > 6.8e-6


# ---- a plain simulation beside: every edge draws its delay, shortest paths say the rest


def plainly(model: DelayedCascade, seeds: list[int], runs: int, seed: int) -> np.ndarray:
    """When each node becomes active in each run, infinite for never [run, node]."""
    rng, spread, law = np.random.default_rng(seed), model.spread, model.delays
    when = np.full((runs, spread.num_nodes), np.inf)
    age = np.zeros(spread.num_nodes)
    for node, years in (model.ages or {}).items():
        age[node] = years
    when[:, seeds] = -age[seeds]
    shape = model.virality
    assert isinstance(shape, float)
    factor = np.ones(runs) if shape == np.inf else rng.gamma(shape, 1 / shape, runs)
    delay = np.full((runs, spread.num_edges), np.inf)
    for edge, p in enumerate(model.activation.probability.astype(float)):
        begin = float(law.share_by(age[spread.source[edge]])) if age[spread.source[edge]] > 0 else 0.0
        with np.errstate(divide="ignore"):
            share = begin + rng.exponential(size=runs) / (-np.log1p(-p) * factor) if p < 1 else np.full(runs, begin)
        hit = share < 1
        delay[hit, edge] = law.delay_at(share[hit])
    for _ in range(spread.num_nodes):
        for edge, (u, v) in enumerate(zip(spread.source, spread.target, strict=True)):
            when[:, v] = np.minimum(when[:, v], when[:, u] + delay[:, edge])
    return when


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("horizon", [None, 5.0])
@pytest.mark.parametrize("case", range(3))
def test_agrees_with_a_plain_simulation(case: int, horizon: float | None, coupled: bool) -> None:
    spread = small_graph(case, 6, 15)
    law = [LAW, DelayLaw.exponential(2.0, 33), DelayLaw([0, 0, 1, 9])][case]
    ages = [None, {2: 0.8}, {0: 0.5, 2: 3.0}][case]
    model = DelayedCascade(chances(case + 10, spread), law, [np.inf, 0.7, 4.0][case], ages, coupled)
    runs = simulate(model, [2, 0], RUNS, rng=9, horizon=horizon)
    ours, plain = times(runs, 6), plainly(model, [2, 0], RUNS, 10)
    for until in (0.0, 0.5, 1.0, 2.0, 3.1, 4.5, 5.0) if horizon else (0.5, 1.5, 3.0, 6.0, 12.0, 1e9):
        early, also = ours <= until, plain <= until + 1e-12
        size, other = early.sum(axis=1), also.sum(axis=1)
        error = np.sqrt((size.var() + other.var()) / RUNS)
        assert abs(size.mean() - other.mean()) <= SIGMA * error
        pairs, others = early.T.astype(float) @ early / RUNS, also.T.astype(float) @ also / RUNS
        error = np.sqrt((pairs * (1 - pairs) + others * (1 - others)) / RUNS)
        assert (np.abs(pairs - others) <= SIGMA * error + 1e-12).all()
        for a, b in ((size, other), (size**2, other**2)):  # the spread of the sizes, too
            assert abs(a.mean() - b.mean()) <= SIGMA * np.sqrt((a.var() + b.var()) / RUNS)
    if horizon:
        share = np.nan_to_num(law.share_by(horizon - np.where(ours < np.inf, ours, 0)))
        open_edges = [(u, v) for u, v, p in edges_of(spread, model.activation.probability) if p > 0]
        cut = [any(row[u] < np.inf and s[u] < 1 and row[v] == np.inf for u, v in open_edges)
               for row, s in zip(ours, share, strict=True)]  # fmt: skip
        assert runs.censored.tolist() == cut and 0 < sum(cut) < RUNS


def test_what_is_left_of_a_skip_goes_on_in_the_next_row() -> None:
    """Sixty rows one after the other: hits per edge, and per row beside the next one, as if each row began afresh."""
    hubs, leaves, law = 60, 45, DelayLaw.exponential(1.0)
    spread = SpreadGraph.from_edges(np.repeat(np.arange(hubs), leaves), hubs + np.arange(hubs * leaves))
    p = np.random.default_rng(0).choice([0.0, 0.003, 0.01, 0.03], spread.num_edges)
    ages = {hub: 0.05 * hub for hub in range(1, hubs)}
    model = DelayedCascade(Activation(spread, p), law, ages=ages)
    hit = times(simulate(model, range(hubs), 8_000, rng=5, horizon=2.0), spread.num_nodes)[:, hubs:] < np.inf
    age = np.repeat([ages.get(hub, 0.0) for hub in range(hubs)], leaves)
    chance = 1 - (1 - p.astype(np.float32).astype(float)) ** (law.share_by(age + 2.0) - law.share_by(age))
    assert_rate(hit.sum(axis=0), 8_000, chance)
    z = (hit.reshape(-1, hubs, leaves).sum(axis=2) - chance.reshape(hubs, leaves).sum(axis=1)) / np.sqrt(
        (chance * (1 - chance)).reshape(hubs, leaves).sum(axis=1)
    )
    assert np.abs((z[:, 1:] * z[:, :-1]).mean(axis=0) * np.sqrt(len(z))).max() < SIGMA
    kurtosis = ((z**2 - 1) ** 2).mean(axis=0)
    assert np.abs(((z**2).mean(axis=0) - 1) / np.sqrt(kurtosis / len(z))).max() < SIGMA


# ---- sure edges and dead ones


@pytest.mark.parametrize("virality", [np.inf, 0.01])
@pytest.mark.parametrize("coupled", [False, True])
def test_sure_edges_take_the_shortest_delay_left(coupled: bool, virality: float) -> None:
    chain = Activation.uniform(SpreadGraph.from_edges([0, 1, 2], [1, 2, 3]), 1.0)
    for age, expected in ((0.0, [0, 1, 2, 3]), (0.75, [-0.75, 0.25, 1.25, 2.25]), (1.25, [-1.25, 0, 1, 2])):
        model = DelayedCascade(chain, LAW, virality, {0: age}, coupled)
        assert np.allclose(times(simulate(model, [0], 30, rng=1), 4), expected)
    model = DelayedCascade(chain, LAW, virality, {0: 2.0}, coupled)
    assert simulate(model, [0], 30, rng=1).size.tolist() == [1] * 30, "its time was over"
    never = DelayedCascade(Activation.uniform(chain.spread, 0.0), LAW, virality, coupled=coupled)
    runs = simulate(never, [0], 30, rng=1, horizon=1.0)
    assert runs.size.tolist() == [1] * 30 and not runs.censored.any()


@pytest.mark.parametrize("coupled", [False, True])
def test_runs_that_the_horizon_cuts_are_marked(coupled: bool) -> None:
    chain = Activation.uniform(SpreadGraph.from_edges([0, 1, 2], [1, 2, 3]), 1.0)
    model = DelayedCascade(chain, DelayLaw.constant(2), coupled=coupled)
    for horizon, cut, size in ((0, True, 1), (1.99, True, 1), (2, True, 2), (5.5, True, 3), (6, False, 4)):
        runs = simulate(model, [0], 5, rng=1, horizon=horizon)
        assert runs.censored.tolist() == [cut] * 5 and runs.size.tolist() == [size] * 5
    rare = DelayedCascade(Activation.uniform(chain.spread, 1e-6), LAW, coupled=coupled)
    for horizon, cut in ((1.99, True), (2.0, False)):
        assert (simulate(rare, [0], 200, rng=2, horizon=horizon).censored == cut).all()
    aged = DelayedCascade(rare.activation, LAW, ages={0: 1.5}, coupled=coupled)
    assert not simulate(aged, [0], 200, rng=2, horizon=0.5).censored.any()
    assert simulate(aged, [0], 200, rng=2, horizon=0.49).censored.all()


# ---- structure


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(0, 300), st.integers(1, 3), st.booleans())
def test_the_earliest_success_is_the_parent(seed: int, nodes: int, edges: int, count: int, coupled: bool) -> None:
    rng = np.random.default_rng(seed)
    spread = SpreadGraph.from_edges(rng.integers(0, nodes, edges), rng.integers(0, nodes, edges), nodes)
    p = rng.choice([0.0, 0.05, 0.3, 1.0], edges)
    seeds = rng.choice(nodes, min(count, nodes), replace=False).tolist()
    model = DelayedCascade(Activation(spread, p), LAW, 2.0, {seeds[0]: 1.2}, coupled)
    runs = simulate(model, seeds, 20, rng=seed, horizon=9.0)
    child = np.flatnonzero(runs.parent >= 0)
    delay = runs.time[child] - runs.time[runs.parent[child]]
    assert (delay > 1 - 1e-9).all() and (delay < 2 + 1e-9).all() and runs.time[child].min(initial=0) >= 0
    source, target = spread.source[p > 0].tolist(), spread.target[p > 0].tolist()
    assert {(runs.node[runs.parent[i]], runs.node[i]) for i in child} <= set(zip(source, target, strict=True))
    for i in range(len(runs)):
        part = slice(runs.offsets[i], runs.offsets[i + 1])
        members, when = runs.node[part], runs.time[part]
        assert len(set(members)) == len(members) and members[: len(seeds)].tolist() == seeds
        assert (np.diff(when[len(seeds) :]) >= 0).all() and when[: len(seeds)].max() <= 0


# ---- what-if


@pytest.mark.parametrize("virality", [np.inf, 0.8, TABLE])
def test_coupled_runs_lose_nobody_when_chances_rise(virality: float | ViralityLaw) -> None:
    spread = small_graph(3, 30, 150)
    p = np.random.default_rng(3).random(150) * 0.3
    asked = {"rng": 3, "horizon": 6.0}

    def run(q: np.ndarray, law: DelayLaw = LAW) -> np.ndarray:
        model = DelayedCascade(Activation(spread, q), law, virality, {7: 0.9}, coupled=True)
        return times(simulate(model, [0, 7], 2_000, **asked), 30)  # type: ignore[arg-type]

    before, after, quicker = run(p), run(np.minimum(1, p * 1.3)), run(p, DelayLaw(LAW.quantile * 0.9))
    assert (after <= before).all() and (after < before).any() and np.isfinite(after).sum() > np.isfinite(before).sum()
    assert (quicker[:, np.arange(30) != 7] <= before[:, np.arange(30) != 7]).all() and (quicker < before).any()
    assert (run(p.copy()) == before).all(), "nothing changed: no difference at all"
    changed = p.copy()
    changed[spread.source == 29] = 1.0  # only runs that reach node 29 may change
    other = run(changed)
    same = (before == other).all(axis=1)
    assert same[np.isinf(before[:, 29])].all() and not same.all()


def test_a_table_s_factor_is_one_of_the_run_alone() -> None:
    """Of coupled runs the factor depends on the run and the table only: neither on the graph nor on the seeds."""
    star = SpreadGraph.from_edges(np.zeros(500, dtype=int), np.arange(1, 501))
    table = ViralityLaw([0, 1, 50], [0.3, 0.3, 0.4])
    here, there = (
        simulate(DelayedCascade(Activation.uniform(star, p), law, table, coupled=True), [0], 4_000, rng=3).size - 1
        for p, law in ((0.1, LAW), (0.3, DelayLaw.constant(2)))
    )
    # means 50 and 150 for factor 1; nearly 500 for factor 50
    kind = np.searchsorted([0, 110, 500], here, side="left"), np.searchsorted([0, 250, 500], there, side="left")
    assert (kind[0] == kind[1]).all()
    assert_rate(np.bincount(kind[0], minlength=3), 4_000, table.weight)
    plain = simulate(DelayedCascade(Activation.uniform(star, 0.1), LAW, table), [0], 4_000, rng=3).size - 1
    assert ((plain == 0) == (here == 0)).all(), "drawn first, from the run's stream, in either way"


@pytest.mark.parametrize("coupled", [False, True])
def test_one_point_of_factor_1_changes_no_success(coupled: bool) -> None:
    spread = small_graph(2, 12, 60)
    model = DelayedCascade(chances(2, spread), LAW, coupled=coupled)
    one = DelayedCascade(model.activation, LAW, ViralityLaw([1.0], [1.0]), coupled=coupled)
    a, b = (times(simulate(m, [0], 3_000, rng=4, horizon=4.0), 12) for m in (model, one))
    if coupled:
        assert (a == b).all()
    rates = (a < np.inf).mean(axis=0), (b < np.inf).mean(axis=0)
    assert np.abs(rates[0] - rates[1]).max() < SIGMA * np.sqrt(0.5 / 3_000)


@pytest.mark.parametrize("coupled", [False, True])
def test_where_the_factor_is_0_nothing_is_passed_on(coupled: bool) -> None:
    chain = Activation(SpreadGraph.from_edges([0, 1, 0], [1, 2, 3]), [1.0, 1.0, 0.5])
    for horizon in (None, 1.0):
        table = ViralityLaw([0, 2], [0.5, 0.5])
        model = DelayedCascade(chain, DelayLaw.constant(1), table, {0: 0.5}, coupled)
        runs = simulate(model, [0], 600, rng=2, horizon=horizon)
        dead = runs.size == 1
        assert_rate(dead.sum(), 600, 0.5)
        assert (runs.size[~dead] >= (3 if horizon is None else 2)).all()
        assert runs.censored.tolist() == (~dead & (horizon is not None)).tolist()


def test_another_virality_is_another_model_of_the_same_hazards() -> None:
    chance = Activation.uniform(SpreadGraph.from_edges([0, 0, 1, 2], [1, 2, 3, 3]), 0.4)
    wide, law = DelayedCascade(chance, DelayLaw([0.0, 3.0])), ViralityLaw(np.array([0.5, 2.0]), np.array([0.5, 0.5]))
    changed, fresh = wide.with_virality(law), DelayedCascade(chance, DelayLaw([0.0, 3.0]), law)
    assert wide.virality == np.inf and changed.summed_hazards[0] is wide.summed_hazards[0]
    runs = [simulate(model, [0], runs=200, rng=3, horizon=4.0) for model in (changed, fresh)]
    assert np.array_equal(runs[0].node, runs[1].node) and np.array_equal(runs[0].time, runs[1].time)
    with pytest.raises(SchemaError, match="virality got -1"):
        wide.with_virality(-1)


def test_coupled_runs_are_the_same_however_long_one_looks() -> None:
    spread = small_graph(5, 20, 90)
    model = DelayedCascade(Activation.uniform(spread, 0.25), LAW, 1.0, coupled=True)
    whole, start = (times(simulate(model, [0], 1_000, rng=4, horizon=h), 20) for h in (None, 3.0))
    assert (np.where(whole <= 3.0, whole, np.inf) == start).all() and (whole != start).any()


def test_the_factor_is_one_of_the_run() -> None:
    """Sizes of a star vary as a Poisson-gamma mixture: variance / mean = 1 + mean / shape, about."""
    star = SpreadGraph.from_edges(np.zeros(2_000, dtype=int), np.arange(1, 2_001))
    for coupled in (False, True):
        model = DelayedCascade(Activation.uniform(star, 0.01), DelayLaw.constant(1), 2.0, coupled=coupled)
        hits = simulate(model, [0], 10_000, rng=5).size - 1.0
        factors = gamma(2.0).ppf((np.arange(4_000) + 0.5) / 4_000) / 2
        q = succeeded(0.01, 1.0, factors)  # type: ignore[arg-type]
        mean, square = 2_000 * q.mean(), (2_000 * q * (1 - q) + (2_000 * q) ** 2).mean()
        assert abs(hits.mean() - mean) < SIGMA * hits.std() / 100 + 0.01
        assert abs((hits**2).mean() - square) < SIGMA * (hits**2).std() / 100 + 1.0
        assert square - mean**2 > 5 * mean


@pytest.mark.parametrize("virality", [1.5, TABLE])
@pytest.mark.parametrize("coupled", [False, True])
def test_threads_and_length_change_nothing(coupled: bool, virality: float | ViralityLaw) -> None:
    spread = small_graph(1, 60, 800)
    p = np.random.default_rng(1).random(800) * 0.12
    model = DelayedCascade(Activation(spread, p), LAW, virality, {0: 0.5}, coupled)
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    one, three, short = (
        simulate(model, [0, 9], n, rng=8, threads=t, horizon=20.0) for n, t in ((700, 1), (700, 3), (150, 2))
    )
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    for name in ("node", "parent", "time"):
        assert (getattr(one, name) == getattr(three, name)).all()
        assert (getattr(one, name)[: short.offsets[-1]] == getattr(short, name)).all()
    assert (one.censored == three.censored).all() and (one.censored[:150] == short.censored).all()
    assert simulate(model, [0, 9], 700, rng=9, horizon=20.0).size.tolist() != one.size.tolist()


def test_growth_counts_seeds_of_any_age_from_the_beginning() -> None:
    chain = Activation.uniform(SpreadGraph.from_edges([0, 1], [1, 2]), 1.0)
    model = DelayedCascade(chain, DelayLaw.constant(2), ages={0: 1.5})
    found = spread_summary(model, [0], 10, rng=1, times=[-2, -1.5, 0, 0.5, 2.4, 2.5])
    assert found.growth.tolist() == [0, 1, 1, 2, 2, 3] and found.growth_deviation.max() == 0


# ---- what is refused


def test_wrong_input_says_what_is_wrong() -> None:
    spread = SpreadGraph.from_edges([0, 1], [1, 2], ids=["ann", "bob", "cy"])
    half, law = Activation.uniform(spread, 0.5), DelayLaw.constant(1)
    for make, message in (
        (lambda: DelayedCascade(0.5, law), "delayed cascade got float, expected an Activation"),  # type: ignore[arg-type]
        (lambda: DelayedCascade(half, 3.0), "got float for its delays, expected a DelayLaw"),  # type: ignore[arg-type]
        (lambda: DelayedCascade(half, law, 0), "virality got 0, expected a number above 0, inf, or a"),
        (lambda: DelayedCascade(half, law, float("nan")), "virality got nan"),
        (lambda: DelayedCascade(half, law, "1"), "virality got '1'"),  # type: ignore[arg-type]
        (lambda: DelayedCascade(half, law, True), "virality got True, expected a number above 0, inf, or a Vira"),
        (lambda: DelayedCascade(half, law, ages={"ann": -1}), "age of 'ann' got -1, expected a finite number"),
        (lambda: DelayedCascade(half, law, ages={"ann": np.inf}), "age of 'ann' got inf"),
        (lambda: DelayedCascade(half, law, ages=[1.0]), "ages got list, expected a mapping"),  # type: ignore[arg-type]
        (lambda: DelayedCascade(half, law, ages={"ann": 1, ("", "ann"): 2}), "ages name a node twice"),
        (
            lambda: simulate(DelayedCascade(half, law, ages={"bob": 1}), ["ann"], 2, rng=1, threads=2),
            "ages name 'bob', who is no seed",
        ),
    ):
        with pytest.raises(SchemaError, match=re.escape(message)):
            make()
    with pytest.raises(UnknownNodeError, match=r"no node 'bobb'.*Did you mean 'bob'"):
        DelayedCascade(half, law, ages={"bobb": 1})


def test_what_was_fitted_later_than_the_graph_is_refused() -> None:
    past = SpreadGraph(np.array([0, 1, 1]), np.array([1]), known_until=100)
    half = Activation(past, [0.5])
    late, whenever = DelayLaw.of_delays([1, 2], known_until=200), DelayLaw.of_delays([1, 2])
    with pytest.raises(LeakageError, match=re.escape("delay law (2 delays) knows what came before")):
        DelayedCascade(half, late)
    with pytest.raises(LeakageError, match="knows everything, but the graph ends"):
        DelayedCascade(half, whenever)
    assert DelayedCascade(half, late, allow_future_model=True).delays is late
    for law in (DelayLaw.of_delays([1, 2], known_until=100), DelayLaw.constant(1)):
        assert simulate(DelayedCascade(half, law), [0], 5, rng=1).size.max() <= 2
    tables = [ViralityLaw([1], [1], "of posts", known, fitted=True) for known in (200, None, 100)]
    with pytest.raises(LeakageError, match=re.escape("virality law (of posts) knows what came before")):
        DelayedCascade(half, DelayLaw.constant(1), tables[0])
    with pytest.raises(LeakageError, match="knows everything, but the graph ends"):
        DelayedCascade(half, DelayLaw.constant(1), tables[1])
    assert DelayedCascade(half, DelayLaw.constant(1), tables[0], allow_future_model=True).virality is tables[0]
    assert DelayedCascade(half, DelayLaw.constant(1), tables[2]).virality is tables[2]
    with pytest.raises(LeakageError, match="activation"):
        DelayedCascade(Activation(past, [0.5], fitted=True), DelayLaw.constant(1))

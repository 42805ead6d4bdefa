"""Independent cascade, each of its three loops: exact distributions, theory, and what it refuses."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, kstest

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph, simulate
from graphsocial.errors import LeakageError, SchemaError
from tests.diffusion.enumeration import (
    SIGMA,
    assert_agrees,
    assert_rate,
    cut_short,
    edges_of,
    final_sets,
    histories,
    independent_cascade,
    parents,
    small_graph,
)

RUNS = 40_000


def star(probability: np.ndarray) -> Activation:
    edges = len(probability)
    return Activation(SpreadGraph.from_edges(np.zeros(edges, dtype=int), np.arange(1, edges + 1)), probability)


def activation(kind: str, spread: SpreadGraph, seed: int) -> Activation:
    if kind == "weighted cascade":
        return Activation.weighted_cascade(spread)
    if kind == "trivalency":
        return Activation.trivalency(spread, seed, (0.5, 0.1, 0.02))
    rng = np.random.default_rng(seed)
    choices = {"any": rng.random(spread.num_edges), "with 0 and 1": rng.choice([0.0, 0.05, 0.5, 1.0], spread.num_edges)}
    return Activation(spread, choices[kind])


# ---- exact on small graphs


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("p", [0.01, 0.1, 0.3, 0.7, 1.0])
def test_exact_with_one_probability(p: float, coupled: bool) -> None:
    spread, seeds = small_graph(0, 6, 14), [0, 3]
    runs = simulate(IndependentCascade(Activation.uniform(spread, p), coupled), seeds, RUNS, rng=1)
    exact = independent_cascade(6, edges_of(spread, np.full(14, np.float32(p), dtype=float)), seeds)
    assert_agrees(histories(runs, 6), exact)
    assert_agrees(histories(runs, 6) >= 0, final_sets(exact))


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("kind", ["weighted cascade", "trivalency", "any", "with 0 and 1"])
@pytest.mark.parametrize("seed", range(2))
def test_exact_with_probabilities_that_differ(seed: int, kind: str, coupled: bool) -> None:
    chosen = activation(kind, small_graph(seed, 6, 14), seed)
    seeds = [[2], [4, 1, 0]][seed]
    runs = simulate(IndependentCascade(chosen, coupled), seeds, RUNS, rng=seed)
    assert_agrees(histories(runs, 6), independent_cascade(6, edges_of(chosen.spread, chosen.probability), seeds))


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("horizon", [0, 1, 2])
@pytest.mark.parametrize("uniform", [False, True])
def test_exact_up_to_a_horizon(uniform: bool, horizon: int, coupled: bool) -> None:
    spread = small_graph(2, 6, 14)
    chosen = Activation.uniform(spread, 0.4) if uniform else activation("any", spread, 2)
    runs = simulate(IndependentCascade(chosen, coupled), [0, 1], RUNS, rng=2, horizon=horizon)
    exact = independent_cascade(6, edges_of(spread, chosen.probability), [0, 1], horizon)
    assert_agrees(histories(runs, 6), exact)
    cut = cut_short(histories(runs, 6), edges_of(spread, chosen.probability), horizon)
    assert runs.censored.tolist() == cut and (horizon == 0 or len(set(cut)) == 2)


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("uniform", [False, True])
def test_runs_that_the_horizon_cuts_are_marked(uniform: bool, coupled: bool) -> None:
    """A chain of sure edges, and one that ends by itself."""
    sure = np.ones(4) if uniform else np.array([1.0, 1.0, 1.0, 0.5])
    model = IndependentCascade(Activation(SpreadGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 4]), sure), coupled)
    assert simulate(model, [0], 20, rng=1, horizon=2).censored.all()
    assert not simulate(model, [0], 20, rng=1).censored.any()
    assert not simulate(model, [0], 20, rng=1, horizon=9).censored.any()
    assert not simulate(model, range(5), 20, rng=1, horizon=0).censored.any(), "everybody is reached"
    never = Activation(model.spread, sure * 0)
    assert not simulate(IndependentCascade(never, coupled), [0], 20, rng=1, horizon=0).censored.any()


# ---- rows long enough to skip


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("p", [0.002, 0.01, 0.05, 0.2])
def test_a_star_has_binomial_counts(p: float, coupled: bool) -> None:
    runs = simulate(IndependentCascade(star(np.full(300, p)), coupled), [0], RUNS, rng=3)
    assert_agrees((runs.size - 1)[:, None], {(k,): q for k, q in enumerate(binom.pmf(range(301), 300, np.float32(p)))})
    assert_rate((histories(runs, 301)[:, 1:] == 1).sum(axis=0), RUNS, np.full(300, p))


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("edges", [40, 48, 130, 513])
def test_each_edge_of_a_long_row_has_its_own_chance(edges: int, coupled: bool) -> None:
    """Rare edges, edges with coins and sure ones in one row, in no order; no two know of each other."""
    rng = np.random.default_rng(edges)
    p = rng.permutation(
        np.concatenate([np.geomspace(1e-4, 0.12, edges - 8), [0.0, 0.0, 0.2, 0.4, 0.9, 0.99, 1.0, 1.0]])
    )
    runs = simulate(IndependentCascade(star(p), coupled), [0], RUNS, rng=4)
    hit = histories(runs, edges + 1)[:, 1:] == 1
    assert (hit[:, p == 0] == 0).all() and (hit[:, p == 1] == 1).all()
    assert_rate(hit.sum(axis=0), RUNS, p)
    often = np.flatnonzero((p > 0.02) & (p < 0.99))
    deviation = (hit[:, often] - p[often]) / np.sqrt(p[often] * (1 - p[often]))
    together = deviation.T @ deviation / np.sqrt(RUNS)
    assert np.abs(together - np.diag(np.diag(together))).max() < SIGMA + 1.5  # thousands of pairs


@pytest.mark.parametrize("loop", ["uniform", "skips", "coins"])
def test_what_is_left_of_a_skip_goes_on_in_the_next_row(loop: str) -> None:
    """Rows one after the other: hits per row and per edge are as if each row began afresh."""
    hubs, leaves = (16, 200) if loop == "skips" else (60, 45)
    source = np.repeat(np.arange(hubs), leaves)
    spread = SpreadGraph.from_edges(source, hubs + np.arange(hubs * leaves))
    chances = {"uniform": [0.01], "skips": [0.002, 0.003, 0.004], "coins": [0.01, 0.03, 0.1]}[loop]
    p = np.random.default_rng(0).choice(chances, spread.num_edges)
    model = IndependentCascade(Activation(spread, p))
    assert model.skips or loop != "skips"
    assert not (model.skips and loop == "coins")
    runs = simulate(model, range(hubs), 8_000, rng=5)
    hit = histories(runs, spread.num_nodes)[:, hubs:] == 1
    assert_rate(hit.sum(axis=0), 8_000, p)
    pairs = (hit - p)[:, 1:] * (hit - p)[:, :-1]
    assert abs(pairs.sum() / np.sqrt((pairs**2).sum())) < SIGMA, "neighbours do not know of each other"
    per_row = hit.reshape(-1, hubs, leaves).sum(axis=2)
    chance = p.reshape(hubs, leaves)
    z = (per_row - chance.sum(axis=1)) / np.sqrt((chance * (1 - chance)).sum(axis=1))
    neighbours = (z[:, 1:] * z[:, :-1]).mean(axis=0) * np.sqrt(len(z))
    assert np.abs(neighbours).max() < SIGMA
    spread_of_row = (z**2).mean(axis=0) - 1
    kurtosis = ((z**2 - 1) ** 2).mean(axis=0)
    assert np.abs(spread_of_row / np.sqrt(kurtosis / len(z))).max() < SIGMA


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("p", [0.02, 0.3, 0.9])
def test_a_tree_grows_like_a_branching_process(p: float, coupled: bool) -> None:
    """Mean size 1 + bp + (bp)**2 + ..., and of the last generation (bp)**depth."""
    branches, depth = (50, 2) if p < 0.1 else (3, 6)
    nodes = sum(branches**k for k in range(depth + 1))
    child = np.arange(1, nodes)
    spread = SpreadGraph.from_edges((child - 1) // branches, child)
    runs = simulate(IndependentCascade(Activation.uniform(spread, p), coupled), [0], 4_000, rng=6)
    expected = sum((branches * p) ** k for k in range(depth + 1))
    assert abs(runs.size.mean() - expected) < SIGMA * runs.size.std() / np.sqrt(len(runs))
    last = np.bincount(np.repeat(np.arange(len(runs)), runs.size), runs.time == depth, len(runs))
    assert abs(last.mean() - (branches * p) ** depth) < SIGMA * last.std() / np.sqrt(len(runs))


def test_rows_in_two_parts_and_coins_alone_agree() -> None:
    """One graph, simulated by either loop: short rows and long ones, the last of fewer than eight edges."""
    rng = np.random.default_rng(12)
    source = np.concatenate([np.repeat(np.arange(40), 200), np.arange(40, 2_000), [2_000, 2_000]])
    spread = SpreadGraph.from_edges(source, rng.integers(0, 2_001, len(source)), 2_001)
    chosen = Activation(
        spread, np.where(spread.source < 40, rng.choice([0.002, 0.3], len(source), p=[0.98, 0.02]), 0.5)
    )
    found = {}
    for skips in (False, True):
        model = IndependentCascade(chosen)
        model.__dict__["skips"] = skips
        runs = simulate(model, range(40), 4_000, rng=12)
        found[skips] = np.bincount(runs.node.astype(int), minlength=2_001) / len(runs), runs.size
    both = np.mean([share for share, _ in found.values()], axis=0)
    deviation = np.sqrt(np.maximum(2 * both * (1 - both) / 4_000, 1e-9))
    assert np.abs((found[True][0] - found[False][0]) / deviation).max() < SIGMA + 0.5  # two thousand nodes
    sizes = [size for _, size in found.values()]
    assert abs(sizes[0].mean() - sizes[1].mean()) < SIGMA * np.hypot(*(size.std() for size in sizes)) / np.sqrt(4_000)


def test_what_is_added_to_the_coins_of_a_run_is_uniform_and_never_0_or_1() -> None:
    """So chances smaller than one of 2**31 coins are exact over runs, and edges of 0 and 1 in every run."""
    from graphsocial.diffusion.eight_coins import offset_of

    streams = np.random.default_rng(3).integers(2**63, size=20_000).astype(np.uint64)
    offset = np.array([offset_of.py_func(stream) for stream in streams])
    assert offset.dtype == np.float32 and (offset > 0).all() and (offset < 1).all()
    assert kstest(offset, "uniform").pvalue > 1e-5


@pytest.mark.parametrize("edges", range(1, 20))
def test_the_last_rows_of_a_graph_read_nothing_past_it(edges: int) -> None:
    p = np.where(np.arange(edges) % 2, 1.0, 0.0)
    runs = simulate(IndependentCascade(star(p)), [0], 5, rng=1)
    assert (runs.size == 1 + edges // 2).all()


def test_skips_where_rare_edges_leave_those_who_are_reached_often() -> None:
    """A hub that all point to, among chains: its row decides, though most rows are short."""
    nodes = np.arange(1, 1_001)
    spread = SpreadGraph.from_edges(np.append(nodes, nodes * 0), np.append(nodes * 0, nodes), 1_001)
    rare = np.where(spread.source == 0, 0.001, 0.1)
    assert IndependentCascade(Activation(spread, rare)).skips
    assert not IndependentCascade(Activation(spread, np.where(rare < 0.1, 0.05, 0.1))).skips


# ---- structure


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(0, 300), st.integers(1, 3), st.sampled_from("umc"))
def test_a_child_stands_after_its_parent_along_an_edge(
    seed: int, nodes: int, edges: int, count: int, loop: str
) -> None:
    rng = np.random.default_rng(seed)
    spread = SpreadGraph.from_edges(rng.integers(0, nodes, edges), rng.integers(0, nodes, edges), nodes)
    p = np.full(edges, 0.3) if loop == "u" else rng.choice([0.0, 0.05, 0.3, 1.0], edges)
    seeds = rng.choice(nodes, min(count, nodes), replace=False)
    runs = simulate(IndependentCascade(Activation(spread, p), loop == "c"), seeds.tolist(), 20, rng=seed)
    child = np.flatnonzero(runs.parent >= 0)
    assert (runs.time[child] == runs.time[runs.parent[child]] + 1).all()
    source, target = spread.source[p > 0].tolist(), spread.target[p > 0].tolist()
    assert {(runs.node[runs.parent[i]], runs.node[i]) for i in child} <= set(zip(source, target, strict=True))
    for i in range(len(runs)):
        members = runs.node[runs.offsets[i] : runs.offsets[i + 1]]
        assert len(set(members)) == len(members) and members[: len(seeds)].tolist() == seeds.tolist()
        assert (np.diff(runs.time[runs.offsets[i] : runs.offsets[i + 1]]) >= 0).all()


@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("first", [1, 2])
def test_of_several_who_succeed_the_first_is_the_parent(first: int, coupled: bool) -> None:
    diamond = SpreadGraph.from_edges([1, 2], [3, 3], 4)
    model = IndependentCascade(Activation.uniform(diamond, 1.0), coupled)
    assert (parents(simulate(model, [first, 3 - first], 20, rng=1), 4)[:, 3] == first).all()


@pytest.mark.parametrize("coupled", [False, True])
def test_sure_edges_and_dead_edges_on_a_disconnected_graph(coupled: bool) -> None:
    two = SpreadGraph.from_edges([0, 1, 3, 4], [1, 2, 4, 5], 7)
    for p, expected in ((1.0, [0, 1, 2, -1, -1, -1, 0]), (0.0, [0, -1, -1, -1, -1, -1, 0])):
        runs = simulate(IndependentCascade(Activation.uniform(two, p), coupled), [0, 6], 30, rng=2)
        assert (histories(runs, 7) == expected).all()


def test_coupled_runs_lose_nobody_when_chances_rise() -> None:
    spread = small_graph(3, 30, 150)
    p = np.random.default_rng(3).random(150) * 0.3
    before, after = (
        histories(simulate(IndependentCascade(Activation(spread, q), coupled=True), [0, 7], 2_000, rng=3), 30)
        for q in (p, np.minimum(1, p * 1.3))
    )
    assert ((before >= 0) <= (after >= 0)).all() and (before >= 0).sum() < (after >= 0).sum()
    changed = p.copy()
    changed[spread.source == 29] = 1.0  # only runs that reach node 29 may change
    other = histories(simulate(IndependentCascade(Activation(spread, changed), coupled=True), [0, 7], 2_000, rng=3), 30)
    same = (before == other).all(axis=1)
    assert same[before[:, 29] < 0].all() and not same.all()


@pytest.mark.parametrize("loop", ["uniform", "mixed", "coupled"])
def test_threads_and_length_change_nothing(loop: str) -> None:
    spread = small_graph(1, 60, 800)
    p = np.full(800, 0.06) if loop == "uniform" else np.random.default_rng(1).random(800) * 0.12
    model = IndependentCascade(Activation(spread, p), loop == "coupled")
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    one, three, short = (simulate(model, [0, 9], n, rng=8, threads=t) for n, t in ((700, 1), (700, 3), (150, 2)))
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    for name in ("node", "parent", "time"):
        assert (getattr(one, name) == getattr(three, name)).all()
        assert (getattr(one, name)[: short.offsets[-1]] == getattr(short, name)).all()
    assert simulate(model, [0, 9], 700, rng=9).size.tolist() != one.size.tolist()
    generator = np.random.default_rng(8)
    assert (
        simulate(model, [0], 50, rng=generator).size.tolist() != simulate(model, [0], 50, rng=generator).size.tolist()
    )


# ---- what is refused


def test_wrong_probabilities_say_what_is_wrong() -> None:
    spread = SpreadGraph.from_edges(
        [0, 1], [1, 2], ids=["ann", "bob", "cy"], edge_values={"chance": np.array([0.1, 0.2])}
    )
    for make, message in (
        (
            lambda: Activation(spread, [0.1, np.nan]),
            "probability of edge bob -> cy got nan, expected a number of [0, 1]",
        ),
        (lambda: Activation(spread, [-0.1, 1]), "probability of edge ann -> bob got -0.1"),
        (lambda: Activation(spread, [0.1]), "got shape (1,), expected (2,), one per edge"),
        (lambda: Activation.uniform(spread, 1.5), "activation probability got 1.5"),
        (lambda: Activation.of_values(spread, "chances"), "Did you mean 'chance'"),
        (lambda: Activation.of_pairs(spread, {("ann", "bob"): 0.1}), "1 edges have none, such as ('bob', 'cy')"),
        (lambda: IndependentCascade(0.1), "independent cascade got float, expected an Activation"),  # type: ignore[arg-type]
    ):
        with pytest.raises(SchemaError, match=re.escape(message)):
            make()
    past = SpreadGraph(np.array([0, 1, 1]), np.array([1]), known_until=100)
    with pytest.raises(LeakageError, match="knows everything, but the graph ends"):
        Activation(past, [0.5], fitted=True)

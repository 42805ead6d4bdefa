"""Linear threshold against exact distributions, and what it refuses."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.diffusion import SpreadGraph, simulate
from graphsocial.diffusion.influence import Influence
from graphsocial.diffusion.linear_threshold import LinearThreshold
from graphsocial.errors import LeakageError, SchemaError, UnknownNodeError
from tests.diffusion.enumeration import (
    assert_agrees,
    assert_rate,
    cut_short,
    edges_of,
    final_sets,
    histories,
    linear_threshold,
    live_edge_trees,
    parents,
    small_graph,
)

RUNS = 40_000


def weighted(seed: int, fill: float) -> Influence:
    """Random weights that add up to `fill` into each node that has edges; some are 0."""
    spread = small_graph(seed)
    rng = np.random.default_rng(seed)
    weight = rng.random(spread.num_edges) * (rng.random(spread.num_edges) < 0.85)
    total = np.bincount(spread.target, weight, spread.num_nodes)
    return Influence(spread, fill * weight / np.maximum(total, 1e-9)[spread.target])


@pytest.mark.parametrize("seed", range(6))
def test_exact_by_thresholds_and_by_live_edges(seed: int) -> None:
    influence = weighted(seed, (0.3, 0.8, 1.0)[seed % 3]) if seed else Influence.even(small_graph(0))
    spread = influence.spread
    edges, seeds = edges_of(spread, influence.weight), [0, 3][: 1 + seed % 2]
    trees = live_edge_trees(spread.num_nodes, edges, seeds)
    exact = linear_threshold(spread.num_nodes, edges, seeds)
    by_edges = {history: sum(p for (h, _), p in trees.items() if h == history) for history in {h for h, _ in trees}}
    assert by_edges == pytest.approx({h: p for h, p in exact.items() if p > 1e-9}, abs=1e-6)

    runs = simulate(LinearThreshold(influence), seeds, RUNS, rng=seed)
    time, parent = histories(runs, spread.num_nodes), parents(runs, spread.num_nodes)
    assert_agrees(time, exact)
    assert_agrees(time >= 0, final_sets(exact))
    assert_agrees(np.hstack([time, parent]), {h + q: p for (h, q), p in trees.items()})


@pytest.mark.parametrize("horizon", [0, 1, 2])
def test_exact_up_to_a_horizon(horizon: int) -> None:
    influence = weighted(3, 0.9)
    edges = edges_of(influence.spread, influence.weight)
    runs = simulate(LinearThreshold(influence), [1], RUNS, rng=1, horizon=horizon)
    time = histories(runs, 6)
    assert_agrees(time, linear_threshold(6, edges, [1], horizon))
    assert runs.censored.tolist() == cut_short(time, edges, horizon)
    assert not simulate(LinearThreshold(influence), [1], 200, rng=1).censored.any()


def test_a_horizon_after_which_nothing_could_happen_cuts_nothing_short() -> None:
    """Nobody further to reach, only seeds and members to reach, and an edge that weighs nothing."""
    square = SpreadGraph.from_edges([0, 0, 1, 2, 2], [1, 2, 2, 0, 3])
    for weight, seeds, horizon, cut in (
        ([1.0, 0.5, 0.5, 1.0, 1.0], [3], 0, False),
        ([1.0, 0.5, 0.5, 1.0, 1.0], [0], 0, True),
        ([1.0, 0.5, 0.5, 1.0, 1.0], [0, 1, 2, 3], 0, False),
        ([1.0, 0.0, 1.0, 1.0, 0.0], [0], 1, True),
        ([1.0, 0.0, 1.0, 1.0, 0.0], [0], 2, False),
    ):
        runs = simulate(LinearThreshold(Influence(square, weight)), seeds, 200, rng=5, horizon=horizon)
        assert runs.censored.tolist() == [cut] * 200


@pytest.mark.parametrize("edges", [7, 8, 9, 40, 41])
def test_long_rows(edges: int) -> None:
    """A star: each leaf with the chance of its weight, whatever its place among the eight looked at at once."""
    weight = np.linspace(0.0, 1.0, edges)
    star = SpreadGraph.from_edges(np.zeros(edges, dtype=int), np.arange(1, edges + 1))
    time = histories(simulate(LinearThreshold(Influence(star, weight)), [0], RUNS, rng=2), edges + 1)
    hits = (time == 1).sum(axis=0)[1:]
    assert hits[0] == 0 and hits[-1] == RUNS
    assert_rate(hits, RUNS, weight)
    pairs = np.cov((time[:, 1:-1] == 1)[:, 1:].T) / np.sqrt(np.outer(*[(weight * (1 - weight))[1:-1]] * 2))
    assert np.abs(pairs - np.diag(np.diag(pairs))).max() < 5.5 / np.sqrt(RUNS)


def test_every_neighbour_active_is_always_enough() -> None:
    """In-degrees of which 1 / d is no round number: the weights still add up to 1."""
    for degree in (3, 7, 41, 49):
        source = [*range(degree), *range(degree)]
        target = [degree] * degree + [degree + 1] * degree
        spread = SpreadGraph.from_edges(source, target)
        assert (
            simulate(LinearThreshold(Influence.even(spread)), range(degree), 2_000, rng=degree).size == degree + 2
        ).all()


def test_one_heavy_and_many_light_edges() -> None:
    """The only active neighbour of 1,000 that bring 1 / 1,000 each."""
    hub = SpreadGraph.from_edges(np.arange(1_000), np.full(1_000, 1_000))
    hits = simulate(LinearThreshold(Influence.even(hub)), [500], 400_000, rng=3).size - 1
    assert_rate(hits.sum(), 400_000, 1e-3)


def test_weights_of_0_and_1() -> None:
    chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 0])
    for weight, size in ((1.0, 3), (0.0, 1)):
        runs = simulate(LinearThreshold(Influence(chain, np.full(3, weight))), [0], 50, rng=4)
        assert (runs.size == size).all() and runs.time[: runs.size[0]].tolist() == [0, 1, 2][:size]


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(0, 200), st.integers(1, 3))
def test_a_child_stands_after_its_parent_along_an_edge(seed: int, nodes: int, edges: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    spread = SpreadGraph.from_edges(rng.integers(0, nodes, edges), rng.integers(0, nodes, edges), nodes)
    seeds = rng.choice(nodes, min(count, nodes), replace=False)
    runs = simulate(LinearThreshold(Influence.even(spread)), seeds.tolist(), 20, rng=seed)
    child = np.flatnonzero(runs.parent >= 0)
    assert (runs.time[child] == runs.time[runs.parent[child]] + 1).all()
    known = set(zip(spread.source.tolist(), spread.target.tolist(), strict=True))
    assert {(runs.node[runs.parent[i]], runs.node[i]) for i in child} <= known
    for i in range(len(runs)):
        members = runs.node[runs.offsets[i] : runs.offsets[i + 1]]
        assert len(set(members)) == len(members) and members[: len(seeds)].tolist() == seeds.tolist()


def test_threads_and_length_change_nothing() -> None:
    model = LinearThreshold(Influence.even(small_graph(1, 30, 200)))
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    one, three, short = (simulate(model, [0], n, rng=8, threads=t) for n, t in ((500, 1), (500, 3), (120, 2)))
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    for name in ("node", "parent", "time"):
        assert (getattr(one, name) == getattr(three, name)).all()
        assert (getattr(one, name)[: short.offsets[-1]] == getattr(short, name)).all()
    assert simulate(model, [0], 500, rng=9).size.tolist() != one.size.tolist()


def test_runs_differ_only_where_weights_do() -> None:
    """Raised weights of the last edge into each node move no other stretch: no run loses a member."""
    spread = small_graph(5)
    low = Influence(spread, np.full(spread.num_edges, 0.2))
    weight = low.weight.copy()
    last = [np.flatnonzero(spread.target == v)[-1] for v in set(spread.target.tolist())]
    weight[last] = 0.35
    runs = [
        histories(simulate(LinearThreshold(i), [0], 2_000, rng=5), 6) >= 0 for i in (low, Influence(spread, weight))
    ]
    assert (runs[0] <= runs[1]).all() and runs[0].sum() < runs[1].sum()


def test_shares_of_edge_values() -> None:
    spread = SpreadGraph.from_edges([0, 1, 0], [2, 2, 1], edge_values={"count": np.array([1, 3, 0])})
    assert Influence.shares(spread, "count").weight.tolist() == [0.0, 0.25, 0.75]
    assert Influence.of_values(SpreadGraph.from_edges([0], [1], edge_values={"w": [0.5]}), "w").weight.tolist() == [0.5]


def test_wrong_weights_say_what_is_wrong() -> None:
    spread = SpreadGraph.from_edges([0, 1, 0], [2, 2, 1], ids=["ann", "bob", "cy"], edge_values={"count": [1, -3, 0]})
    for weight, message in (
        ([0.1, 0.7, 0.7], "weights into node cy add up to 1.4, expected at most 1"),
        ([0.1, np.nan, 0.7], "weight of edge ann -> cy got nan, expected a number of [0, 1]"),
        ([0.1, 0.2, -0.7], "weight of edge bob -> cy got -0.7, expected a number of [0, 1]"),
        ([0.1, 0.2], "got shape (2,), expected (3,), one per edge"),
    ):
        with pytest.raises(SchemaError, match=re.escape(message)):
            Influence(spread, weight)
    assert Influence(spread, [1.0, 0.5, 0.5 + 9e-7]).weight.sum() > 2
    with pytest.raises(SchemaError, match=r"no edge values 'counts', it has count\. Did you mean 'count'"):
        Influence.of_values(spread, "counts")
    with pytest.raises(SchemaError, match=r"edge values 'count' got -3\.0, expected finite numbers"):
        Influence.shares(spread, "count")
    with pytest.raises(SchemaError, match="linear threshold got SpreadGraph, expected an Influence"):
        LinearThreshold(spread)  # type: ignore[arg-type]
    model = LinearThreshold(Influence.even(spread))
    with pytest.raises(SchemaError, match="seed set is empty"):
        simulate(model, [], 1, rng=0)
    with pytest.raises(UnknownNodeError, match="Did you mean 'ann'"):
        simulate(model, ["anne"], 1, rng=0)


def test_weights_of_the_future_are_refused() -> None:
    past = SpreadGraph(np.array([0, 1, 1]), np.array([1]), known_until=100)
    with pytest.raises(LeakageError, match="influence \\(given\\) knows what came before"):
        Influence(past, [0.5], known_until=101, fitted=True)
    assert Influence(past, [0.5], known_until=101, fitted=True, allow_future_model=True).known_until == 101
    assert Influence(past, [0.5], known_until=100, fitted=True).fitted

"""Complex contagion against exact distributions, and what it refuses."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from graphsocial.diffusion import SpreadGraph, simulate
from graphsocial.diffusion.complex_contagion import ComplexContagion
from graphsocial.diffusion.influence import Influence
from graphsocial.diffusion.thresholds import Thresholds
from graphsocial.errors import SchemaError
from tests.diffusion.enumeration import (
    assert_agrees,
    assert_rate,
    complex_contagion,
    edges_of,
    histories,
    linear_threshold,
    parents,
    small_graph,
)

RUNS = 30_000


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("adoption", [1.0, 0.4])
def test_exact_with_counts(seed: int, adoption: float) -> None:
    spread = small_graph(seed, 6, 16)
    count = np.random.default_rng(seed).integers(1, 4, 6)
    model = ComplexContagion(Thresholds.counts(spread, count), adoption)
    runs = simulate(model, [0, 1], RUNS, rng=seed, horizon=3)
    edges = edges_of(spread, np.ones(spread.num_edges))
    assert_agrees(histories(runs, 6), complex_contagion(6, edges, [0, 1], [{k: 1.0} for k in count], adoption, 3))


@pytest.mark.parametrize("seed", range(3))
def test_exact_with_shares_drawn_in_each_run(seed: int) -> None:
    """Between 0.2 and 0.8 of d neighbours: the number rounded up, each with the length of its stretch."""
    spread = small_graph(seed, 5, 11)
    needs = []
    for d in spread.in_degree:
        cut = np.clip(np.arange(d + 1) / max(d, 1), 0.2, 0.8)
        chance = {k: (cut[k] - cut[k - 1]) / 0.6 for k in range(1, d + 1)} or {1: 1.0}
        needs.append({k: p for k, p in chance.items() if p > 1e-9})
    runs = simulate(
        ComplexContagion(Thresholds.shares_between(spread, 0.2, 0.8), 0.7), [0, 1], RUNS, rng=seed, horizon=3
    )
    exact = complex_contagion(5, edges_of(spread, np.ones(11)), [0, 1], needs, 0.7, 3)
    assert_agrees(histories(runs, 5), exact)


def test_shares_from_0_to_1_are_linear_threshold_with_even_weights() -> None:
    spread = small_graph(4)
    exact = linear_threshold(6, edges_of(spread, Influence.even(spread).weight.astype(float)), [2])
    runs = simulate(ComplexContagion(Thresholds.shares_between(spread)), [2], RUNS, rng=4)
    assert_agrees(histories(runs, 6), exact)


def test_golden() -> None:
    """A ladder 0-1, 2-3, 4-5 whose rungs reach the next: two neighbours are enough, the parent is the second named."""
    ladder = SpreadGraph.from_edges([0, 1, 0, 1, 2, 3, 2, 3, 5], [2, 2, 3, 3, 4, 4, 5, 5, 6])
    runs = simulate(ComplexContagion(Thresholds.counts(ladder, 2)), [0, 1], 3, rng=0)
    assert histories(runs, 7).tolist() == [[0, 0, 1, 1, 2, 2, -1]] * 3
    assert parents(runs, 7).tolist() == [[-1, -1, 1, 1, 3, 3, -1]] * 3
    assert (simulate(ComplexContagion(Thresholds.counts(ladder, 2)), [0], 3, rng=0).size == 1).all()


def test_a_share_that_is_a_whole_number_needs_no_more() -> None:
    """0.07 of 100 is 7.000000000000001 in binary."""
    for share, needed in ((0.07, 7), (0.29, 29), (1.0, 100), (0.071, 8), (1e-6, 1)):
        hub = SpreadGraph.from_edges(np.arange(100), np.full(100, 100))
        model = ComplexContagion(Thresholds.shares(hub, share))
        sizes = [simulate(model, range(k), 1, rng=0).size[0] - k for k in range(1, 101)]
        assert sizes.index(1) + 1 == needed


def test_an_exposed_node_waits_for_a_geometric_time() -> None:
    pair = SpreadGraph.from_edges([0], [1])
    runs = simulate(ComplexContagion(Thresholds.counts(pair, 1), 0.3), [0], RUNS, rng=6)
    waited = histories(runs, 2)[:, 1]
    for step in range(1, 9):
        assert_rate((waited == step).sum(), RUNS, 0.3 * 0.7 ** (step - 1))
    assert (simulate(ComplexContagion(Thresholds.counts(pair, 1), 0.0), [0], 9, rng=6).size == 1).all()


def test_runs_that_the_horizon_cuts_are_marked() -> None:
    pair = SpreadGraph.from_edges([0], [1])
    runs = simulate(ComplexContagion(Thresholds.counts(pair, 1), 0.5), [0], 400, rng=7, horizon=2)
    assert (runs.censored[runs.size == 1]).all() and (runs.size == 1).sum() > 50
    assert not simulate(ComplexContagion(Thresholds.counts(pair, 1), 0.5), [0], 400, rng=7).censored.any()


@pytest.mark.parametrize("horizon", [0, 1, 2, 3])
def test_runs_are_cut_short_where_somebody_exposed_had_yet_to_adopt(horizon: int) -> None:
    spread = small_graph(2, 8, 24)
    count = np.random.default_rng(2).integers(1, 3, 8)
    runs = simulate(ComplexContagion(Thresholds.counts(spread, count), 0.5), [0, 1], 400, rng=3, horizon=horizon)
    edges = edges_of(spread, np.ones(24))
    found = []
    for row in histories(runs, 8).tolist():
        heard = [sum(t == v and row[u] >= 0 for u, t, _ in edges) for v in range(8)]
        found.append(any(row[v] < 0 and heard[v] >= count[v] for v in range(8)))
    assert runs.censored.tolist() == found and any(found) and (horizon < 2 or not all(found))
    never = ComplexContagion(Thresholds.counts(spread, count), 0.0)
    assert not simulate(never, [0, 1], 9, rng=3, horizon=horizon).censored.any()


def test_a_run_is_cut_short_where_the_longer_one_goes_on() -> None:
    spread = small_graph(1, 30, 120)
    model = ComplexContagion(Thresholds.shares_between(spread, 0.1, 0.9))
    sizes = [simulate(model, [0, 5, 9], 300, rng=8, horizon=h) for h in range(5)]
    for short, longer in pairwise(sizes):
        assert short.censored.tolist() == (longer.size > short.size).tolist()
    assert len(set(sizes[1].censored.tolist())) == 2


def test_threads_and_length_change_nothing() -> None:
    spread = small_graph(1, 30, 200)
    model = ComplexContagion(Thresholds.shares_between(spread, 0.1, 0.5), 0.6)
    one, three, short = (simulate(model, [0, 5], n, rng=8, threads=t) for n, t in ((500, 1), (500, 3), (120, 2)))
    for name in ("node", "parent", "time"):
        assert (getattr(one, name) == getattr(three, name)).all()
        assert (getattr(one, name)[: short.offsets[-1]] == getattr(short, name)).all()


def test_wrong_thresholds_say_what_is_wrong() -> None:
    spread = SpreadGraph.from_edges([0, 1], [2, 2], ids=["ann", "bob", "cy"])
    for make, message in (
        (lambda: Thresholds.counts(spread, 0), "count of node ann got 0, expected a whole number, at least 1"),
        (lambda: Thresholds.counts(spread, [1, 1.5, 2]), "count of node bob got 1.5, expected a whole number"),
        (lambda: Thresholds.counts(spread, [1, 2]), "counts got shape (2,), expected a number, or (3,), one per node"),
        (lambda: Thresholds.counts(spread, "two"), "counts got 'two', expected a number"),
        (lambda: Thresholds.shares(spread, 1.2), "share of node ann got 1.2, expected a number above 0, at most 1"),
        (lambda: Thresholds.shares(spread, [1, np.nan, 1]), "share of node bob got nan, expected"),
        (lambda: Thresholds.shares_between(spread, 0.5, 0.2), "between 0.5 and 0.2, expected two numbers of [0, 1]"),
        (lambda: Thresholds(spread, 2, 1), "thresholds of node ann got low 2.0 above high 1.0"),
        (
            lambda: ComplexContagion(Thresholds.counts(spread, 1), 1.5),
            "adoption probability got 1.5, expected a number",
        ),
        (lambda: ComplexContagion(2), "complex contagion got int, expected Thresholds"),  # type: ignore[arg-type]
    ):
        with pytest.raises(SchemaError, match=re.escape(message)):
            make()

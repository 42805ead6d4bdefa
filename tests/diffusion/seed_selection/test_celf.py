"""CELF against plain greedy over the very same runs, and the cheap choices by hand."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph, simulate
from graphsocial.diffusion.seed_selection.celf import celf
from graphsocial.diffusion.seed_selection.degree_discount import degree_discount
from graphsocial.diffusion.seed_selection.highest_degree import highest_degree
from graphsocial.diffusion.seed_selection.opim_c import OpimC
from graphsocial.diffusion.seed_selection.pagerank_seeds import pagerank_seeds
from graphsocial.diffusion.seed_selection.random_seeds import random_seeds
from graphsocial.diffusion.seed_selection.select_seeds import select_seeds
from graphsocial.diffusion.seed_selection.two_hop_seeds import two_hop_seeds
from graphsocial.diffusion.simulate import stream_key
from graphsocial.errors import SchemaError
from tests.diffusion.seed_selection.exact_reach import ExactReach, small_model
from tests.diffusion.seed_selection.sampled_reach import live_table, total_reached


@pytest.mark.parametrize("kind", ["even", "uneven", "threshold"])
@pytest.mark.parametrize("deadline", [None, 0, 1, 2])
@pytest.mark.parametrize("seed", [1, 2])
def test_celf_is_plain_greedy_over_the_same_runs(kind: str, deadline: int | None, seed: int) -> None:
    model, samples = small_model(kind, seed), 100
    live = live_table(model, stream_key(7), samples)
    plain: list[int] = []
    totals = []
    for _ in range(2):
        nodes = range(model.spread.num_nodes)
        total = [total_reached(model.spread, live, [*plain, v], deadline) if v not in plain else -1 for v in nodes]
        plain.append(int(np.argmax(total)))
        totals.append(max(total))
    found = celf(model, 2, rng=7, samples=samples, deadline=deadline, threads=1)
    assert list(found) == plain
    assert np.cumsum(found.gain) == pytest.approx(np.array(totals) / samples)
    assert found.spread == pytest.approx(totals[-1] / samples)


@pytest.mark.parametrize("kind", ["uneven", "threshold"])
def test_sampled_graphs_have_the_exact_mean(kind: str) -> None:
    model = small_model(kind, 4)
    exact = ExactReach(model)
    for deadline in (None, 1):
        found = celf(model, 1, rng=3, samples=20_000, deadline=deadline, threads=1)
        assert found.spread == pytest.approx(exact.spread(list(found), deadline), abs=4.5 * 2.0 / np.sqrt(20_000))


def test_celf_is_near_the_best_and_independent_of_threads() -> None:
    model = small_model("even", 5)
    exact = ExactReach(model)
    one = celf(model, 2, rng=1, samples=2_000, threads=1)
    assert exact.spread(list(one)) >= 0.97 * exact.best(2)
    rng = np.random.default_rng(1)
    wide = SpreadGraph.from_edges(rng.integers(500, size=1_500), rng.integers(500, size=1_500), 500)
    model = IndependentCascade(Activation.weighted_cascade(wide))
    one, three = (celf(model, 5, rng=1, samples=100, threads=threads) for threads in (1, 3))
    assert list(one) == list(three) and one.gain.tolist() == three.gain.tolist()
    told: list[tuple] = []
    celf(model, 2, rng=1, samples=10, progress=lambda *now: told.append(now))
    assert told == [(1, 2, "seeds"), (2, 2, "seeds")]
    quick = select_seeds(model, 5, rng=1, method=OpimC(0.02), threads=1)
    sizes = [
        simulate(model, seeds, 4_000, rng=3).size.mean() for seeds in (quick, celf(model, 5, rng=2, samples=1_000))
    ]
    assert sizes[0] >= 0.97 * sizes[1]


def test_cheap_choices_by_hand() -> None:
    # 0 reaches 1 2 3 4 and 5 reaches 1 2 3; 6 reaches 7 8, 9 is alone
    spread = SpreadGraph.from_edges([0, 0, 0, 0, 5, 5, 5, 6, 6, 0], [1, 2, 3, 4, 1, 2, 3, 7, 8, 5], 10)
    model = IndependentCascade(Activation.uniform(spread, 0.1))
    assert list(highest_degree(model, 3)) == [0, 5, 6]
    assert list(highest_degree(model, 2, candidates=[9, 6, 5])) == [5, 6]
    # 5 counts 3 - 2 - (3 - 1) 1 .1 = .8 once 0 is a seed, 6 counts 2
    assert list(degree_discount(model, 3)) == [0, 6, 5]
    assert list(degree_discount(model, 2, candidates=[5, 9])) == [5, 9]
    assert list(pagerank_seeds(model, 1)) == [0]
    assert pagerank_seeds(model, 2)[1] in (5, 6)
    chance = random_seeds(model, 10, rng=3)
    assert sorted(chance) == list(range(10)) and list(chance) == list(random_seeds(model, 10, rng=3))
    assert list(random_seeds(model, 4, rng=3)) != list(random_seeds(model, 4, rng=4))
    assert repr(highest_degree(model, 1)) == "1 seeds by highest degree\n  seed\n  0"


def test_degree_discount_is_the_published_greedy() -> None:
    rng = np.random.default_rng(2)
    spread = SpreadGraph.from_edges(rng.integers(60, size=400), rng.integers(60, size=400), 60)
    found = degree_discount(IndependentCascade(Activation.uniform(spread, 0.05)), 15)
    p = float(np.float32(0.05))
    seeds: list[int] = []
    d = spread.out_degree
    for _ in range(15):
        t = np.array(
            [
                sum(1 for s in seeds for w in spread.target[spread.indptr[s] : spread.indptr[s + 1]] if w == v)
                for v in range(60)
            ]
        )
        worth = d - 2 * t - (d - t) * t * p
        worth[seeds] = -np.inf
        seeds.append(int(np.argmax(worth)))
    assert list(found) == seeds


def test_bad_input() -> None:
    model = small_model("even", 1)
    with pytest.raises(SchemaError, match="got k=9, but there are only 6 candidates"):
        celf(model, 9, rng=1)
    with pytest.raises(SchemaError, match="got samples=0"):
        celf(model, 1, rng=1, samples=0)
    with pytest.raises(SchemaError, match="expected at most 500,000,000 cells"):
        celf(model, 1, rng=1, samples=10**9)
    with pytest.raises(SchemaError, match="got deadline=-1"):
        celf(model, 1, rng=1, deadline=-1)
    for choose in (highest_degree, degree_discount, pagerank_seeds, two_hop_seeds):
        with pytest.raises(SchemaError, match="got k=0"):
            choose(model, 0)
    with pytest.raises(SchemaError, match="for an IndependentCascade, got LinearThreshold"):
        degree_discount(small_model("threshold", 1), 1)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="no candidates"):
        random_seeds(model, 1, rng=1, candidates=[])

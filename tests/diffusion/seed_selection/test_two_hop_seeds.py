"""Seeds by walks of two hops against plain greedy, and as the guess that sets of reached nodes prove or give up."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion import (
    SI,
    Activation,
    IndependentCascade,
    Influence,
    LinearThreshold,
    OpimC,
    SpreadGraph,
    highest_degree,
    select_seeds,
    spread_summary,
    two_hop_seeds,
)
from graphsocial.diffusion.seed_selection import two_hop_seeds as module
from graphsocial.errors import SchemaError
from tests.diffusion.seed_selection.exact_reach import ExactReach, small_model


def plainly(spread: SpreadGraph, chance: np.ndarray, k: int, hops: int, allowed: np.ndarray) -> list[int]:
    """All worths by matrices, anew after each seed; those seen once are discounted, later walks beyond them are not."""
    nodes = spread.num_nodes
    edge = np.zeros((nodes, nodes))
    np.add.at(edge, (spread.source, spread.target), chance)
    ahead = np.ones(nodes) + (edge.sum(axis=1) if hops > 1 else 0.0)
    left, seeds = np.ones(nodes), []
    for _ in range(k):
        worth = left * (1 + (edge @ (left * ahead) if hops else 0.0))
        worth[~allowed] = -1
        worth[seeds] = -1
        seeds.append(int(np.argmax(np.round(worth, 9))))
        for u, v, p in zip(spread.source, spread.target, chance, strict=True):
            left[v] *= 1 - p if u == seeds[-1] else 1.0
        left[seeds[-1]] = 0.0
    return seeds


@pytest.mark.parametrize("hops", [0, 1, 2])
@pytest.mark.parametrize("looked_at", [1, 8])
def test_it_is_plain_greedy(hops: int, looked_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few nodes are looked at first."""
    monkeypatch.setattr(module, "LOOKED_AT", looked_at)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        spread = SpreadGraph.from_edges(rng.integers(40, size=150), (40 * rng.random(150) ** 2).astype(int), 40)
        model = IndependentCascade(Activation(spread, rng.random(spread.num_edges) ** 3))
        allowed = rng.random(40) < 0.7
        found = module.two_hop_nodes(model, 12, allowed, hops)
        assert found.tolist() == plainly(spread, model.activation.probability, 12, hops, allowed)


def test_by_hand() -> None:
    # 0 -> 1 -> 2 -> 3 with .5: two hops count 1 + .5 + .25; 4 -> 5, 4 -> 6 with .5 count 2; 7 is alone
    spread = SpreadGraph.from_edges([0, 1, 2, 4, 4], [1, 2, 3, 5, 6], 8)
    model = IndependentCascade(Activation.uniform(spread, 0.5))
    # after 4: 0 and 1 count 1.75; after 0: 1 counts half of 1.75, 2 counts 1.5
    assert list(two_hop_seeds(model, 3)) == [4, 0, 2]
    assert list(two_hop_seeds(model, 2, candidates=[3, 2])) == [2, 3]
    assert list(two_hop_seeds(LinearThreshold(Influence.even(spread)), 1)) == [0]
    assert repr(two_hop_seeds(model, 1)) == "1 seeds by walks of two hops\n  seed\n  4"
    with pytest.raises(SchemaError, match="IndependentCascade or a LinearThreshold, got SI"):
        two_hop_seeds(SI(spread, 0.5), 1)  # type: ignore[arg-type]


def test_everybody_and_no_edges() -> None:
    empty = IndependentCascade(Activation.uniform(SpreadGraph.from_edges([], [], 3), 0.5))
    assert list(two_hop_seeds(empty, 3)) == [0, 1, 2]
    sure = IndependentCascade(Activation.uniform(SpreadGraph.from_edges([0, 0], [1, 2]), 1.0))
    assert list(two_hop_seeds(sure, 3)) == [0, 1, 2]


def test_few_sets_are_enough_to_prove_a_good_guess() -> None:
    rng = np.random.default_rng(3)
    spread = SpreadGraph.from_edges(rng.integers(3_000, size=12_000), (3_000 * rng.random(12_000) ** 2).astype(int))
    model = IndependentCascade(Activation.weighted_cascade(spread))
    seeds = select_seeds(model, 30, rng=1, method=OpimC(0.4, shortfall=1), threads=1)
    guess = two_hop_seeds(model, 30)
    assert set(seeds) == set(guess) and seeds.sets < 10_000
    assert (np.diff(seeds.gain) <= 0).all()
    true = spread_summary(model, guess, 4_000, rng=5).mean
    assert seeds.lower <= true <= seeds.upper and seeds.factor >= 1 - 1 / np.e - 0.4
    assert true > 1.05 * spread_summary(model, highest_degree(model, 30), 4_000, rng=5).mean


def test_a_wrong_guess_is_given_up() -> None:
    # a chain of 30 sure edges reaches 31, each of ten stars with 8 leaves reaches 9, but all of them within two hops
    chain = [(i, i + 1) for i in range(30)]
    stars = [(100 + 10 * s, 101 + 10 * s + leaf) for s in range(10) for leaf in range(8)]
    spread = SpreadGraph.from_edges(*zip(*chain, *stars, strict=True))
    model = IndependentCascade(Activation.uniform(spread, 1.0))
    assert set(two_hop_seeds(model, 2)) <= {100 + 10 * s for s in range(10)}
    seeds = select_seeds(model, 2, rng=1, threads=1)
    assert seeds[0] == 0 and seeds[1] >= 100 and seeds.spread == pytest.approx(40, rel=0.05)


@pytest.mark.parametrize("kind", ["even", "uneven", "threshold"])
def test_bounds_hold_whichever_is_taken(kind: str) -> None:
    wrong = 0
    for seed in range(25):
        model = small_model(kind, seed)
        exact = ExactReach(model)
        seeds = select_seeds(model, 2, rng=seed, method=OpimC(0.4, 0.1, shortfall=1), threads=1)
        true = exact.spread(list(seeds))
        wrong += not (seeds.lower <= true * (1 + 1e-6) and exact.best(2) <= seeds.upper * (1 + 1e-6))
    assert wrong <= 2

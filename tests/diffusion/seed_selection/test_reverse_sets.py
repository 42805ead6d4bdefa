"""Reverse-reachable sets against every graph of edges that may carry."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
from graphsocial.diffusion.seed_selection.reverse_sampler import reverse_sampler
from graphsocial.diffusion.seed_selection.reverse_sets import ReverseSets
from graphsocial.errors import SchemaError
from tests.diffusion.seed_selection.exact_reach import ExactReach, small_model

KINDS = ("even", "uneven", "threshold")


def members(sets: ReverseSets) -> list[list[int]]:
    return [part.tolist() for part in np.split(sets.node, sets.offsets[1:-1])]


def meets(sets: ReverseSets, nodes: int) -> np.ndarray:
    """Whether each set has each node, bool [set, node]."""
    table = np.zeros((len(sets), nodes), dtype=bool)
    table[np.repeat(np.arange(len(sets)), np.diff(sets.offsets)), sets.node] = True
    return table


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("deadline", [None, 0, 1, 2])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_share_of_sets_met_is_unbiased_for_all_small_seed_sets(kind: str, deadline: int | None, seed: int) -> None:
    model = small_model(kind, seed)
    exact, nodes, count = ExactReach(model), model.spread.num_nodes, 60_000
    sets = ReverseSets(reverse_sampler(model), 11, deadline, threads=1)
    sets.extend(count)
    has = meets(sets, nodes)
    assert (np.diff(sets.offsets) == has.sum(axis=1)).all()  # nobody stands twice
    for k in (1, 2):
        for seeds in combinations(range(nodes), k):
            share = exact.spread(seeds, deadline) / nodes
            z = (has[:, seeds].any(axis=1).mean() - share) / np.sqrt(max(share * (1 - share), 1e-12) / count)
            assert abs(z) < 4.5, (seeds, z)


@pytest.mark.parametrize("kind", KINDS)
def test_hub_rows_are_unbiased(kind: str) -> None:
    # one node that 300 others reach: long rows, rare and frequent successes
    rng = np.random.default_rng(5)
    spread = SpreadGraph.from_edges(np.arange(1, 301), np.zeros(300, dtype=np.int64))
    chance = {"even": np.full(300, 0.004), "uneven": rng.random(300) ** 6, "threshold": np.full(300, 1 / 300)}[kind]
    if kind == "threshold":
        from graphsocial.diffusion.influence import Influence
        from graphsocial.diffusion.linear_threshold import LinearThreshold

        model = LinearThreshold(Influence(spread, chance))
    else:
        model = IndependentCascade(Activation(spread, chance))
    sets = ReverseSets(reverse_sampler(model), 3, threads=1)
    count = 400_000
    sets.extend(count)
    first = sets.offsets[:-1]
    of_hub = first[sets.node[first] == 0]
    size = np.diff(sets.offsets)[sets.node[first] == 0]
    hits = np.bincount(
        np.concatenate([sets.node[b + 1 : b + s] for b, s in zip(of_hub, size, strict=True)]), minlength=301
    )
    p = chance.astype(np.float32).astype(np.float64)
    z = (hits[1:] - len(size) * p) / np.sqrt(np.maximum(len(size) * p * (1 - p), 1e-9))
    rare = len(size) * p < 5  # not nearly normal: the sum over them is
    assert np.abs(z[~rare]).max(initial=0) < 4.5
    expected = len(size) * p[rare].sum()
    assert abs(hits[1:][rare].sum() - expected) <= 4.5 * np.sqrt(max(expected, 1)) + 1
    pairs = (size - 1).var(ddof=1) / (p * (1 - p)).sum() if kind != "threshold" else 1.0
    assert abs(pairs - 1) < 4.5 * np.sqrt(3 / len(size)) + 0.1  # successes are independent of each other


@pytest.mark.parametrize("kind", KINDS)
def test_threads_and_growth_change_nothing(kind: str) -> None:
    sampler = reverse_sampler(small_model(kind, 3))
    whole = ReverseSets(sampler, 5, threads=1)
    whole.extend(20_000)
    grown = ReverseSets(sampler, 5, threads=3)
    for count in (7, 7, 3_000, 20_000):
        grown.extend(count)
        assert len(grown) == count
    assert (whole.node == grown.node).all() and (whole.offsets == grown.offsets).all()
    other = ReverseSets(sampler, 6, threads=1)
    other.extend(20_000)
    assert members(other)[:50] != members(whole)[:50]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("threads", [1, 3])
def test_stopping_at_the_seeds_counts_the_same_sets(kind: str, threads: int) -> None:
    model = small_model(kind, 4)
    sets = ReverseSets(reverse_sampler(model), 5, threads=threads)
    sets.extend(12_000)
    has = meets(sets, model.spread.num_nodes)
    for seeds in ([0], [2, 5], [0, 1, 2, 3, 4, 5]):
        assert sets.met_by(np.array(seeds), 12_000) == has[:, seeds].any(axis=1).sum()
    assert sets.met_by(np.array([1]), 300) == has[:300, 1].sum()


def test_sure_and_impossible_edges() -> None:
    chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3], 6)
    sets = ReverseSets(reverse_sampler(IndependentCascade(Activation.uniform(chain, 1.0))), 1, threads=1)
    sets.extend(200)
    assert all(part == list(range(part[0], -1, -1)) for part in members(sets) if part[0] < 4)
    assert all(part == [part[0]] for part in members(sets) if part[0] >= 4)
    assert {part[0] for part in members(sets)} == set(range(6))
    never = ReverseSets(reverse_sampler(IndependentCascade(Activation.uniform(chain, 0.0))), 1, threads=1)
    never.extend(200)
    assert (np.diff(never.offsets) == 1).all()


def test_another_model_is_refused() -> None:
    class Rumour:
        spread = SpreadGraph.from_edges([0], [1])

    with pytest.raises(SchemaError, match="IndependentCascade or a LinearThreshold, got Rumour"):
        reverse_sampler(Rumour())  # type: ignore[arg-type]

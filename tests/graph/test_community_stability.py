"""Stability: certain groups are certain, chance groups are not, and the figures are those of their definitions."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, mutual_info_score

from graphsocial.errors import SchemaError
from graphsocial.graph.groups.community_stability import _best_match, community_stability
from graphsocial.graph.groups.partition_agreement import adjusted_rand, variation_of_information
from tests.graph.test_communities import following
from tests.graph.worlds import random_world

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25)


@given(LABELS)
def test_agreement_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    a, b = np.array(pairs).T
    assert adjusted_rand(a, b) == pytest.approx(adjusted_rand_score(a, b))
    entropies = mutual_info_score(a, a) + mutual_info_score(b, b) - 2 * mutual_info_score(a, b)
    assert variation_of_information(a, b) == pytest.approx(entropies / np.log(2), abs=1e-9)


def test_agreement_by_hand() -> None:
    """One of four nodes moved: of six pairs two and three are together, one in both."""
    a, b = np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])
    expected = 2 * 3 / 6
    assert adjusted_rand(a, b) == pytest.approx((1 - expected) / (2.5 - expected))
    h_b_given_a, h_a_given_b = 0.5, 0.75 * (np.log2(3) - 2 / 3)
    assert variation_of_information(a, b) == pytest.approx(h_b_given_a + h_a_given_b)
    with pytest.raises(SchemaError, match=r"got labels \(4,\) and \(2,\)"):
        adjusted_rand(a, b[:2])
    assert adjusted_rand(a[:0], b[:0]) == 1.0


@given(LABELS)
def test_best_matches_by_brute_force(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.unique(x, return_inverse=True)[1] for x in np.array(pairs).T)
    match, best = _best_match(a, b, a.max() + 1)
    for c in range(a.max() + 1):
        mine = set(np.flatnonzero(a == c))
        every = [len(mine & o) / len(mine | o) for o in (set(np.flatnonzero(b == d)) for d in range(b.max() + 1))]
        assert best[c] == pytest.approx(max(every))
        assert every[match[c]] == pytest.approx(max(every))


def test_cliques_are_certain_and_the_node_between_is_not() -> None:
    """Two cliques of eight, and one node tied to three of each."""
    clique = [(i, j) for i in range(8) for j in range(i)]
    pairs = [*clique * 3, *[(i + 8, j + 8) for i, j in clique] * 3, *((16, n) for n in (0, 1, 2, 8, 9, 10))]
    found = community_stability(following(pairs), runs=40)
    assert len(found) == 2
    assert (found.stability > 0.9).all(), found
    assert (found.node_stability[:16] > 0.9).all()
    assert 0.25 < found.of(("user", "u00016")) < 0.75
    low, high = found.columns()["low"], found.columns()["high"]
    assert (np.asarray(low) <= found.stability).all()
    assert (found.stability <= np.asarray(high)).all()


def test_random_graphs_have_no_stable_communities() -> None:
    planted = nx.planted_partition_graph(4, 30, 0.5, 0.02, seed=1)
    chance = nx.gnm_random_graph(120, planted.number_of_edges(), seed=1)
    sure, unsure = (community_stability(following(list(g.edges()), 120), runs=15) for g in (planted, chance))
    assert sure.adjusted_rand.mean() > 0.9
    assert unsure.adjusted_rand.mean() < 0.4
    assert sure.stability.min() > 0.75
    assert unsure.stability.max() < 0.75
    assert sure.variation.mean() < unsure.variation.mean()


def test_seeds_move_less_than_edges() -> None:
    chance = following(list(nx.gnm_random_graph(120, 500, seed=2).edges()), 120)
    edges, seeds = (community_stability(chance, runs=10, resampling=how) for how in ("edges", "seeds"))  # type: ignore[arg-type]
    assert seeds.adjusted_rand.mean() > edges.adjusted_rand.mean()
    again = community_stability(chance, runs=10, resampling="seeds")
    assert (again.jaccard == seeds.jaccard).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 130), st.booleans())
def test_figures_hang_together(seed: int, end: int, weighted: bool) -> None:
    view = random_world(seed, edges=30).graph().as_of(end)
    found = community_stability(view, weighted=weighted, runs=3, rng=seed)
    part = found.communities
    assert found.jaccard.shape == (3, (part.size > 1).sum())
    assert ((found.jaccard > 0) & (found.jaccard <= 1)).all()
    alone = part.near.degree == 0
    assert (np.isnan(found.node_stability) == alone).all()
    assert ((found.node_stability[~alone] >= 0) & (found.node_stability[~alone] <= 1)).all()
    assert (found.variation >= -1e-12).all()
    assert len(found.to_polars()) == len(found)


def test_erasing_the_future_changes_nothing() -> None:
    for seed in range(6):
        w = random_world(seed, edges=40)
        for t in (30, 61, 90):
            early, erased = (
                community_stability(g, runs=3, rng=seed) for g in (w.graph().as_of(t), w.erased(t).graph().as_of(t))
            )
            assert repr(early) == repr(erased)
            assert (early.jaccard == erased.jaccard).all()
            np.testing.assert_array_equal(early.node_stability, erased.node_stability)


def test_nothing_to_resample() -> None:
    for graph in (following([]), following([(0, 0)], nodes=3)):
        found = community_stability(graph, runs=2)
        assert repr(found) == "stability of 0 communities"
        assert found.plot() is not None


def test_wrong_questions_are_answered_in_words() -> None:
    graph = following([(0, 1)])
    with pytest.raises(
        SchemaError, match=r"unknown resampling 'edge', expected one of edges, seeds\. Did you mean 'edges'"
    ):
        community_stability(graph, resampling="edge")  # type: ignore[arg-type]
    for runs in (0, 1.5, True):
        with pytest.raises(SchemaError, match="got runs="):
            community_stability(graph, runs=runs)  # type: ignore[arg-type]

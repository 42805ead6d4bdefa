"""Betweenness and harmonic centrality against NetworkX, exact and sampled with an honest error."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.graph.adjacency import WALKS
from graphsocial.graph.centrality.betweenness import betweenness
from graphsocial.graph.centrality.betweenness_kernel import dependency_sums
from graphsocial.graph.centrality.harmonic import harmonic
from graphsocial.graph.centrality.node_scores import NodeScores
from graphsocial.graph.centrality.pivots import draw_pivots
from tests.graph.walks import REPLY, replies, stepped
from tests.graph.worlds import REPOST, random_world

CENTRALITIES = [betweenness, harmonic]
Centrality = Callable[..., NodeScores]


def test_by_hand() -> None:
    # from a to d two ways, through b and through c; e hangs on d; f is alone with himself
    found = betweenness(replies("ab ac bd cd de ff ab"), [REPLY], "out", normalised=False)
    assert {name: found.of(("user", name)) for name in "abcdef"} == {"a": 0, "b": 1, "c": 1, "d": 3, "e": 0, "f": 0}
    assert betweenness(replies("ab bc"), [REPLY]).top(1) == {("user", "b"): 1.0}
    near = harmonic(replies("ab ac bd cd de ff ab"), [REPLY], "out")
    assert near.of(("user", "e")) == pytest.approx((1 + 1 / 2 + 1 / 2 + 1 / 3) / 5)
    assert near.of(("user", "a")) == 0


@pytest.mark.parametrize("walk", WALKS)
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 120), st.booleans(), st.booleans())
def test_against_networkx(walk: str, seed: int, end: int, one: bool, normalised: bool) -> None:
    view = random_world(seed, edges=25).graph().as_of(end)
    edge_types = [REPOST] if one else None
    steps = nx.DiGraph(stepped(view, walk, edge_types))
    plain = steps.to_undirected() if walk == "both" else steps
    found = betweenness(view, edge_types, walk, normalised=normalised)  # type: ignore[arg-type]
    expected = nx.betweenness_centrality(plain, normalized=normalised)
    assert {key: found.of(key) for key in plain} == pytest.approx(expected)
    near, others = harmonic(view, edge_types, walk), max(len(plain) - 1, 1)  # type: ignore[arg-type]
    expected = {key: value / others for key, value in nx.harmonic_centrality(plain).items()}
    assert {key: near.of(key) for key in plain} == pytest.approx(expected)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 90), st.floats(0, 4), st.sampled_from([np.int32, np.int64]))
def test_sums_over_pivots_against_single_pivots(seed: int, count: int, edges_per_node: float, kind: type) -> None:
    graph = nx.gnm_random_graph(count, int(edges_per_node * count), seed=seed, directed=True)
    indptr = np.cumsum([0, *(len(graph[v]) for v in range(count))])
    neighbour = np.array([w for v in range(count) for w in graph[v]], dtype=kind)
    rows = (indptr[:-1], indptr[1:], neighbour)
    alone = np.array([dependency_sums(*rows, np.array([v]))[0] for v in range(count)])
    total, square = dependency_sums(*rows, np.arange(count))
    assert total == pytest.approx(list(nx.betweenness_centrality(graph, normalized=False).values()))
    assert total == pytest.approx(alone.sum(0)) and square == pytest.approx((alone**2).sum(0))


def test_threads_change_nothing() -> None:
    graph = nx.to_scipy_sparse_array(nx.gnm_random_graph(300, 900, seed=1), format="csr")
    rows = (graph.indptr[:-1].astype(np.int64), graph.indptr[1:].astype(np.int64), graph.indices.astype(np.int32))
    expected = dependency_sums(*rows, np.arange(300), threads=1)
    for threads in (2, 3, 8):
        found = dependency_sums(*rows, np.arange(300), threads=threads)
        assert found[0].tolist() == expected[0].tolist() and found[1].tolist() == expected[1].tolist()
    world = random_world(3, users=300, edges=900).graph()
    assert harmonic(world, threads=1).score.tolist() == harmonic(world, threads=3).score.tolist()


@pytest.mark.parametrize("centrality", CENTRALITIES)
def test_the_error_is_that_of_the_draw(centrality: Centrality) -> None:
    graph = random_world(3, users=80, edges=260).graph()
    truth = centrality(graph, [REPOST]).score
    draws = [centrality(graph, [REPOST], samples=24, rng=seed) for seed in range(300)]
    values, errors = np.array([d.score for d in draws]), np.array([d.score_error for d in draws])
    spread = values.std(0)
    busy = truth > np.quantile(truth, 0.5)
    assert np.abs(values.mean(0) - truth).max() < (5 * spread / np.sqrt(len(draws)) + 1e-12).max()
    assert (np.abs(values.mean(0) - truth) <= 5 * spread / np.sqrt(len(draws)) + 1e-12).all(), "unbiased"
    assert np.sqrt((errors[:, busy] ** 2).mean(0)) == pytest.approx(spread[busy], rel=0.25)
    assert (np.sqrt((errors[:, busy] ** 2).mean(0)) / spread[busy]).mean() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("centrality", CENTRALITIES)
def test_as_many_samples_as_nodes_are_exact(centrality: Centrality) -> None:
    graph = random_world(5, edges=30).graph()
    found = centrality(graph, samples=1_000, rng=0)
    assert found.error is None and found.score.tolist() == centrality(graph).score.tolist()
    again = [centrality(graph, samples=5, rng=rng) for rng in (3, np.random.default_rng(3))]
    assert again[0].to_arrow().equals(again[1].to_arrow())
    assert again[0].to_arrow().column_names[-1] == "error"


@pytest.mark.parametrize("end", [20, 61, 90])
@pytest.mark.parametrize("centrality", CENTRALITIES)
def test_the_future_changes_nothing(end: int, centrality: Centrality) -> None:
    for seed in range(5):
        world = random_world(seed, edges=25)
        late, erased = world.graph().as_of(end), world.erased(end).graph().as_of(end)
        for walk in WALKS:
            assert centrality(late, walk=walk).to_arrow().equals(centrality(erased, walk=walk).to_arrow())
        a, b = centrality(late, samples=4, rng=1), centrality(erased, samples=4, rng=1)
        assert a.to_arrow().equals(b.to_arrow())


@pytest.mark.parametrize("centrality", CENTRALITIES)
def test_bad_requests_say_what_is_wrong(centrality: Centrality) -> None:
    graph = replies("ab bc ca")
    for samples in (1, 0, -3, 2.5, True):
        with pytest.raises(SchemaError, match=r"got samples=.*, expected a whole number of at least 2"):
            centrality(graph, samples=samples, rng=0)
    for rng in (None, "0", 1.5):
        with pytest.raises(SchemaError, match=r"rng=.*, expected a seed value or generator, such as rng=0"):
            centrality(graph, samples=2, rng=rng)
    with pytest.raises(SchemaError, match="got rng=-1, expected a seed value of at least 0"):
        centrality(graph, samples=2, rng=-1)
    with pytest.raises(SchemaError, match="unknown walk"):
        centrality(graph, walk="between")
    assert len(centrality(graph.as_of(-5))) == 0
    assert len(centrality(graph.as_of(-5), samples=3, rng=0)) == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 50), st.integers(2, 60), st.integers(0, 1_000))
def test_pivots_are_distinct_nodes(count: int, samples: int, seed: int) -> None:
    found = draw_pivots(count, samples, seed)
    assert len(set(found.tolist())) == len(found) == min(samples, count)
    assert set(found.tolist()) <= set(range(count))

"""Spread graphs of arrays and of views, and the activation probabilities over them."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphsocial as gs
from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph, simulate, spread_graph
from graphsocial.errors import LeakageError, SchemaError, UnknownNodeError
from tests.graph.worlds import CRAWL, FOLLOW, REPOST, SHARE, random_world

EDGES = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=40)


@given(EDGES)
def test_rows_hold_the_edges_in_order(edges: list[tuple[int, int]]) -> None:
    source, target = [e[0] for e in edges], [e[1] for e in edges]
    spread = SpreadGraph.from_edges(
        np.array(source, dtype=int), np.array(target, dtype=int), 9, edge_values={"place": np.arange(len(edges))}
    )
    assert list(zip(spread.source.tolist(), spread.target.tolist(), strict=True)) == sorted(edges)
    assert [edges[i] for i in spread.edge_value("place")] == sorted(edges)
    assert spread.in_degree.tolist() == [target.count(v) for v in range(9)]
    assert spread.out_degree.tolist() == [source.count(v) for v in range(9)]
    back = spread.reverse
    ends = [(int(s), v) for v in range(9) for s in back.source[back.indptr[v] : back.indptr[v + 1]]]
    assert ends == [(int(spread.source[e]), int(spread.target[e])) for e in back.edge]
    assert sorted(back.edge.tolist()) == list(range(len(edges)))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("end", [None, 30, CRAWL, 90])
def test_a_view_spreads_along_its_flow(seed: int, end: int | None) -> None:
    graph = random_world(seed).graph()
    view = graph if end is None else graph.as_of(end)
    for relation in (FOLLOW, REPOST):
        spread = spread_graph(view, relation)
        edges = view.edges(relation)
        ids = view.node_ids("user")
        pairs: dict[tuple[str, str], int] = {}
        for follower, followee in zip(ids[edges.src], ids[edges.dst], strict=True):
            if follower != followee:  # influence runs from whom one follows or reposts
                pairs[followee, follower] = pairs.get((followee, follower), 0) + 1
        found = zip(spread.keys(spread.source), spread.keys(spread.target), strict=True)
        assert {(a[1], b[1]): int(c) for (a, b), c in zip(found, spread.edge_value("count"), strict=True)} == pairs
        assert spread.known_until == view.end and spread.node_type == "user"
    both = spread_graph(view, [FOLLOW, REPOST])
    counts = sum(spread_graph(view, r).edge_value("count").sum() for r in (FOLLOW, REPOST))
    assert both.edge_value("count").sum() == counts


def test_edges_of_unknown_time_count_from_the_crawl_or_always() -> None:
    graph = random_world(1).graph()
    early = graph.as_of(CRAWL - 20)
    honest, assumed = spread_graph(early, FOLLOW), spread_graph(early, FOLLOW, assume_always=True)
    assert assumed.num_edges > honest.num_edges
    assert any("taken to be older than everything" in a for a in assumed.assumptions)
    assert "unknown time are known from the crawl on" in " ".join(spread_graph(graph, FOLLOW).assumptions)
    known = set(early.node_ids("user"))
    assert set(assumed.ids) <= known


def test_values_of_parallel_edges_add_up() -> None:
    graph = random_world(2).graph()
    spread = spread_graph(graph, REPOST, edge_values=["weight"], node_values=["followers"])
    edges, weight = graph.edges(REPOST), graph.edge_column(REPOST, "weight").to_pandas().to_numpy(float)
    total: dict[tuple[int, int], float] = {}
    for s, t, w in zip(edges.src, edges.dst, weight, strict=True):
        if s != t:
            total[int(t), int(s)] = total.get((int(t), int(s)), 0.0) + w
    expected = [total[int(s), int(t)] for s, t in zip(spread.source, spread.target, strict=True)]
    assert np.allclose(spread.edge_value("weight"), expected, equal_nan=True)
    followers = graph.column("user", "followers").to_pylist()
    assert np.array_equal(
        spread.node_value("followers"), [np.nan if f is None else f for f in followers], equal_nan=True
    )


@pytest.mark.parametrize(
    ("relation", "more", "message"),
    [
        (SHARE, {}, "expected relations between nodes of one type"),
        (("user", "folow", "user"), {}, "follow"),
        (FOLLOW, {"edge_values": ["weight"]}, "no column 'weight'"),
        (REPOST, {"edge_values": ["wieght"]}, "Did you mean 'weight'?"),
        (FOLLOW, {"node_values": ["name"]}, "expected numbers"),
    ],
)
def test_relations_and_columns_that_do_not_fit(relation: Any, more: dict, message: str) -> None:
    with pytest.raises(SchemaError, match=message.replace("?", r"\?")):
        spread_graph(random_world(0).graph(), relation, **more)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0], [1, 2]), "1 sources and 2 targets"),
        (([0.5], [1]), "expected whole numbers"),
        (([-1], [1]), "source got -1"),
        (([0], [5], 3), "target got 5, expected 0 to 2"),
        (([0], [1], 2, ["a"]), "got 1 ids, expected 2"),
        (([0], [1], 2, ["a", "a"]), "stands twice"),
        (([0], [1], 2, None, {"w": [1.0, 2.0]}), "one per edge"),
    ],
)
def test_arrays_that_do_not_fit(arguments: tuple, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        SpreadGraph.from_edges(*arguments)


def test_nodes_are_found_by_id() -> None:
    spread = SpreadGraph.from_edges([0, 1], [1, 2], ids=["ann", "bob", "cy"])
    assert spread.numbers(["cy", ("user", "ann")]).tolist() == [2, 0]
    with pytest.raises(UnknownNodeError, match="Did you mean 'ann'"):
        spread.numbers(["anne"])
    graph = spread_graph(random_world(0).graph(), FOLLOW)
    with pytest.raises(UnknownNodeError, match="nodes are of type 'user'"):
        graph.numbers([("post", "p1")])
    with pytest.raises(SchemaError, match="no edge values 'wieght'"):
        spread.edge_value("wieght")


# ---- activation probabilities


def test_weighted_cascade_and_trivalency() -> None:
    graph = nx.gnp_random_graph(30, 0.2, seed=1, directed=True)
    spread = SpreadGraph.from_edges([u for u, _ in graph.edges], [v for _, v in graph.edges], 30)
    chance = Activation.weighted_cascade(spread).probability
    sums = np.bincount(spread.target, chance, 30)
    assert np.allclose(sums[spread.in_degree > 0], 1)
    drawn = Activation.trivalency(spread, rng=1).probability
    assert set(np.unique(drawn)) <= {np.float32(p) for p in (0.1, 0.01, 0.001)} and len(np.unique(drawn)) == 3
    assert np.array_equal(drawn, Activation.trivalency(spread, rng=1).probability)


def test_pairs_have_to_be_complete() -> None:
    spread = SpreadGraph.from_edges([0, 0], [1, 2], ids=["ann", "bob", "cy"])
    whole = {("ann", "bob"): 0.25, ("ann", "cy"): 0.5}
    assert Activation.of_pairs(spread, whole).probability.tolist() == [0.25, 0.5]
    with pytest.raises(SchemaError, match=r"1 edges have none, such as \('ann', 'cy'\)"):
        Activation.of_pairs(spread, {("ann", "bob"): 0.25})
    with pytest.raises(SchemaError, match=r"1 pairs are no edges, such as \('bob', 'ann'\)"):
        Activation.of_pairs(spread, {**whole, ("bob", "ann"): 0.1})


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan"), float("inf")])
def test_probabilities_outside_the_unit_interval(wrong: float) -> None:
    spread = SpreadGraph.from_edges([0, 0], [1, 2], ids=["ann", "bob", "cy"])
    with pytest.raises(SchemaError, match=r"edge ann -> cy got .*expected a number of \[0, 1\]"):
        Activation(spread, np.array([0.5, wrong]))
    with pytest.raises(SchemaError, match=r"expected a number of \[0, 1\]"):
        Activation.uniform(spread, wrong)
    with pytest.raises(SchemaError, match="one per edge"):
        Activation(spread, np.array([0.5]))


def test_what_was_fitted_later_does_not_serve_an_earlier_graph() -> None:
    graph = random_world(0).graph()
    early = spread_graph(graph.as_of(80), FOLLOW)
    half = np.full(early.num_edges, 0.5)
    for known_until in (81, None):
        with pytest.raises(LeakageError, match="allow_future_model"):
            Activation(early, half, "fitted", known_until, fitted=True)
        used = Activation(early, half, "fitted", known_until, fitted=True, allow_future_model=True)
        assert used.allow_future_model
    assert Activation(early, half, "fitted", 80, fitted=True).known_until == 80
    assert Activation(early, half, "given").known_until is None


def test_a_model_needs_an_activation() -> None:
    with pytest.raises(SchemaError, match="expected an Activation"):
        IndependentCascade(0.1)  # type: ignore[arg-type]


def test_seeds_and_members_are_the_graphs_own_ids() -> None:
    graph = random_world(3).graph()
    spread = gs.spread_graph(graph, FOLLOW)
    first = spread.ids[0]
    runs = simulate(IndependentCascade(Activation.uniform(spread, 0.5)), [("user", first)], 20, rng=1)
    assert isinstance(runs, gs.CascadeSet)
    assert set(runs.node) <= set(graph.node_ids("user")) and (runs.node[runs.offsets[:-1]] == first).all()

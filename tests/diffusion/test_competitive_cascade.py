"""Competitive cascades against exact distributions, and what they refuse."""

from __future__ import annotations

import re

import numpy as np
import pytest

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph, simulate
from graphsocial.diffusion.competitive_cascade import Campaign, CompetitiveCascade, Tie
from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph.cascades import CascadeSet
from tests.diffusion.enumeration import (
    assert_agrees,
    assert_rate,
    competitive_cascade,
    cut_short,
    edges_of,
    histories,
    independent_cascade,
    small_graph,
)

RUNS = 40_000


def model_of(spread: SpreadGraph, seeds: list[list[int]], tie: Tie, rng: int) -> CompetitiveCascade:
    draw = np.random.default_rng(rng)
    campaigns = [
        Campaign(f"c{i}", Activation(spread, draw.choice([0.0, 0.2, 0.5, 0.9, 1.0], spread.num_edges)), s)
        for i, s in enumerate(seeds)
    ]
    return CompetitiveCascade(campaigns, tie)


def entries(cascades: CascadeSet, nodes: int, count: int) -> np.ndarray:
    """Entries as the enumeration writes them: step * campaigns + campaign."""
    run = np.repeat(np.arange(len(cascades)), cascades.size)
    table = np.full((len(cascades), nodes), -1, dtype=np.int64)
    table[run, cascades.node.astype(np.int64)] = cascades.time * count + cascades.marks["campaign"].astype(np.int64)
    return table


@pytest.mark.parametrize("tie", ["random", "priority"])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("horizon", [None, 2])
def test_exact(seed: int, tie: Tie, horizon: int | None) -> None:
    spread = small_graph(seed, 6, 14)
    seeds = ([[0], [1]], [[2, 0], [5]], [[0], [1], [2]])[seed]
    model = model_of(spread, seeds, tie, seed)
    edges = [edges_of(spread, c.activation.probability) for c in model.campaigns]
    runs = simulate(model, model.seeds, RUNS, rng=seed, horizon=horizon)
    assert_agrees(entries(runs, 6, len(seeds)), competitive_cascade(6, edges, seeds, tie, horizon))
    if horizon is None:
        assert not runs.censored.any()
        return
    seen = entries(runs, 6, len(seeds))
    time, who = np.where(seen < 0, -1, seen // len(seeds)), seen % len(seeds)
    open_ones = [
        cut_short(np.where(who == c, time, np.where(time < 0, -1, 0)), e, horizon) for c, e in enumerate(edges)
    ]
    assert runs.censored.tolist() == np.any(open_ones, axis=0).tolist()


def test_one_campaign_is_an_independent_cascade() -> None:
    spread = small_graph(3)
    model = model_of(spread, [[0, 4]], "random", 3)
    exact = independent_cascade(6, edges_of(spread, model.campaigns[0].activation.probability), [0, 4])
    assert_agrees(histories(simulate(model, model.seeds, RUNS, rng=3), 6), exact)
    assert_agrees(histories(simulate(IndependentCascade(model.campaigns[0].activation), [0, 4], RUNS, rng=3), 6), exact)


def test_ties_follow_the_rule() -> None:
    """Three of one campaign and one of the other reach the same node at once."""
    spread = SpreadGraph.from_edges([0, 1, 2, 3], [4, 4, 4, 4])
    sure = Activation.uniform(spread, 1.0)
    many, one = Campaign("many", sure, [0, 1, 2]), Campaign("one", sure, [3])
    for campaigns, tie, chance in (
        ([many, one], "random", 0.25),
        ([many, one], "priority", 0.0),
        ([one, many], "priority", 1.0),
    ):
        model = CompetitiveCascade(campaigns, tie)
        runs = simulate(model, model.seeds, RUNS, rng=5)
        won = (model.sizes(runs)[:, [c.name for c in campaigns].index("one")] == 2).sum()
        assert_rate(won, RUNS, chance)
        child = np.flatnonzero(runs.parent >= 0)
        assert (runs.marks["campaign"][child] == runs.marks["campaign"][runs.parent[child]]).all()
    every = runs.node[runs.parent[child]].astype(np.int64)
    assert set(every.tolist()) == {3}


def test_every_successful_attempt_is_as_likely_the_parent() -> None:
    spread = SpreadGraph.from_edges(np.arange(5), np.full(5, 5))
    model = CompetitiveCascade([Campaign("a", Activation.uniform(spread, 1.0), range(5))])
    runs = simulate(model, model.seeds, RUNS, rng=6)
    parent = runs.node[runs.parent[runs.parent >= 0]].astype(np.int64)
    assert_rate(np.bincount(parent, minlength=5), RUNS, np.full(5, 0.2))


def test_threads_and_length_change_nothing() -> None:
    spread = small_graph(1, 40, 300)
    model = model_of(spread, [[0, 1], [2], [3, 4]], "random", 9)
    one, three, short = (simulate(model, model.seeds, n, rng=8, threads=t) for n, t in ((500, 1), (500, 3), (120, 2)))
    for a, b in ((one, three), (one, short)):
        last = b.offsets[-1]
        assert (
            (a.node[:last] == b.node).all() and (a.parent[:last] == b.parent).all() and (a.time[:last] == b.time).all()
        )
        assert (a.marks["campaign"][:last] == b.marks["campaign"]).all()


def test_wrong_campaigns_say_what_is_wrong() -> None:
    spread = SpreadGraph.from_edges([0, 1], [1, 2], ids=["ann", "bob", "cy"])
    other = SpreadGraph.from_edges([0], [1])
    sure = Activation.uniform(spread, 1.0)
    a, b = Campaign("a", sure, ["ann"]), Campaign("b", sure, ["cy"])
    for campaigns, tie, message in (
        ([], "random", "campaigns, expected a list such as"),
        ([a, sure], "random", "campaigns, expected a list such as"),
        ([a, b], "priorty", "tie='priorty', expected 'random' or 'priority'. Did you mean 'priority'?"),
        ([a, Campaign("a", sure, ["bob"])], "random", "campaign 'a' stands twice"),
        (
            [a, Campaign("b", Activation.uniform(other, 1.0), [0])],
            "random",
            "campaign 'b' is over another graph than 'a'",
        ),
        ([a, Campaign("b", sure, [])], "random", "campaign 'b' has no seeds"),
        ([a, Campaign("b", sure, ["cy", "ann"])], "random", "node 'ann' is a seed of 'a' and of 'b'"),
        ([a, Campaign("b", sure, ["cy", "cy"])], "random", "node 'cy' stands twice in the seeds of 'b'"),
    ):
        with pytest.raises(SchemaError, match=re.escape(message)):
            CompetitiveCascade(campaigns, tie)  # type: ignore[arg-type]
    with pytest.raises(UnknownNodeError, match="Did you mean 'ann'"):
        CompetitiveCascade([Campaign("a", sure, ["anne"])])
    model = CompetitiveCascade([a, b])
    for seeds in (["ann"], ["ann", "bob", "cy"], ["ann", "bob"]):
        with pytest.raises(
            SchemaError, match=re.escape("but the campaigns begin at 'ann', 'cy'; pass seeds=model.seeds")
        ):
            simulate(model, seeds, 1, rng=0)
    assert simulate(model, ["cy", "ann"], 1, rng=0).marks["campaign"].tolist() == [1, 0, 0]
    with pytest.raises(SchemaError, match='no mark "campaign"'):
        model.sizes(simulate(IndependentCascade(sure), ["ann"], 1, rng=0))

"""Seed sets say what they were selected by, and are refused where that is still to come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from graphsocial.diffusion import (
    SI,
    Activation,
    Campaign,
    CompetitiveCascade,
    IndependentCascade,
    Influence,
    LinearThreshold,
    SeedSet,
    SpreadGraph,
    TemporalIndependentCascade,
    block_edges,
    block_nodes,
    celf,
    compare_seed_sets,
    degree_discount,
    highest_degree,
    pagerank_seeds,
    random_seeds,
    select_seeds,
    simulate,
    spread_graph,
    spread_summary,
    temporal_spread,
    two_hop_seeds,
)
from graphsocial.errors import LeakageError
from graphsocial.graph import SocialGraph
from graphsocial.schema import Schema

FOLLOW = ("user", "follow", "user")
EDGES = {"src": ["bob", "cy", "cy", "dee"], "dst": ["ann", "bob", "ann", "cy"], "time": [1, 2, 3, 9]}


def whole() -> SocialGraph:
    return SocialGraph.build(Schema({"user": {}}, {FOLLOW: {}}), {}, {FOLLOW: pa.table(EDGES)})


def spread_until(end: int | None) -> SpreadGraph:
    graph = whole() if end is None else whole().as_of(end)
    return spread_graph(graph, FOLLOW)


def cascade(end: int | None) -> IndependentCascade:
    return IndependentCascade(Activation.uniform(spread_until(end), 0.5))


SELECTORS: dict[str, Callable[[Any], SeedSet]] = {
    "opim_c": lambda model: select_seeds(model, 1, rng=1),
    "celf": lambda model: celf(model, 1, rng=1, samples=20),
    "degree_discount": lambda model: degree_discount(model, 1),
    "highest_degree": lambda model: highest_degree(model, 1),
    "pagerank": lambda model: pagerank_seeds(model, 1),
    "random": lambda model: random_seeds(model, 1, rng=1, candidates=["ann"]),
    "two_hop": lambda model: two_hop_seeds(model, 1),
}

USES: dict[str, Callable[..., Any]] = {
    "simulate": lambda model, seeds, **allow: simulate(model, seeds, 4, rng=1, **allow),
    "spread_summary": lambda model, seeds, **allow: spread_summary(model, seeds, 4, rng=1, **allow),
    "compare_seed_sets": lambda model, seeds, **allow: compare_seed_sets(
        model, {"ann": ["ann"], "later": seeds}, 4, rng=1, **allow
    ),
    "block_nodes": lambda model, seeds, **allow: block_nodes(model, seeds, 1, rng=1, samples=4, runs=4, **allow),
    "block_edges": lambda model, seeds, **allow: block_edges(model, seeds, 1, rng=1, samples=4, runs=4, **allow),
    "campaign": lambda model, seeds, **allow: CompetitiveCascade([Campaign("a", model.activation, seeds, **allow)]),
}


@pytest.mark.parametrize("name", SELECTORS)
def test_each_way_to_select_says_until_when(name: str) -> None:
    for end in (4, None):
        seeds = SELECTORS[name](cascade(end))
        assert (seeds.known_until, seeds.selected) == (end, True) and list(seeds) == ["ann"]
    assert "selected by what came before 1970-01-01 00:00:04Z" in SELECTORS[name](cascade(4)).title()


@pytest.mark.parametrize("use", USES)
def test_seeds_selected_later_than_the_graph_ends_are_refused(use: str) -> None:
    early, later, everything = cascade(4), highest_degree(cascade(5), 1), highest_degree(cascade(None), 1)
    with pytest.raises(
        LeakageError, match=r"seeds by highest degree knows what came before 1970-01-01 00:00:05Z, but the graph ends"
    ):
        USES[use](early, later)
    with pytest.raises(LeakageError, match=r"knows everything.*allow_future_model=True"):
        USES[use](early, everything)
    USES[use](early, later, allow_future_model=True)
    for fine in (highest_degree(cascade(4), 1), highest_degree(cascade(3), 1), list(later), SeedSet(("ann",), "hand")):
        USES[use](early, fine)
    USES[use](cascade(None), later)


def test_other_models_refuse_them_as_well() -> None:
    later = highest_degree(cascade(5), 1)
    spread = spread_until(4)
    contacts = TemporalIndependentCascade(temporal_spread(whole().as_of(4), FOLLOW), 0.5)
    for model in (LinearThreshold(Influence.even(spread)), SI(spread, 0.5), contacts):
        with pytest.raises(LeakageError, match="seeds by highest degree"):
            simulate(model, later, 2, rng=1, horizon=9)  # type: ignore[arg-type]
        simulate(model, later, 2, rng=1, horizon=9, allow_future_model=True)  # type: ignore[arg-type]


def test_seeds_know_what_the_numbers_of_their_model_knew() -> None:
    """Numbers from after the graph's end, which their own switch allows, do not get lost in the seeds."""
    spread = spread_until(4)
    chances = Activation(spread, [0.5] * spread.num_edges, "fitted", 7, True, allow_future_model=True)
    weights = Influence(spread, [0.5] * spread.num_edges, "fitted", 7, True, allow_future_model=True)
    for model in (IndependentCascade(chances), LinearThreshold(weights)):
        for seeds in (select_seeds(model, 1, rng=1), celf(model, 1, rng=1, samples=4)):
            assert seeds.known_until == 7
            with pytest.raises(LeakageError):
                simulate(cascade(4), seeds, 1, rng=1)
    assert degree_discount(IndependentCascade(chances), 1).known_until == 7
    assert highest_degree(IndependentCascade(chances), 1).known_until == 4, "looks at the graph alone"
    everything = replace(chances, known_until=None)
    assert select_seeds(IndependentCascade(everything), 1, rng=1).known_until is None

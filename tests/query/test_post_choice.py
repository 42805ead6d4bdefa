"""Whom to seed and what to block for one post, beside what is chosen without its content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from graphsocial.diffusion import SpreadGraph
from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.diffusion.virality_law import ViralityLaw
from graphsocial.embed import EmbeddingTable, hashing_embeddings
from graphsocial.embed.contents import node_contents
from graphsocial.errors import LeakageError, NotFittedError, SchemaError, UnknownNodeError
from graphsocial.graph import CascadeSet, SocialGraph
from graphsocial.learn.activation.candidate_edges import OUTSIDE
from graphsocial.learn.activation.learned_activation import LearnedActivation
from graphsocial.learn.activation.post_spread import PostSpread
from graphsocial.query import Engine
from graphsocial.query.greedy_blocking import greedy_blocking
from graphsocial.query.greedy_seeds import greedy_seeds
from graphsocial.query.horizon_edges import horizon_edges
from graphsocial.query.post_choice import BLIND, FOR_THIS, PostChoice
from graphsocial.query.what_if import NOT_CAUSAL
from tests.learn.activation.planted_spread import HORIZON, OBSERVE, PlantedSpread
from tests.learn.activation.post_world import FOLLOW, QUICK, REPOST, graph_of
from tests.query.two_topics import hubs, two_topics

POSTS, ASKED = 300, 276
"""The post that is asked about is of the rarer topic, and nobody but its author has acted by then."""
POST = ("post", f"p{ASKED}")
CONFIG = replace(
    QUICK,
    epochs=5,
    learning_rate=1e-2,
    draws=64,
    judged_draws=64,
    virality_epochs=2,
    contagion=(0.0, 1.0),
    judged_posts=4,
)
FEW: dict[str, Any] = {"samples": 200, "runs": 100, "rng": 7}


@pytest.fixture(scope="module")
def world() -> PlantedSpread:
    return two_topics(POSTS)


@pytest.fixture(scope="module")
def graph(world: PlantedSpread) -> SocialGraph:
    return graph_of(world, POSTS)


@pytest.fixture(scope="module")
def engine(world: PlantedSpread, graph: SocialGraph) -> Engine:
    tokens = hashing_embeddings(graph)
    learned = PostSpread.fit(
        graph.as_of(world.start(ASKED)),
        tokens,
        REPOST,
        observe=OBSERVE,
        horizon=HORIZON,
        follow=FOLLOW,
        config=CONFIG,
        rng=3,
    )
    return Engine(graph.as_of(world.start(ASKED) + OBSERVE), tokens, None, learned)


@pytest.fixture
def tiny() -> LearnedActivation:
    """Ann has acted and surely reaches bob, who surely reaches cy and dan; eve surely reaches fay; gus is alone."""
    ids = ["ann", "bob", "cy", "dan", "eve", "fay", "gus", OUTSIDE]
    edges = [(0, 1), (1, 2), (1, 3), (4, 5), (7, 6)]
    spread = SpreadGraph.from_edges(*zip(*edges, strict=True), ids=ids)
    return LearnedActivation(
        spread,
        [1.0, 1.0, 1.0, 1.0, 0.0],
        delays=DelayLaw.constant(60),
        virality=ViralityLaw([1.0], [1.0]),
        seeds=("ann", OUTSIDE),
        ages={"ann": 10.0, OUTSIDE: 10.0},
        post="p",
        as_of=0,
        horizon=200.0,
    )


def test_the_post_s_own_hubs_are_seeded_where_the_content_blind_choice_takes_the_others(engine: Engine) -> None:
    found = engine.select_seeds(POST, 2, candidates=sorted(hubs(0) | hubs(1)), **FEW)
    assert set(found.chosen) == hubs(1) and set(found.content_blind) == hubs(0)
    assert found.overlap == 0 and found.monte_carlo[0] > 0
    gap = found.adopters[FOR_THIS] - found.adopters[BLIND]
    assert found.difference == pytest.approx(gap.mean())
    assert found.monte_carlo[1] - gap.mean() == pytest.approx(1.984 * gap.std(ddof=1) / 10, rel=1e-3)  # t with 99
    assert (found.adopters[FOR_THIS] >= found.adopters["nobody"]).all()  # the same runs, and two more seeds
    assert found.effect[0] >= found.effect[1] > 1


def test_the_post_s_own_hubs_are_blocked(engine: Engine) -> None:
    found = engine.block_nodes(POST, 2, **FEW)
    assert set(found.chosen) == hubs(1) and found.overlap < 2
    assert found.monte_carlo[1] < 0
    assert (found.adopters[FOR_THIS] <= found.adopters["nothing"]).all()


def test_edges_into_the_post_s_own_hubs_are_cut_and_none_from_outside(engine: Engine) -> None:
    found = engine.block_edges(POST, 2, **FEW)
    author = engine.activation(POST).seeds[0]
    assert {pair for pair in found.chosen} == {(author, hub) for hub in hubs(1)}
    assert found.monte_carlo[1] < 0 and found.to_polars().columns[:2] == ["source", "target"]
    with pytest.raises(SchemaError, match="there are only 4 edges that may be blocked"):  # not those from outside
        engine.block_edges(POST, 5, candidates=sorted(hubs(0) | hubs(1)), **FEW)


def test_whoever_has_acted_and_the_outside_are_never_chosen(engine: Engine) -> None:
    acted = engine.activation(POST).seeds
    assert OUTSIDE in acted and len(acted) == 2
    users = engine.activation(POST).spread.num_nodes - len(acted)
    for ask in (engine.select_seeds, engine.block_nodes):
        found = ask(POST, users if ask == engine.select_seeds else 5, samples=20, runs=2, rng=1)
        assert not set(found.chosen) & set(acted)
    with pytest.raises(SchemaError, match=f"k={users + 1}, but there are only {users} users who may be seeded"):
        engine.select_seeds(POST, users + 1, rng=1)
    with pytest.raises(SchemaError, match="no candidates"):
        engine.select_seeds(POST, 1, candidates=[acted[0]], rng=1)


def test_an_answer_shows_itself_and_says_what_it_is_not(engine: Engine) -> None:
    found = engine.select_seeds(POST, 2, candidates=sorted(hubs(0) | hubs(1)), **FEW)
    assert found.notes[0] == NOT_CAUSAL and found.known_until < found.as_of
    for part in ("2 seeds for post 'p276'", "content-blind choice", "with nobody", "Monte Carlo", "0 of 2 in both"):
        assert part in repr(found), part
    assert any(note.startswith("content-blind: the same model") for note in found.notes)
    table = found.to_polars()
    assert table.columns == ["user", "adds", "in_both", "content_blind_user"] and table.height == 2
    assert set(table["user"]) == hubs(1) and table["in_both"].to_list() == [False, False]
    axis = found.plot(Figure().add_subplot())
    assert axis.get_xlabel() == "new adopters, mean of 100 runs" and len(axis.get_yticklabels()) == 3


def test_a_post_without_content_has_the_content_blind_choice(engine: Engine) -> None:
    tokens = engine.tokens
    others = [name for name in engine.graph.node_ids("post").tolist() if name != POST[1]]
    place = tokens.rows("post", "text", others)[:, 0]
    every = np.arange(len(tokens.tokens["text"]))
    bare = EmbeddingTable(tokens.tokens, {("post", "text"): node_contents(others, [[i] for i in place], every)})
    found = Engine(engine.graph, bare, None, engine.spread).select_seeds(POST, 3, **FEW)
    assert found.chosen == found.content_blind and found.overlap == 3
    assert found.difference == 0 and found.monte_carlo == (0, 0)


def test_refits_say_what_they_make_of_the_same_choices(engine: Engine) -> None:
    spread = engine.spread
    assert spread is not None
    again = PostSpread(*(getattr(spread, name) for name in ("relation", "follow", "encoders", "model")),
                       (spread.model, spread.model), spread.seen, spread.authors)  # fmt: skip
    found = Engine(engine.graph, engine.tokens, None, again).select_seeds(POST, 2, **FEW)
    assert found.refits.tolist() == [found.difference] * 2 and "2 refits" in found.title()


@pytest.mark.parametrize("method", ["select_seeds", "block_nodes", "block_edges"])
def test_erasing_the_future_changes_nothing(
    world: PlantedSpread, graph: SocialGraph, engine: Engine, method: str
) -> None:
    now = world.start(ASKED) + OBSERVE
    erased = graph_of(_before(world, now), ASKED + 1)
    assert erased.num_edges(REPOST) < graph.num_edges(REPOST)
    other = Engine(erased.as_of(now), hashing_embeddings(erased), None, engine.spread)
    mine, theirs = (getattr(one, method)(POST, 3, **FEW) for one in (engine, other))
    assert mine.chosen == theirs.chosen and mine.content_blind == theirs.content_blind
    assert np.array_equal(mine.effect, theirs.effect)
    for name, runs in mine.adopters.items():
        assert np.array_equal(runs, theirs.adopters[name])
    assert mine.title() == theirs.title()


def _before(world: PlantedSpread, now: int) -> PlantedSpread:
    """The world as if nothing had come from a time on."""
    cascades = world.cascades
    cascade = np.repeat(np.arange(len(cascades)), cascades.size)
    kept = np.flatnonzero(cascades.time < now)
    size = np.bincount(cascade[kept])
    left = CascadeSet(
        cascades.node[kept],
        np.full(len(kept), -1),
        cascades.time[kept],
        np.concatenate([[0], np.cumsum(size)]),
        cascades.names[: len(size)],
        cascades.censored[: len(size)],
    )
    return replace(world, cascades=left)


@pytest.mark.parametrize("method", ["select_seeds", "block_nodes", "block_edges"])
@pytest.mark.parametrize(
    ("post", "asked", "error", "message"),
    [
        (("post", "p9999"), {"k": 2}, UnknownNodeError, "p9999"),
        (("post", f"p{POSTS - 1}"), {"k": 2}, UnknownNodeError, f"p{POSTS - 1}"),
        (("user", "hub00"), {"k": 2}, SchemaError, "expected a post"),
        (POST, {"k": 0}, SchemaError, "k=0, expected a whole number, at least 1"),
        (POST, {"k": 10_000}, SchemaError, "k=10000, but there are only"),
        (POST, {"k": 2, "candidates": ["hub0"]}, UnknownNodeError, "hub0"),
        (POST, {"k": 2, "candidates": "hub00"}, SchemaError, "expected a list of users"),
        (POST, {"k": 2, "runs": 1}, SchemaError, "runs=1, expected a whole number, at least 2"),
        (POST, {"k": 2, "samples": 0}, SchemaError, "samples=0"),
        (POST, {"k": 2, "contagion": 2}, SchemaError, "contagion got 2"),
    ],
)
def test_questions_that_cannot_be_asked(
    engine: Engine, method: str, post: tuple[str, str], asked: dict[str, Any], error: type, message: str
) -> None:
    ask: Callable[..., PostChoice] = getattr(engine, method)
    with pytest.raises(error, match=message):
        ask(post, rng=7, **asked)


def test_a_model_newer_than_the_view_and_no_model_and_no_edges(
    world: PlantedSpread, graph: SocialGraph, engine: Engine
) -> None:
    early = ("post", "p100")
    at = Engine(graph.as_of(world.start(100) + OBSERVE), engine.tokens, None, None)
    with pytest.raises(NotFittedError, match="graphsocial spread"):
        at.select_seeds(early, 1, rng=1)
    at.spread = engine.spread
    with pytest.raises(LeakageError, match="the model knows events up to"):
        at.select_seeds(early, 1, rng=1)
    lonely = Engine(graph.as_of(OBSERVE), engine.tokens, None, None)
    lonely.spread, lonely._allow_future_model = engine.spread, True
    with pytest.raises(SchemaError, match="no candidate edges"):
        lonely.block_nodes(("post", "p0"), 1, rng=1)


def test_the_global_generator_is_untouched(engine: Engine) -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one, two = (engine.block_nodes(POST, 2, **FEW) for _ in range(2))
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    assert one.chosen == two.chosen and np.array_equal(one.adopters[FOR_THIS], two.adopters[FOR_THIS])


def test_who_would_act_anyway_is_not_worth_a_seed(tiny: LearnedActivation) -> None:
    allowed = np.array([False, True, True, True, True, True, True, False])
    chosen, adds = greedy_seeds(tiny, allowed, 3, 20, key=1)
    assert tiny.spread.ids[chosen].tolist() == ["eve", "gus", "bob"]  # bob reaches most, but acts anyway
    assert adds.tolist() == [2, 1, 0]
    with pytest.raises(SchemaError, match="take fewer samples"):
        greedy_seeds(tiny, allowed, 1, 10**9, key=1)


def test_blocking_takes_what_all_ways_lead_through(tiny: LearnedActivation) -> None:
    allowed = np.array([False, True, True, True, True, True, True, False])
    chosen, saves = greedy_blocking(tiny, allowed, 5, 20, key=1, edges=False)
    assert tiny.spread.ids[chosen].tolist() == ["bob"] and saves.tolist() == [3]
    cut, saves = greedy_blocking(tiny, np.ones(5, dtype=bool), 5, 20, key=1, edges=True)
    assert cut.tolist() == [0] and saves.tolist() == [3]


def test_edges_carry_as_often_as_the_horizon_and_the_factor_let_them(tiny: LearnedActivation) -> None:
    asked = replace(
        tiny,
        probability=np.full(5, 0.4),
        delays=DelayLaw.exponential(100.0),
        virality=ViralityLaw([0.5, 2.0], [0.3, 0.7]),
        ages={"ann": 50.0, OUTSIDE: 80.0},
    )
    parts = horizon_edges(asked, 1_000)
    assert [count for _, count in parts] == [300, 700]

    def shares(age: float) -> float:
        return float(np.exp(-age / 100) - np.exp(-(age + 200) / 100))

    for (edges, _), factor in zip(parts, (0.5, 2.0), strict=True):
        left = [shares(50), shares(0), shares(0), shares(0), shares(80)]
        assert edges.high == pytest.approx(1 - 0.6 ** (factor * np.array(left)), rel=1e-2)
        assert not edges.low.any()

"""Posts of a graph: what the engine says of their spread, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphsocial.diffusion import IndependentCascade, select_seeds, simulate
from graphsocial.embed import EmbeddingTable, hashing_embeddings
from graphsocial.errors import DataIntegrityError, LeakageError, NotFittedError, SchemaError, UnknownNodeError
from graphsocial.graph import CascadeSet, SocialGraph
from graphsocial.learn.activation.candidate_edges import OUTSIDE
from graphsocial.learn.activation.post_spread import PostSpread, post_cascades, post_vectors
from graphsocial.query import Engine
from tests.learn.activation.planted_spread import GAP, HORIZON, OBSERVE, PlantedSpread, planted_spread
from tests.learn.activation.post_world import ASKED, FOLLOW, POSTS, QUICK, REPOST, graph_of


@pytest.fixture(scope="module")
def world() -> PlantedSpread:
    return planted_spread(POSTS)


@pytest.fixture(scope="module")
def graph(world: PlantedSpread) -> SocialGraph:
    return graph_of(world)


@pytest.fixture(scope="module")
def tokens(graph: SocialGraph) -> EmbeddingTable:
    return hashing_embeddings(graph)


@pytest.fixture(scope="module")
def learned(world: PlantedSpread, graph: SocialGraph, tokens: EmbeddingTable) -> PostSpread:
    view = graph.as_of(world.start(ASKED))
    return PostSpread.fit(view, tokens, REPOST, observe=OBSERVE, horizon=HORIZON, config=QUICK, rng=3)


def engine_at(graph: SocialGraph, tokens: EmbeddingTable, learned: PostSpread | None, time: int, **more: Any) -> Engine:
    return Engine(graph.as_of(time), tokens, None, learned, **more)


def test_the_engine_simulates_seeds_and_says_who_acted(
    world: PlantedSpread, graph: SocialGraph, tokens: EmbeddingTable, learned: PostSpread
) -> None:
    now = world.start(ASKED) + OBSERVE
    engine = engine_at(graph, tokens, learned, now)
    activation = engine.activation(("post", f"p{ASKED}"))
    acted = {w for w, t in members(world, ASKED) if t < now}
    assert set(activation.seeds) == acted | {OUTSIDE}
    assert activation.known_until == world.start(ASKED) and activation.as_of == now
    runs = simulate(activation.cascade(), activation.seeds, runs=50, rng=7, horizon=activation.horizon)
    again = simulate(activation.cascade(), activation.seeds, runs=50, rng=7, horizon=activation.horizon)
    assert np.array_equal(runs.node, again.node) and activation.new_adopters(runs).max() > 0
    passing_on = engine.activation(("post", f"p{ASKED}"), contagion=1.0)
    later = ~np.isin(activation.spread.ids[activation.spread.source], list(activation.seeds))
    assert np.array_equal(passing_on.probability[~later], activation.probability[~later])
    half = engine.activation(("post", f"p{ASKED}"), contagion=0.5)
    hazards = [-np.log1p(-which.probability[later].astype(np.float64)) for which in (activation, half, passing_on)]
    assert hazards[2].max() > 0
    assert hazards[0] == pytest.approx(learned.model.contagion * hazards[2], rel=1e-4, abs=1e-7)
    assert hazards[1] == pytest.approx(0.5 * hazards[2], rel=1e-4, abs=1e-7)
    with pytest.raises(SchemaError, match="contagion got 2"):
        engine.activation(("post", f"p{ASKED}"), contagion=2)
    users = [name for name in activation.spread.ids.tolist() if name != OUTSIDE]
    seeds = select_seeds(IndependentCascade(passing_on), k=3, rng=7, candidates=users)
    assert len(seeds) == 3 and OUTSIDE not in list(seeds)


def members(world: PlantedSpread, cascade: int) -> list[tuple[str, int]]:
    part = slice(*world.cascades.offsets[cascade : cascade + 2])
    return list(zip(world.cascades.node[part].tolist(), world.cascades.time[part].tolist(), strict=True))


def test_erasing_the_future_changes_nothing(
    world: PlantedSpread, graph: SocialGraph, tokens: EmbeddingTable, learned: PostSpread
) -> None:
    now, post = world.start(ASKED) + OBSERVE, ("post", f"p{ASKED}")
    erased = graph_of(world, ASKED + 1).as_of(now)
    here = engine_at(graph, tokens, learned, now).activation(post)
    there = Engine(erased, hashing_embeddings(erased), None, learned).activation(post)
    assert here.spread.ids.tolist() == there.spread.ids.tolist() and here.seeds == there.seeds
    assert np.array_equal(here.probability, there.probability)
    assert np.array_equal(here.virality.factor, there.virality.factor)
    view = graph.as_of(world.start(ASKED))
    whole = PostSpread.fit(view, tokens, REPOST, observe=OBSERVE, horizon=HORIZON, config=QUICK, rng=3)
    cut = graph_of(world, ASKED).as_of(world.start(ASKED))
    fresh = PostSpread.fit(cut, hashing_embeddings(cut), REPOST, observe=OBSERVE, horizon=HORIZON, config=QUICK, rng=3)
    for mine, theirs in zip(whole.model.reader.net.parameters(), fresh.model.reader.net.parameters(), strict=True):
        assert np.array_equal(mine.detach().numpy(), theirs.detach().numpy())


def test_vectors_are_of_posts_as_they_began_to_spread(world: PlantedSpread, graph: SocialGraph) -> None:
    view, tokens = graph.as_of(5 * GAP), hashing_embeddings(graph)
    cascades = post_cascades(view, REPOST)
    rows = post_vectors(view, tokens, cascades)["text"]
    table = tokens.tokens["text"].tokens[:, 0].astype(np.float32)
    place = tokens.rows("post", "text", cascades.names)[:, 0]
    assert len(rows) == 5 and np.array_equal(rows, table[place]) and rows.any(axis=1).all()
    earlier = CascadeSet(  # as if somebody had acted before the post's words were there
        cascades.node, cascades.parent, cascades.time - 1, cascades.offsets, cascades.names, cascades.censored
    )
    assert not post_vectors(view, tokens, earlier)["text"].any()


def test_saved_and_opened_it_answers_the_same(
    tmp_path: Path, world: PlantedSpread, graph: SocialGraph, tokens: EmbeddingTable, learned: PostSpread
) -> None:
    learned.save(tmp_path / "spread")
    opened = PostSpread.open(tmp_path / "spread")
    assert (opened.relation, opened.follow, opened.encoders) == (REPOST, None, learned.encoders)
    now, post = world.start(ASKED) + OBSERVE, ("post", f"p{ASKED}")
    mine, theirs = (engine_at(graph, tokens, which, now).activation(post) for which in (learned, opened))
    assert np.array_equal(mine.probability, theirs.probability)
    (tmp_path / "spread" / "post_spread.json").write_text("{")
    with pytest.raises(DataIntegrityError, match="missing or damaged"):
        PostSpread.open(tmp_path / "spread")
    with pytest.raises(DataIntegrityError, match="missing or damaged"):
        PostSpread.open(tmp_path / "nowhere")


def test_a_model_newer_than_the_view_is_refused_unless_allowed(
    world: PlantedSpread, graph: SocialGraph, tokens: EmbeddingTable, learned: PostSpread
) -> None:
    early, post = world.start(150) + OBSERVE, ("post", "p150")
    with pytest.raises(LeakageError, match=r"the model knows events up to .* allow_future_model=True"):
        engine_at(graph, tokens, learned, early).activation(post)
    allowed = engine_at(graph, tokens, learned, early, allow_future_model=True).activation(post)
    assert any("may know the answer" in sentence for sentence in allowed.assumptions)


def test_edges_may_be_confined_to_whom_people_follow(
    world: PlantedSpread, graph: SocialGraph, tokens: EmbeddingTable
) -> None:
    view = graph.as_of(world.start(ASKED))
    confined = PostSpread.fit(
        view, tokens, REPOST, observe=OBSERVE, horizon=HORIZON, follow=FOLLOW, config=QUICK, rng=3
    )
    now = world.start(ASKED) + OBSERVE
    activation = engine_at(graph, tokens, confined, now).activation(("post", f"p{ASKED}"))
    ids = activation.spread.ids
    edges = {
        (a, b)
        for a, b in zip(ids[activation.spread.source].tolist(), ids[activation.spread.target].tolist(), strict=True)
        if a != OUTSIDE
    }
    known = world.graph
    followed = set(zip(known.ids[known.source].tolist(), known.ids[known.target].tolist(), strict=True))
    assert edges and edges <= followed


def test_what_cannot_be_answered(
    world: PlantedSpread, graph: SocialGraph, tokens: EmbeddingTable, learned: PostSpread
) -> None:
    engine = engine_at(graph, tokens, learned, world.start(ASKED) + OBSERVE)
    with pytest.raises(UnknownNodeError):
        engine.activation(("post", f"p{ASKED + 5}"))  # it comes later
    with pytest.raises(SchemaError, match="expected a post"):
        engine.activation(("user", "u01"))
    with pytest.raises(NotFittedError, match="graphsocial spread"):
        engine_at(graph, tokens, None, world.start(ASKED)).activation(("post", "p3"))
    with pytest.raises(SchemaError, match="expected a relation from users to posts"):
        PostSpread.fit(graph, tokens, FOLLOW, observe=OBSERVE, horizon=HORIZON, config=QUICK)
    with pytest.raises(SchemaError, match="cascades"):
        PostSpread.fit(graph.as_of(10 * GAP), tokens, REPOST, observe=OBSERVE, horizon=HORIZON, config=QUICK)

"""What the engine says would be different about a post, with both intervals and its warnings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphsocial.embed import EmbeddingTable, hashing_embeddings
from graphsocial.errors import LeakageError, SchemaError, UnknownNodeError
from graphsocial.graph import SocialGraph
from graphsocial.learn.activation.post_spread import PostSpread
from graphsocial.query import Engine
from graphsocial.query.what_if import NOT_CAUSAL
from tests.learn.activation.planted_spread import HORIZON, OBSERVE, PlantedSpread, planted_spread
from tests.learn.activation.post_world import ASKED, POSTS, QUICK, REPOST, WORDS, graph_of
from tests.learn.small_training import WordHashes

POST = ("post", f"p{ASKED}")


@pytest.fixture(scope="module")
def world() -> PlantedSpread:
    return planted_spread(POSTS)


@pytest.fixture(scope="module")
def graph(world: PlantedSpread) -> SocialGraph:
    return graph_of(world)


@pytest.fixture(scope="module")
def engine(world: PlantedSpread, graph: SocialGraph) -> Engine:
    tokens = hashing_embeddings(graph)
    view = graph.as_of(world.start(ASKED))
    learned = PostSpread.fit(view, tokens, REPOST, observe=OBSERVE, horizon=HORIZON, refits=3, config=QUICK, rng=3)
    made = Engine(graph.as_of(world.start(ASKED) + OBSERVE), tokens, None, learned)
    made._encoder._embedders["text"] = WordHashes()
    return made


def idle_user(engine: Engine) -> str:
    acted = set(engine.activation(POST).seeds)
    return next(name for name in engine.graph.node_ids("user").tolist() if name not in acted)


def test_no_change_makes_exactly_no_difference(engine: Engine, world: PlantedSpread) -> None:
    text = f"{WORDS[world.topic[ASKED]]} {ASKED}"
    for found in (engine.what_if(POST, runs=60, rng=7), engine.what_if(POST, text=text, runs=60, rng=7)):
        assert np.array_equal(found.adopters_before, found.adopters_after)
        assert found.difference == 0 and found.monte_carlo == (0, 0)
        assert found.refits.tolist() == [0, 0, 0] and found.model_interval == (0, 0)
        assert not any("other" in note for note in found.notes)


def test_a_change_has_two_intervals_and_says_what_it_is_not(engine: Engine, world: PlantedSpread) -> None:
    other = WORDS[1 - world.topic[ASKED]]
    found = engine.what_if(POST, text=other, runs=200, rng=7)
    assert not np.array_equal(found.after.probability, found.before.probability)
    gap = found.adopters_after - found.adopters_before
    assert found.difference == pytest.approx(gap.mean())
    half = (found.monte_carlo[1] - found.monte_carlo[0]) / 2
    assert half == pytest.approx(1.972 * gap.std(ddof=1) / np.sqrt(200), rel=1e-3)  # t with 199 degrees of freedom
    assert found.model_interval is not None and len(set(found.refits.tolist())) == 3
    width = found.model_interval[1] - found.model_interval[0]
    assert width == pytest.approx(2 * 4.303 * found.refits.std(ddof=1), rel=1e-3)  # t with 2
    assert found.notes[0] == NOT_CAUSAL and "other text" in found.notes
    assert "Monte Carlo" in repr(found) and "over 3 refits" in repr(found) and "not a causal effect" in repr(found)
    assert found.to_polars()["figure"].to_list()[0] == "mean"
    again = engine.what_if(POST, text=other, runs=200, rng=7)
    assert np.array_equal(again.adopters_after, found.adopters_after)


def test_what_lies_far_from_what_was_seen_is_flagged(engine: Engine, world: PlantedSpread) -> None:
    usual = engine.what_if(POST, text=WORDS[1 - world.topic[ASKED]], runs=20, rng=7)
    strange = engine.what_if(POST, text="quarterly earnings of zinc smelters", runs=20, rng=7)
    assert any("unlike what the model has seen" in note for note in strange.notes)
    assert not any("unlike" in note for note in usual.notes)


def test_more_seeds_reach_more_and_another_author_is_another_cascade(engine: Engine) -> None:
    who = idle_user(engine)
    seeded = engine.what_if(POST, seeds=[who], runs=50, rng=7)
    assert set(seeded.after.seeds) == {*seeded.before.seeds, who}
    assert seeded.after.ages[who] == 1 and "1 more users pass it on just before the question" in seeded.notes
    by = engine.what_if(POST, author=who, runs=50, rng=7)
    assert who in by.after.seeds and len(by.after.seeds) == len(by.before.seeds)


def test_another_time_moves_the_question_and_never_past_the_view(engine: Engine, world: PlantedSpread) -> None:
    with pytest.raises(LeakageError, match="the view ends at"):
        engine.what_if(POST, time=world.start(ASKED) + 60, rng=7)
    with pytest.raises(LeakageError, match="model known until"):
        engine.what_if(POST, time=world.start(ASKED) - 2 * OBSERVE, rng=7)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"author": "nobody"}, UnknownNodeError, "nobody"),
        ({"seeds": ["nobody"]}, UnknownNodeError, "nobody"),
        ({"seeds": "u01"}, UnknownNodeError, "'u'"),
        ({"image": "x.jpg"}, SchemaError, "fitted without image, it reads text"),
    ],
)
def test_changes_that_cannot_be_made(engine: Engine, changes: dict[str, Any], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        engine.what_if(POST, rng=7, **changes)


def test_another_age_than_was_learned_is_said_in_every_answer(
    engine: Engine, graph: SocialGraph, world: PlantedSpread
) -> None:
    late = Engine(graph.as_of(world.start(ASKED) + 2 * OBSERVE), engine.tokens, None, engine._spread())
    said = f"Asked {2 * OBSERVE:,} seconds after the first event, the model was fitted for {OBSERVE:,}: how many more"
    for asked, times in ((late, 1), (engine, 0)):
        assert sum(note.startswith(said) for note in asked.activation(POST).assumptions) == times
        found = asked.what_if(POST, runs=5, rng=7)
        assert sum(note.startswith(said) for note in found.notes) == times == repr(found).count(said)
        chosen = asked.select_seeds(POST, 1, samples=20, runs=5, rng=7)
        assert sum(note.startswith(said) for note in chosen.notes) == times


def test_a_seed_that_has_acted_is_refused(engine: Engine) -> None:
    acted = engine.activation(POST).seeds[0]
    with pytest.raises(SchemaError, match="has passed it on already"):
        engine.what_if(POST, seeds=[acted], rng=7)


def test_an_engine_without_refits_says_that_it_does_not_know(engine: Engine) -> None:
    assert engine.spread is not None
    spread = engine.spread
    alone = PostSpread(spread.relation, None, spread.encoders, spread.model, (), spread.seen, spread.authors)
    found = Engine(engine.graph, engine.tokens, None, alone).what_if(POST, runs=20, rng=1)
    assert found.model_interval is None and "uncertainty of the model not known" in found.title()


def test_the_global_generator_is_untouched(engine: Engine) -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    engine.what_if(POST, runs=20, rng=1)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_tokens_of_another_encoder_are_refused(engine: Engine, graph: SocialGraph) -> None:
    assert engine.spread is not None
    spread = engine.spread
    other = PostSpread(spread.relation, None, {"text": "another"}, spread.model, (), spread.seen, spread.authors)
    tokens: EmbeddingTable = engine.tokens
    with pytest.raises(SchemaError, match="the model was fitted with another"):
        Engine(engine.graph, tokens, None, other).activation(POST)

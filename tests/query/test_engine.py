from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphsocial.embed import hashing_embeddings
from graphsocial.errors import (
    DataIntegrityError,
    LeakageError,
    NotFittedError,
    SchemaError,
    TimeWindowError,
    UnknownNodeError,
)
from graphsocial.graph.database.sql import sql
from graphsocial.learn import Task, Trainer
from graphsocial.query import Engine
from graphsocial.query.content_encoder import ContentEncoder
from graphsocial.store import save_graph
from tests.leakage.erasable_world import BEGIN, DAY, LATER, MENTION, REPOST, SHARE, TAG, TEST, VALID
from tests.learn.small_training import WordHashes, late_graph, small_trainer, trained, world_graph, world_tokens


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    tasks = [
        Task.post_label("mood"),
        Task.popularity(column="reposts"),
        Task.link(MENTION, REPOST, negatives=3),
        Task.relation(MENTION, REPOST),
        Task.trend(TAG, width=12 * 3600, minimum=2),
        Task.next_user(SHARE),
    ]
    return trained(small_trainer(tasks, epochs=1))


@pytest.fixture(scope="module")
def engine(trainer: Trainer) -> Engine:
    return Engine(world_graph().as_of(LATER), world_tokens(), trainer)


def posts_with_text(engine: Engine) -> list[str]:
    texts = engine.graph.column("post", "text").to_pylist()
    return [str(i) for i, text in zip(engine.graph.node_ids("post"), texts, strict=True) if text]


QUESTIONS = [
    ("mood", ("post", "p3"), None),
    ("popularity", ("post", "p3"), None),
    ("link", ("user", "u1"), ("user", "u2")),
    ("relation", ("user", "u1"), ("user", "u2")),
    ("trend", ("hashtag", "tag0"), None),
]


@pytest.mark.parametrize(("task", "node", "other"), QUESTIONS)
def test_predicts_and_explains(engine: Engine, task: str, node: Any, other: Any) -> None:
    guess = engine.predict(task, node, other)
    assert (guess.task, guess.node, guess.other, guess.as_of) == (task, node, other, LATER)
    assert guess.known_until == TEST and not guess.future_model
    assert task in repr(guess) and "FUTURE" not in repr(guess)
    table = guess.to_polars()
    if guess.probabilities:
        assert guess.value == max(guess.probabilities, key=lambda name: guess.probabilities[name])
        assert sum(guess.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert table["class"].to_list() == list(guess.probabilities)
    else:
        assert table.height == 1 and table["value"][0] == guess.value
    if task == "trend":
        assert guess.interval is not None and guess.interval[0] <= guess.value <= guess.interval[1]
    assert engine.predict(task, node, other) == guess
    evidence = engine.explain(guess, top=3, words=False)
    assert evidence.task == task and evidence.node == node and evidence.as_of == LATER
    assert evidence.rows and evidence.to_polars().height == len(evidence.rows) <= 3
    if guess.probabilities:
        assert evidence.value == pytest.approx(max(guess.probabilities.values()), abs=1e-5)


def test_embedding(engine: Engine) -> None:
    one, other = (engine.embedding(("user", name)) for name in ("u1", "u2"))
    assert one.vector.shape == (8,) and one.vector.dtype == np.float32 and np.isfinite(one.vector).all()
    assert not np.array_equal(one.vector, other.vector)
    assert np.array_equal(one.vector, engine.embedding(("user", "u1")).vector)
    assert one.encoders == {name: "hashing (test double)" for name in ("text", "image")} and "u1" in repr(one)


def test_similar_to_a_post(engine: Engine) -> None:
    post = posts_with_text(engine)[0]
    found = engine.similar(node=("post", post), k=7)
    assert len(found) == 7 <= found.searched < engine.graph.num_nodes("post")
    assert post not in found.ids
    assert (np.diff(found.similarity) <= 0).all() and abs(found.similarity).max() < 1.001
    assert (found.time < LATER).all() and all(found.text)
    table = found.to_polars()
    assert table["post"].to_list() == list(found.ids) and table.columns == ["post", "similarity", "time", "text"]
    inside = engine.similar(node=("post", post), window=(VALID, TEST), k=99)
    assert len(inside) == inside.searched > 0
    assert (inside.time >= VALID).all() and (inside.time < TEST).all()


def test_similar_to_words(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[WordHashes] = []

    def embedder(name: str, tokens: int = 4, **_: Any) -> WordHashes:
        made.append(WordHashes(tokens))
        return made[-1]

    monkeypatch.setattr("graphsocial.query.content_encoder.text_embedder", embedder)
    fresh = Engine(engine.graph, engine.tokens, None)
    post = posts_with_text(engine)[2]
    text = engine.graph.column("post", "text")[engine.graph.index_of(("post", post))].as_py()
    found = fresh.similar(text, k=5)
    assert post in found.ids and found.similarity[0] == pytest.approx(1, abs=1e-3) and found.text[0] == text
    fresh.similar("news1")
    assert len(made) == 1 and made[0].seen == [text, "news1"]


def test_words_are_deleted_with_as_many_tokens_as_the_table_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "graphsocial.query.content_encoder.text_embedder", lambda name, tokens=4, **_: WordHashes(tokens)
    )
    tokens = hashing_embeddings(world_graph(), text_tokens=3)
    model = trained(small_trainer([Task.post_label("mood")], epochs=1), tokens=tokens)
    engine = Engine(world_graph().as_of(LATER), tokens, model)
    evidence = engine.explain(engine.predict("mood", ("post", posts_with_text(engine)[0])), top=50)
    assert {row.kind for row in evidence.rows} >= {"word", "modality"}


def test_search_knows_only_what_posts_had_shown() -> None:
    graph = late_graph()
    tokens = hashing_embeddings(graph)
    early = Engine(graph.as_of(30), tokens, None)
    assert early.similar(node=("post", "p1")).ids == ("p3",)
    with pytest.raises(SchemaError, match="no text"):
        early.similar(node=("post", "p2"))
    assert Engine(graph.as_of(101), tokens, None).similar(node=("post", "p1")).ids == ("p2", "p3")


def test_search_by_picture_knows_only_pictures_shown_by_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = late_graph()
    tokens = hashing_embeddings(graph)
    second = tokens.tokens["image"].tokens[tokens.rows("media", "image", ["m2"])[0, 0], 0].astype(np.float32)
    monkeypatch.setattr(ContentEncoder, "vector", lambda self, text, image: second)
    before, after = (Engine(graph.as_of(time), tokens, None).similar(image="x.jpg") for time in (50, 51))
    assert before.similarity.max() < 0.99
    assert after.ids[0] == "p1" and after.similarity[0] == pytest.approx(1, abs=1e-3)


def test_model_from_the_future(trainer: Trainer) -> None:
    early = world_graph().as_of(VALID)
    with pytest.raises(LeakageError, match="allow_future_model=True"):
        Engine(early, world_tokens(), trainer)
    with pytest.raises(LeakageError):
        Engine(world_graph().as_of(TEST - 1), world_tokens(), trainer)
    assert not Engine(world_graph().as_of(TEST), world_tokens(), trainer).future_model
    guess = Engine(early, world_tokens(), trainer, allow_future_model=True).predict("mood", ("post", "p3"))
    assert guess.future_model and "MODEL KNOWS THE FUTURE" in repr(guess)
    assert guess.as_of == VALID and guess.known_until == TEST


def test_whole_graph_is_taken_as_of_its_end(trainer: Trainer) -> None:
    engine = Engine(world_graph(), world_tokens(), trainer)
    assert engine.as_of >= TEST and engine.graph.num_nodes("post") == world_graph().num_nodes("post")
    assert "mood" in repr(engine)


def test_windows_end_by_the_view(engine: Engine) -> None:
    post = ("post", posts_with_text(engine)[0])
    for window in ((VALID, LATER + 1), (TEST, VALID)):
        with pytest.raises(TimeWindowError, match="lies after"):
            engine.similar(node=post, window=window)
    assert engine.similar(node=post, window=(BEGIN - 2 * DAY, BEGIN - DAY)).searched == 0


def test_similar_within_posts_users_and_what_sql_found(engine: Engine) -> None:
    post = ("post", posts_with_text(engine)[0])
    everything = engine.similar(node=post, k=999)
    some = [i for i in everything.ids if i[-1] in "13579"]
    for within in (
        some,
        [("post", i) for i in some],
        sql(engine.graph, "SELECT id FROM post WHERE id IN $x", {"x": some}),
    ):
        found = engine.similar(node=post, k=999, within=within, window=(VALID, TEST))
        kept = [
            (i, s)
            for i, s, t in zip(everything.ids, everything.similarity, everything.time, strict=True)
            if i in some and VALID <= t < TEST
        ]
        assert list(zip(found.ids, found.similarity, strict=True)) == kept and found.searched == len(kept) > 0
    with pytest.raises(UnknownNodeError, match="no post 'nobody'"):
        engine.similar(node=post, within=["nobody"])


def test_wrong_questions(engine: Engine) -> None:
    with pytest.raises(UnknownNodeError, match="near ones: 'u1"):
        engine.predict("link", ("user", "u1x"), ("user", "u2"))
    with pytest.raises(UnknownNodeError, match="only later"):
        engine.predict("mood", ("post", str(world_graph().node_ids("post")[-1])))
    with pytest.raises(SchemaError, match="asks about a post"):
        engine.predict("mood", ("user", "u1"))
    with pytest.raises(SchemaError, match="takes user second node"):
        engine.predict("link", ("user", "u1"))
    with pytest.raises(SchemaError, match="takes no second node"):
        engine.predict("mood", ("post", "p3"), ("user", "u1"))
    with pytest.raises(SchemaError, match="Did you mean 'mood'"):
        engine.predict("moods", ("post", "p3"))
    with pytest.raises(SchemaError, match="takes no single question"):
        engine.predict("next_user", ("post", "p3"))
    for queries in ({}, {"text": "fine", "node": ("post", "p3")}, {"text": "a", "image": "b.jpg"}):
        with pytest.raises(SchemaError, match="exactly one"):
            engine.similar(**queries)
    with pytest.raises(SchemaError, match="post"):
        engine.similar(node=("user", "u1"))


def test_engine_without_a_model_only_searches() -> None:
    engine = Engine(world_graph(), world_tokens(), None)
    assert "no model" in repr(engine) and len(engine.similar(node=("post", posts_with_text(engine)[0]), k=3)) == 3
    assert engine.ego_network(("user", "u1")).num_nodes("user") >= 1
    for ask in (lambda: engine.predict("mood", ("post", "p3")), lambda: engine.embedding(("user", "u1"))):
        with pytest.raises(NotFittedError, match="no model"):
            ask()


def test_opens_a_run_folder(engine: Engine, trainer: Trainer, tmp_path: Path) -> None:
    with pytest.raises(DataIntegrityError, match="no run folder"):
        Engine.open(tmp_path / "run")
    save_graph(world_graph(), tmp_path / "run" / "graph")
    world_tokens().save(tmp_path / "run" / "tokens")
    assert Engine.open(tmp_path / "run").trainer is None
    trainer.save(tmp_path / "run" / "model.safetensors")
    opened = Engine.open(tmp_path / "run", world_graph().as_of(LATER))
    for task, node, other in QUESTIONS:
        assert opened.predict(task, node, other) == engine.predict(task, node, other)


def test_attributes_a_prediction(engine: Engine) -> None:
    guess = engine.predict("popularity", ("post", "p5"))
    found = engine.attribute(guess, words=False)
    assert {piece.kind for piece in found.pieces} >= {"modality"}
    with pytest.raises(SchemaError, match=r"unknown method 'deletio'.*Did you mean 'deletion'"):
        engine.attribute(guess, "deletio", words=False)


def test_words_of_posts_near_a_user_are_scored(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "graphsocial.query.content_encoder.text_embedder", lambda name, tokens=4, **_: WordHashes(tokens)
    )
    fresh = Engine(engine.graph, engine.tokens, engine.trainer)
    found = fresh.attribute(fresh.predict("trend", ("hashtag", "tag0")))
    words = [piece for piece in found.pieces if piece.kind == "word"]
    assert words and all(piece.of.startswith("post ") for piece in words)
    texts = dict(zip(engine.graph.node_ids("post"), engine.graph.column("post", "text").to_pylist(), strict=True))
    assert all(piece.what in texts[piece.of.removeprefix("post ")] for piece in words)

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from graphsocial.embed import EmbeddingTable, embed_posts, hashing_embeddings
from graphsocial.explain import Evidence, explain
from graphsocial.explain.explanation import _regions, _without, _WordDeletion
from graphsocial.graph import SocialGraph
from graphsocial.learn import Task, TemporalSplit, Trainer, TrainingConfig
from graphsocial.learn.batching import ContentIndex, make_batch
from graphsocial.learn.examples import Examples
from graphsocial.learn.questions import question
from graphsocial.nn import EncoderConfig
from graphsocial.schema import Column, EdgeType, Schema
from tests.learn.small_training import WordHashes, late_graph

AUTHOR: EdgeType = ("user", "author", "post")
REPLY: EdgeType = ("post", "reply", "post")
FILLERS = ("rain", "walk", "road", "bread", "window", "music", "paper", "stone")
CUT, END = 2_000, 3_000


def planted_graph() -> SocialGraph:
    """A post's mood is whether its own text says alpha or beta; authors and replies are drawn at random."""
    rng = np.random.default_rng(1)
    ids, texts, moods = [], [], []
    for number in range(300):
        good = rng.random() < 0.5
        words = [str(word) for word in rng.choice(FILLERS, 3, replace=False)]
        words.insert(int(rng.integers(0, 4)), "alpha" if good else "beta")
        ids.append(f"p{number}")
        texts.append(" ".join(words))
        moods.append("good" if good else "bad")
    times = [10 * number + 10 for number in range(300)]
    schema = Schema({"user": {}, "post": {"text": Column(), "mood": Column()}}, {AUTHOR: {}, REPLY: {}})
    posts = pa.table({"id": ids, "known_at": times, "text": texts, "mood": moods})
    users = pa.table({"id": [f"u{i}" for i in range(6)], "known_at": [1] * 6})
    authors = [f"u{i}" for i in rng.integers(0, 6, 300)]
    earlier = [f"p{rng.integers(0, i)}" for i in range(1, 300)]
    edges = {
        AUTHOR: pa.table({"src": authors, "dst": ids, "time": times}),
        REPLY: pa.table({"src": ids[1:], "dst": earlier, "time": times[1:]}),
    }
    return SocialGraph.build(schema, {"user": users, "post": posts}, edges)


class Planted:
    """A trained model of the planted world, asked about one post at a time."""

    def __init__(self) -> None:
        self.graph = planted_graph()
        self.embedder = WordHashes(tokens=2, channels=32)
        self.tokens: EmbeddingTable = embed_posts(self.graph, self.embedder)
        self.trainer = Trainer(
            [Task.post_label("mood")],
            TemporalSplit(valid=1_500, test=CUT, end=END),
            encoder=EncoderConfig(channels=16, heads=2, layers=1, dropout=0.1, modality_dropout=0.2),
            training=TrainingConfig(
                epochs=12, patience=12, batch_size=32, learning_rate=1e-2, warmup=1, fanout=(3,), weight_decay=0.0
            ),
            rng=1,
            device="cpu",
        )
        self.score = max(r.score for r in self.trainer.epochs(self.graph, self.tokens))
        self.view = self.graph.as_of(END)
        self.content = ContentIndex.of(self.view, self.tokens)

    def row(self, post: str) -> Examples:
        return question(self.trainer.task("mood"), self.view, ("post", post))

    def text(self, post: str) -> str:
        return str(self.view.column("post", "text")[self.view.index_of(("post", post))].as_py())

    def explain(self, post: str, **settings: Any) -> Evidence:
        settings = {"text": self.text(post), "embedder": self.embedder, "draws": 20} | settings
        return explain(self.trainer, self.view, self.content, self.row(post), **settings)


@pytest.fixture(scope="module")
def planted() -> Planted:
    return Planted()


def test_the_planted_rule_is_learned_and_found(planted: Planted) -> None:
    assert planted.score > 0.9
    posts = [f"p{i}" for i in range(220, 230)]
    firsts, words, checks = [], [], []
    for post in posts:
        evidence = planted.explain(post, top=50)
        firsts.append(evidence.rows[0].what)
        ranked = [row.what for row in evidence.rows if row.kind == "word"]
        words.append(ranked[0])
        checks.append(planted.explain(post, top=2).faithfulness)
    assert sum(first in ("own text", "alpha", "beta") for first in firsts) >= 9
    assert sum(word in ("alpha", "beta") for word in words) >= 8
    deleted, chance = ([getattr(check, name) for check in checks] for name in ("deletion", "random"))
    assert np.mean(deleted) > np.mean(chance)


def test_rows_fall_by_size_and_every_effect_is_a_difference(planted: Planted) -> None:
    evidence = planted.explain("p225", top=50)
    effects = np.array([abs(row.effect) for row in evidence.rows])
    assert (np.diff(effects) <= 0).all() and effects[0] > 0
    assert {row.kind for row in evidence.rows} == {"neighbour", "modality", "word"}
    assert sum(row.kind == "word" for row in evidence.rows) == 4
    assert all((row.attention is not None) == (row.kind == "neighbour") for row in evidence.rows)
    assert evidence.output.startswith("probability of ") and 0.5 <= evidence.value <= 1
    assert evidence.to_polars()["effect"].to_list() == [row.effect for row in evidence.rows]
    assert "deleting the top" in repr(evidence)
    few = planted.explain("p225", top=2)
    assert few.rows == evidence.rows[:2]
    without = planted.explain("p225", top=50, text=None)
    assert {row.kind for row in without.rows} == {"neighbour", "modality"}
    shared = {row.what: row.effect for row in evidence.rows if row.kind != "word"}
    assert {row.what: row.effect for row in without.rows} == shared


def test_word_effect_equals_asking_about_the_shorter_text(planted: Planted) -> None:
    evidence = planted.explain("p225", top=50)
    text = planted.text("p225")
    batch = make_batch(planted.view, planted.content, {"mood": planted.row("p225")}, (3,), 0)
    place = int(batch.data["post"].text_row[0, 0])
    assert planted.trainer.model is not None
    for row in evidence.rows:
        if row.kind == "word":
            shorter = planted.embedder.embed([text.replace(row.what, "", 1)])
            changed = copy.deepcopy(batch)
            changed.data.text_tokens[place] = torch.from_numpy(shorter.tokens[0].astype(np.float32))
            changed.data.text_mask[place] = torch.from_numpy(shorter.mask[0])
            with torch.inference_mode():
                output = planted.trainer.model(changed, planted.trainer.tasks)["mood"][0].softmax(-1)
            assert row.effect == pytest.approx(evidence.value - float(output[whole_class(evidence)]), abs=1e-5)


def whole_class(evidence: Evidence) -> int:
    return ("bad", "good").index(evidence.output.split("'")[1])


def test_words_deleted_together_are_encoded_together(planted: Planted) -> None:
    text = planted.text("p225")
    words = text.split(" ")
    batch = make_batch(planted.view, planted.content, {"mood": planted.row("p225")}, (3,), 0)
    embedder = WordHashes(tokens=2, channels=32)
    deletion = _WordDeletion("post", [0], text, embedder)
    pieces = deletion.pieces(batch.data)
    assert [piece.what for piece in pieces] == words
    assert len(embedder.seen) == len(words)
    before = copy.deepcopy(batch.data)
    changed = _without(batch.data, [pieces[2], pieces[0]])
    assert len(embedder.seen) == len(words) + 1 and embedder.seen[-1].split() == [words[1], words[3]]
    expected = embedder.embed([text.replace(words[0], "", 1).replace(words[2], "", 1)])
    row = int(changed["post"].text_row[0, 0])
    assert np.array_equal(changed.text_tokens[row].numpy(), expected.tokens[0].astype(np.float32))
    assert np.array_equal(changed.text_mask[row].numpy(), expected.mask[0])
    assert torch.equal(changed["post"].text_row[1:], before["post"].text_row[1:])
    assert torch.equal(batch.data["post"].text_row, before["post"].text_row)
    assert torch.equal(batch.data.text_tokens, before.text_tokens)
    asked = len(embedder.seen)
    _without(batch.data, [pieces[0], pieces[2]])
    assert len(embedder.seen) == asked
    gone = _without(batch.data, [pieces[0], modality(planted, batch.data)])
    assert int(gone["post"].text_row[0, 0]) == -1


def modality(planted: Planted, data: Any) -> Any:
    from graphsocial.explain.explanation import _modalities

    (own,) = _modalities(data, "post", [0])
    return own


def test_long_texts_lose_their_first_words_only(planted: Planted) -> None:
    batch = make_batch(planted.view, planted.content, {"mood": planted.row("p225")}, (3,), 0)
    deletion = _WordDeletion("post", [0], "word " * 60, planted.embedder)
    assert len(deletion.pieces(batch.data)) == 24
    assert _WordDeletion("post", [0], "word", planted.embedder).pieces(batch.data) == []


def test_deletion_check_is_consistent(planted: Planted) -> None:
    one, same, other = (planted.explain("p225", rng=rng) for rng in (3, 3, 4))
    assert one == same
    assert one.rows == other.rows and one.stability == other.stability
    first, second = one.faithfulness, other.faithfulness
    assert first is not None and second is not None
    assert first.deletion == second.deletion and first.rows == second.rows
    assert first.random != second.random
    assert first.interval[0] <= first.random <= first.interval[1]
    assert 1 <= first.rows <= 5
    assert one.stability is not None and -1 <= one.stability <= 1
    single = planted.explain("p225", top=1).faithfulness
    assert single is not None and single.rows == 1
    assert single.deletion == pytest.approx(abs(one.rows[0].effect), abs=1e-6)


def test_explaining_leaves_the_model_as_it_was(planted: Planted) -> None:
    model = planted.trainer.model
    assert model is not None
    before = {name: value.clone() for name, value in model.state_dict().items()}
    planted.explain("p225")
    assert not model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_regions_of_two_pictures_stay_apart() -> None:
    graph = late_graph().as_of(200)
    content = ContentIndex.of(graph, hashing_embeddings(graph))
    place = graph.index_of(("post", "p1"))
    row = Examples(
        "any",
        {"node": ("post", np.array([place]))},
        np.array([150]),
        np.zeros(1),
        np.array(["g"], dtype=object),
        np.zeros(1, np.int64),
    )
    data = make_batch(graph, content, {"any": row}, (2,), 0).data
    regions = _regions(data, "post", [0])
    assert [r.what.split(",")[0] for r in regions] == ["picture 1"] * 4 + ["picture 2"] * 4
    assert regions[1].what == "picture 1, row 1, column 2 of 2×2"
    rows = data["post"].image_row[0].tolist()
    untouched = data.image_mask.clone()
    for chosen in ([0, 5, 2], [5, 0, 2], [6, 1, 7, 3]):
        changed = _without(data, [regions[i] for i in chosen])
        own = changed["post"].image_row[0]
        for picture in (0, 1):
            left = changed.image_mask[own[picture]].tolist()
            gone = {i % 4 + 1 for i in chosen if i // 4 == picture}
            assert left == [not gone, *(token not in gone for token in range(1, 5))]
        assert data["post"].image_row[0].tolist() == rows and torch.equal(data.image_mask, untouched)

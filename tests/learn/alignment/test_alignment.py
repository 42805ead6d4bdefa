from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from graphsocial.embed import EmbeddingTable, hashing_embeddings
from graphsocial.embed.table import ModalityTokens
from graphsocial.errors import DataIntegrityError, LeakageError, NotFittedError, SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.learn.alignment.alignment import FILE, Alignment
from graphsocial.learn.alignment.alignment_training import AlignmentTraining
from graphsocial.learn.alignment.fit_alignment import fit_alignment, train_alignment, validation_pairs
from graphsocial.learn.alignment.linear_floors import cca_alignment, mean_reciprocal_rank
from graphsocial.learn.checkpoint import write_checkpoint
from graphsocial.nn.alignment_net import AlignmentNetConfig
from graphsocial.query import Engine
from graphsocial.query.content_encoder import ContentEncoder
from graphsocial.store import save_graph
from tests.learn.alignment.planted_pairs import picture_posts, planted_pairs

TEST, LATER = 80, 110
SMALL = AlignmentTraining(AlignmentNetConfig(channels=8, dropout=0.1), nets=2, epochs=4, ridge=(0.3, 1.0), rate=3e-3)
BENT = replace(SMALL, net=AlignmentNetConfig(channels=8, hidden=48, dropout=0.1), epochs=12, batch=64)


def world() -> tuple[SocialGraph, EmbeddingTable]:
    graph = picture_posts()
    return graph, hashing_embeddings(graph)


def test_learns_what_is_shared_and_nothing_where_nothing_is() -> None:
    pairs = planted_pairs(600, noise=0.1, bent=True)
    train, test = pairs.take(np.arange(400)), pairs.take(np.arange(400, 600))
    fit = train_alignment(train, 10**6, BENT)
    assert (
        fit.valid == 60 and fit.train == 340 and min(fit.epochs) > 0 and fit.losses[0][fit.epochs[0]] < fit.losses[0][0]
    )
    linear = cca_alignment(train.take(np.arange(340)), train.take(np.arange(340, 400)), 8)
    assert mean_reciprocal_rank(fit.alignment, test) > 2 * mean_reciprocal_rank(linear, test)
    shuffled = pairs.take(np.arange(600))
    shuffled.image[:] = shuffled.image[np.random.default_rng(0).permutation(600)]
    nothing = train_alignment(shuffled.take(np.arange(400)), 10**6, BENT)
    assert mean_reciprocal_rank(nothing.alignment, shuffled.take(np.arange(400, 600))) < 0.06
    assert fit.chance == nothing.chance == pytest.approx(sum(1 / at for at in range(1, 61)) / 60)
    assert fit.found > 0.5 and nothing.found < 3 * nothing.chance and fit.first_use == 0
    assert "on 60 pairs before they were learned from" in repr(fit)


def test_the_same_seed_gives_the_same_alignment_and_leaves_the_global_one() -> None:
    pairs = planted_pairs(300, bent=True)
    state = torch.get_rng_state()
    one, again, other = (train_alignment(pairs, 9, BENT, rng=rng).alignment for rng in (1, 1, 2))
    assert torch.equal(state, torch.get_rng_state())
    a, b, c = (found.project("text", pairs.text) for found in (one, again, other))
    assert a.tobytes() == b.tobytes() and not np.array_equal(a, c)
    np.testing.assert_allclose(np.linalg.norm(a, axis=1), 1, rtol=1e-5)


def test_validation_holds_the_newest_groups_whole() -> None:
    pairs = planted_pairs(100)
    pairs.group[99] = 0  # a pair of the oldest group that came last
    newest = validation_pairs(pairs, 0.2, 0)
    assert not newest[99] and newest.sum() == 20 and newest[79:99].all()
    pairs.time[:] = 5
    drawn = validation_pairs(pairs, 0.2, 0)
    assert 19 <= drawn.sum() <= 21 and not np.array_equal(drawn, newest) and drawn[0] == drawn[99]


def test_saved_and_opened(tmp_path: Path) -> None:
    pairs = planted_pairs(60)
    made = train_alignment(pairs, 700, SMALL).alignment
    made.save(tmp_path / FILE)
    read = Alignment.open(tmp_path / FILE)
    assert read.project("image", pairs.image).tobytes() == made.project("image", pairs.image).tobytes()
    assert (read.known_until, read.pairs, read.name, repr(read)) == (700, 60, made.name, repr(made))
    assert "learned alignment of made up words and made up pictures" in repr(read)
    write_checkpoint(tmp_path / "other", {}, {"kind": "soup"})
    with pytest.raises(DataIntegrityError, match="'soup'"):
        Alignment.open(tmp_path / "other")
    write_checkpoint(tmp_path / "other", {}, {"kind": "learned alignment", "config": {"width": 1}})
    with pytest.raises(DataIntegrityError, match="damaged"):
        Alignment.open(tmp_path / "other")


def test_wrong_vectors_pairs_and_settings() -> None:
    pairs = planted_pairs(60)
    made = train_alignment(pairs, 9, SMALL).alignment
    with pytest.raises(SchemaError, match="Did you mean 'image'"):
        made.project("images", pairs.image)
    with pytest.raises(SchemaError, match="expected \\[content, 24\\]"):
        made.project("text", pairs.image)
    assert made.project("text", pairs.text[:0]).shape == (0, 16)
    with pytest.raises(SchemaError, match="too few"):
        train_alignment(pairs.take(np.arange(5)), 9, SMALL)
    with pytest.raises(SchemaError, match="nets=0"):
        train_alignment(pairs, 9, AlignmentTraining(nets=0))
    _, tokens = world()
    with pytest.raises(SchemaError, match="learned on texts by made up words"):
        made.align(tokens)


def test_what_comes_later_is_not_learned() -> None:
    graph, erased = picture_posts(), picture_posts(until=TEST)
    one = fit_alignment(graph.as_of(TEST), hashing_embeddings(graph), SMALL)
    other = fit_alignment(erased.as_of(TEST), hashing_embeddings(erased), SMALL)
    assert one.known_until == other.known_until == TEST and one.pairs == other.pairs
    for a, b in zip(one.nets, other.nets, strict=True):
        assert all(torch.equal(x, b.state_dict()[name]) for name, x in a.state_dict().items())
    later = fit_alignment(graph.as_of(LATER), hashing_embeddings(graph), SMALL)
    assert later.pairs > one.pairs


def test_engine_searches_across_modalities_as_of_its_view(tmp_path: Path) -> None:
    graph, tokens = world()
    made = fit_alignment(graph.as_of(TEST), tokens, SMALL)
    engine = Engine(graph.as_of(LATER), tokens, None, alignment=made)
    post = next(
        str(i)
        for i, text in zip(engine.graph.node_ids("post"), engine.graph.column("post", "text").to_pylist(), strict=True)
        if text
    )
    found = engine.similar(node=("post", post), modality="image", k=999)
    assert found.searched == len(found) > 10 and post not in found.ids and "learned alignment" in found.encoder
    assert (found.time < LATER).all()
    # by hand: the nearest picture that each post shows, in the common space
    row = tokens.rows("post", "text", [post])[0, 0]
    query = made.project("text", tokens.tokens["text"].tokens[[row], 0].astype(np.float32))[0]
    first = tokens.rows("post", "image", [found.ids[0]])[0]
    shown = made.project("image", tokens.tokens["image"].tokens[first[first >= 0], 0].astype(np.float32))
    assert found.similarity[0] == pytest.approx((shown @ query).max(), abs=2e-3)
    within = engine.similar(node=("post", post), modality="image", within=list(found.ids[3:6]), k=9)
    assert within.ids == found.ids[3:6]
    assert engine.similar(node=("post", post), modality="text").ids == engine.similar(node=("post", post)).ids
    with pytest.raises(SchemaError, match="Did you mean 'image'"):
        engine.similar(node=("post", post), modality="images")

    with pytest.raises(NotFittedError, match="no learned alignment"):
        Engine(graph.as_of(LATER), tokens, None).similar(node=("post", post), modality="image")
    with pytest.raises(LeakageError, match="learned alignment knows"):
        Engine(graph.as_of(TEST - 1), tokens, None, alignment=made)
    Engine(graph.as_of(TEST - 1), tokens, None, alignment=made, allow_future_model=True)
    assert Engine(graph, tokens, None, alignment=made).as_of >= TEST

    save_graph(graph, tmp_path / "run")
    tokens.save(tmp_path / "run" / "tokens")
    made.save(tmp_path / "run" / FILE)
    opened = Engine.open(tmp_path / "run", None).similar(node=("post", post), modality="image", k=3, window=(0, LATER))
    assert opened.ids == found.ids[:3]


def test_a_picture_finds_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, tokens = world()
    made = fit_alignment(graph.as_of(TEST), tokens, SMALL)
    vector = tokens.tokens["image"].tokens[0, 0].astype(np.float32)
    monkeypatch.setattr(ContentEncoder, "vector", lambda self, text, image: vector)
    found = Engine(graph.as_of(LATER), tokens, None, alignment=made).similar(image="x.jpg", modality="text", k=4)
    placed = made.project("text", tokens.tokens["text"].tokens[:, 0].astype(np.float32))
    best = (placed @ made.project("image", vector[None])[0]).max()
    assert found.similarity[0] <= best + 2e-3 and len(found) == 4
    only_text = EmbeddingTable({"text": tokens.tokens["text"]}, tokens.contents)
    with pytest.raises(SchemaError, match="no image was embedded"):
        Engine(graph.as_of(LATER), only_text, None, alignment=made).similar("words", modality="image")
    assert isinstance(made.align(tokens).tokens["text"], ModalityTokens)

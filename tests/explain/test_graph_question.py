"""Edges, neighbours, words, regions and modalities of heads of a graph model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import torch

from graphsocial.embed import embed_posts
from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.explain import (
    GraphQuestion,
    attribute,
    faithfulness_report,
    graph_question,
    masked_predictions,
    seed_stability,
)
from graphsocial.explain.captum_gradients import captum_gradients
from graphsocial.explain.content_holders import NEAR, content_holders
from graphsocial.explain.explanation import _raw
from graphsocial.explain.replaced_output import replaced_output
from graphsocial.graph import SocialGraph
from graphsocial.learn import Task, TemporalSplit, Trainer, TrainingConfig
from graphsocial.learn.batching import ContentIndex, make_batch
from graphsocial.learn.questions import question
from graphsocial.nn import EncoderConfig
from graphsocial.schema import Column, EdgeType, Schema
from tests.explain.test_explanation import Planted, planted  # noqa: F401
from tests.leakage.erasable_world import LIKE, MENTION, SHARE, TEST
from tests.learn.small_training import WordHashes, small_trainer, trained, world_graph, world_tokens

QUOTE: EdgeType = ("post", "quote", "post")
CUT, END = 2_400, 3_000


def quoting_graph() -> SocialGraph:
    """A post's mood is that of the one post it quotes which says alpha or beta; it quotes others, which say nothing."""
    rng = np.random.default_rng(2)
    ids, texts, moods, times, edges = [], [], [], [], []
    fillers = ("rain", "walk", "road", "bread")
    for number in range(60):
        ids.append(f"o{number}")
        texts.append("alpha" if number % 3 == 0 else "beta" if number % 3 == 1 else str(rng.choice(fillers)))
        moods.append(None)
        times.append(number + 1)
    for number in range(240):
        good = rng.random() < 0.5
        told = f"o{3 * rng.integers(0, 20) + (0 if good else 1)}"
        others = [f"o{3 * place + 2}" for place in rng.choice(20, 3, replace=False)]
        time = 100 + 10 * number
        ids.append(f"p{number}")
        texts.append("same words")
        moods.append("good" if good else "bad")
        times.append(time)
        edges += [(f"p{number}", other, time) for other in rng.permutation([told, *others])]
    schema = Schema({"post": {"text": Column(), "mood": Column()}}, {QUOTE: {}})
    posts = pa.table({"id": ids, "known_at": times, "text": texts, "mood": moods})
    src, dst, time = zip(*edges, strict=True)
    return SocialGraph.build(schema, {"post": posts}, {QUOTE: pa.table({"src": src, "dst": dst, "time": time})})


class Quoting:
    def __init__(self, rng: int = 1) -> None:
        self.graph = quoting_graph()
        self.tokens = embed_posts(self.graph, WordHashes(tokens=2, channels=32))
        self.trainer = Trainer(
            [Task.post_label("mood")],
            TemporalSplit(valid=2_000, test=CUT, end=END),
            encoder=EncoderConfig(channels=16, heads=2, layers=1, dropout=0.0, modality_dropout=0.0),
            training=TrainingConfig(
                epochs=15, patience=15, batch_size=32, learning_rate=1e-2, warmup=1, fanout=(5,), weight_decay=0.0
            ),
            rng=rng,
            device="cpu",
        )
        self.score = max(r.score for r in self.trainer.epochs(self.graph, self.tokens))
        self.view = self.graph.as_of(END)
        self.content = ContentIndex.of(self.view, self.tokens)

    def question(self, post: str, **options) -> GraphQuestion:
        row = question(self.trainer.task("mood"), self.view, ("post", post))
        return GraphQuestion(self.trainer, self.view, self.content, row, **options)

    def says(self, node: str) -> str:
        return str(self.view.column("post", "text")[self.view.index_of(("post", node))].as_py())


@pytest.fixture(scope="module")
def quoting() -> Quoting:
    return Quoting()


@pytest.mark.parametrize("method", ["deletion", "integrated_gradients", "gradient_input"])
def test_the_planted_neighbour_is_found(quoting, method):
    assert quoting.score > 0.9
    edges = neighbours = 0
    for number in range(225, 231):
        found = attribute(quoting.question(f"p{number}"), method)
        kinds = [piece.kind for piece in found.pieces]
        assert kinds.count("edge") == kinds.count("neighbour") == 4
        edge, neighbour = found.only("edge").top(1).pieces[0].what, found.only("neighbour").top(1).pieces[0].what
        edges += quoting.says(edge.split()[4].rstrip(",")) in ("alpha", "beta")
        neighbours += quoting.says(neighbour.split()[1]) in ("alpha", "beta")
    assert edges >= 5 and neighbours >= 5


def test_deletion_is_asking_the_tree_without_the_edge(quoting):
    asked = quoting.question("p230")
    found = attribute(asked)
    row = question(quoting.trainer.task("mood"), quoting.view, ("post", "p230"))
    batch = make_batch(quoting.view, quoting.content, {"mood": row}, (5,), 0)
    chosen = ("bad", "good").index(asked.output_name.split("'")[1])
    store = batch.data[QUOTE[2], "rev_quote", QUOTE[0]]
    whole = store.edge_index, store.age, store.edge_id
    expected = {}
    for place in range(whole[0].shape[1]):
        keep = torch.arange(whole[0].shape[1]) != place
        store.edge_index, store.age, store.edge_id = whole[0][:, keep], whole[1][keep], whole[2][keep]
        other = quoting.view.node_ids("post")[int(batch.data["post"].node[whole[0][0, place]])]
        raw = _raw(quoting.trainer, batch, batch.data)
        expected[str(other)] = found.value - float(raw.softmax(-1)[chosen])
    neighbours = found.only("neighbour")
    by_name = {piece.what.split()[1]: score for piece, score in zip(neighbours.pieces, neighbours.score, strict=True)}
    assert by_name == pytest.approx(expected, abs=1e-6)
    assert found.only("edge").score == pytest.approx(neighbours.score)
    assert found.as_of == 2_401 and found.only("edge").pieces[0].what.startswith("post p230 quote post o")


def test_integrated_gradients_of_a_tree_add_up(quoting, monkeypatch):
    slopes = []

    def noted(*given):
        slopes.append(captum_gradients(*given))
        return slopes[-1]

    monkeypatch.setattr(graph_question, "captum_gradients", noted)
    asked = quoting.question("p231")
    edges = attribute(asked, "integrated_gradients", steps=100).only("edge").score
    x, nothing = asked._slots(asked._batch.data)[0], asked._nothing()

    def value(slots):
        with torch.no_grad(), replaced_output({asked._model.encoder.slots: lambda out: (slots, out[1])}):
            return float(_raw(asked._trainer, asked._batch, asked._batch.data).softmax(-1)[asked._chosen])

    each = (slopes[0][0][0] * (x - nothing)).sum(dim=(1, 2))
    total = value(x) - value(nothing)
    assert abs(total) > 0.05 and float(each.sum()) == pytest.approx(total, abs=5e-3)
    # the node asked about comes first, the neighbours are behind the edges
    assert edges.sum() == pytest.approx(float(each[1:].sum()), abs=1e-5)


def test_as_an_explanation_of_pyg(quoting):
    asked = quoting.question("p231")
    found = attribute(asked)
    explanation = asked.to_pyg(found)
    assert explanation.validate()
    into = explanation["post", "rev_quote", "post"]
    assert sorted(into.edge_mask.tolist()) == pytest.approx(sorted(np.abs(found.only("edge").score)))
    kept = explanation.get_explanation_subgraph()
    assert kept["post", "rev_quote", "post"].edge_index.shape[1] == int((into.edge_mask > 0).sum())
    with pytest.raises(SchemaError, match="expected one of"):
        asked.to_pyg(attribute(quoting.question("p232")))


def test_it_is_faithful_against_random_and_attention(quoting):
    questions = [quoting.question(f"p{number}") for number in range(225, 237)]
    methods = ("deletion", "attention")
    given = {method: [attribute(each, method) for each in questions] for method in methods}
    report = faithfulness_report(questions, given, "neighbour")
    assert report.rows[0].over_random.interval[0] > 0
    assert all((each.only("edge").score >= 0).all() for each in given["attention"])
    assert all(each.only("edge").score.sum() <= 1 + 1e-5 for each in given["attention"])
    other = Quoting(5)
    again = [
        attribute(other.question(f"p{n}", chosen=q.output_name.split("'")[1]))
        for n, q in zip(range(225, 237), questions, strict=True)
    ]
    assert seed_stability([given["deletion"], again], "neighbour").value > 0.3


@pytest.mark.parametrize("method", ["deletion", "integrated_gradients", "gradient_input"])
def test_words_of_the_own_text(planted: Planted, method):  # noqa: F811
    right = 0
    for post in ("p220", "p221", "p222", "p223", "p224"):
        row = planted.row(post)
        asked = GraphQuestion(
            planted.trainer, planted.view, planted.content, row, text=planted.text(post), embedder=planted.embedder
        )
        found = attribute(asked, method)
        first, last = found.only("word").pieces[1].place
        assert planted.text(post)[first:last] == found.only("word").pieces[1].what
        right += found.only("word").top(1).pieces[0].what in ("alpha", "beta")
        shares = attribute(asked, "attention").only("word").score
        assert (shares >= 0).all() and 0 < shares.sum() <= 1
    assert right >= 4


@pytest.fixture(scope="module")
def linked() -> tuple[Trainer, SocialGraph, ContentIndex]:
    trainer = trained(small_trainer([Task.link(MENTION, negatives=3)], fanout=(4, 3), epochs=1))
    view = world_graph().as_of(TEST)
    return trainer, view, ContentIndex.of(view, world_tokens())


def test_other_heads_and_what_cannot_be_asked():
    trainer = trained(
        small_trainer(
            [Task.post_label("mood"), Task.link(MENTION, negatives=3), Task.popularity(column="reposts")],
            fanout=(4, 3),
            epochs=1,
        )
    )
    view = world_graph().as_of(TEST)
    content = ContentIndex.of(view, world_tokens())
    pair = question(trainer.task("link"), view, ("user", "u0"), ("user", "u1"))
    asked = GraphQuestion(trainer, view, content, pair)
    assert asked.subject == "user u0 and user u1"
    for method in ("deletion", "integrated_gradients", "gradient_input", "attention"):
        found = attribute(asked, method, steps=2)
        assert np.isfinite(found.score).all() and found.score.any()
    assert {piece.kind for piece in asked.pieces} == {"edge", "neighbour", "modality", "region"}
    assert {piece.what for piece in asked.pieces if piece.kind == "modality"} == {"every text", "every image"}
    post = str(view.node_ids("post")[view.num_nodes("post") - 5])
    popular = GraphQuestion(trainer, view, content, question(trainer.task("popularity"), view, ("post", post)))
    assert popular.output(np.ones((1, len(popular.pieces)), dtype=bool)).shape == (1,)
    with pytest.raises(SchemaError, match="expected one"):
        GraphQuestion(trainer, view, content, pair.take(np.array([], dtype=int)))
    with pytest.raises(SchemaError, match="unknown class 'x'"):
        GraphQuestion(trainer, view, content, pair, chosen="x")
    with pytest.raises(NotFittedError):
        GraphQuestion(small_trainer(), view, content, pair)


def test_words_and_regions_of_neighbours_of_who_has_none(linked):
    trainer, view, content = linked
    embedder, texts = (
        WordHashes(),
        dict(zip(view.node_ids("post"), view.column("post", "text").to_pylist(), strict=True)),
    )
    row = question(trainer.task("link"), view, ("user", "u0"), ("user", "u1"))

    def ask(given: ContentIndex) -> GraphQuestion:
        return GraphQuestion(trainer, view, given, row, embedder=embedder, near_text=lambda key: texts[key[1]])

    asked = ask(content)
    found = attribute(asked)
    words, regions = found.only("word"), found.only("region")
    posts = {piece.of for piece in (*words.pieces, *regions.pieces)}
    assert 1 <= len(posts) <= NEAR and regions.score.any()
    assert all(post.startswith("post p") for post in posts)
    for piece, score in zip(words.pieces, words.score, strict=True):
        post = piece.of.split()[1]
        first, last = piece.place
        assert texts[post][first:last] == piece.what
        shorter = embedder.embed([texts[post][:first] + texts[post][last:]])
        rows = {key: each.copy() for key, each in content.rows.items()}
        rows["post", "text"][view.index_of(("post", post))] = len(content.tokens["text"])
        tokens = torch.cat([content.tokens["text"], torch.from_numpy(shorter.tokens)])
        masks = torch.cat([content.masks["text"], torch.from_numpy(shorter.mask)])
        other = replace(
            content, rows=rows, tokens=content.tokens | {"text": tokens}, masks=content.masks | {"text": masks}
        )
        changed = ask(other).output(np.ones((1, len(asked.pieces)), dtype=bool))[0]
        assert score == pytest.approx(found.value - changed, abs=1e-6)
    assert words.score.any()
    shares = attribute(asked, "attention")
    for kind in ("word", "region", "modality"):
        assert (shares.only(kind).score >= 0).all() and 0 < shares.only(kind).score.sum() <= 1 + 1e-5
    whole = attribute(asked).only("modality")
    kept = np.array([piece.kind != "modality" for piece in asked.pieces])
    assert asked.output(kept[None])[0] == pytest.approx(
        masked_predictions(trainer, view, content, row, ("graph", "behaviour"))[0], abs=1e-5
    )
    assert whole.score.any() and "word of post p" in repr(found.only("word"))


def test_the_nearest_and_latest_are_looked_at(linked):
    trainer, view, content = linked
    row = question(trainer.task("link"), view, ("user", "u0"), ("user", "u1"))
    data = make_batch(view, content, {"link": row}, trainer.training.fanout, 0).data
    asked = [("user", 0), ("user", 1)]
    posts, far = data["post"], {}
    has = (posts.text_row >= 0).any(dim=1) | (posts.image_row >= 0).any(dim=1)
    for hop in (1, 2):
        for edge_type in data.edge_types:
            ends, age = data[edge_type].edge_index.tolist(), data[edge_type].age.tolist()
            for source, _, old in zip(*ends, age, strict=True):
                if edge_type[0] == "post" and posts.hop[source] == hop and has[source]:
                    name = int(posts.node[source])
                    far[name] = min(far.get(name, (hop, old)), (hop, old))
    holders = content_holders(data, asked)
    assert len({hop for hop, _ in far.values()}) == 2
    assert [holder.node for holder in holders] == sorted(far, key=lambda n: (far[n], n))[:NEAR]
    assert all((posts.node[list(holder.places)] == holder.node).all() for holder in holders)
    for edge_type in data.edge_types:  # a user without posts of their own is read through those of others
        if edge_type[0] == "post":
            keep = posts.hop[data[edge_type].edge_index[0]] > 1
            data[edge_type].edge_index, data[edge_type].age = (
                data[edge_type].edge_index[:, keep],
                data[edge_type].age[keep],
            )
    second = {name: each for name, each in far.items() if each[0] == 2}
    assert content_holders(data, asked)[0].node in second


@pytest.mark.parametrize("task", [Task.next_user(SHARE), Task.recommendation(LIKE)])
def test_heads_that_rank(task):
    trainer = trained(small_trainer([task], fanout=(4, 3), epochs=1))
    graph = world_graph()
    rows = trainer.examples(graph, "test")[task.name]
    content, view = ContentIndex.of(graph, world_tokens()), graph.as_of(int(rows.time.max()) + 1)
    for place in np.flatnonzero(rows.target)[-1:]:
        single = rows.take(np.array([place]))
        asked = GraphQuestion(trainer, view, content, single)
        expected = trainer.predict(graph, content, {task.name: single})[task.name]
        assert asked.output(np.ones((1, len(asked.pieces)), dtype=bool)) == pytest.approx(expected, abs=1e-6)
        kinds = {piece.kind for piece in asked.pieces}
        assert {"edge", "neighbour", "modality"} <= kinds
        for method in ("deletion", "integrated_gradients", "gradient_input", "attention"):
            found = attribute(asked, method, steps=2)
            assert np.isfinite(found.score).all() and found.only("neighbour").score.any()

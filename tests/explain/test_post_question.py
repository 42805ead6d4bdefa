"""Words, regions and modalities of a classifier of posts: exact where there is a truth, found where it is planted."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
import torch
from PIL import Image

from graphsocial.errors import MissingExtraError, SchemaError
from graphsocial.explain import PostQuestion, attribute, faithfulness_report, seed_stability
from graphsocial.explain.attention_received import _weights, attention_received
from graphsocial.explain.covered_picture import covered_picture, region_edges
from graphsocial.explain.replaced_output import replaced_output
from graphsocial.explain.word_spans import MOST, without_words, word_spans
from tests.explain.planted_posts import CLASSES, GRID, PlantedPosts, planted_posts

TESTED = range(180, 240)


@pytest.fixture(scope="module")
def world() -> PlantedPosts:
    return planted_posts()


def with_text(world: PlantedPosts) -> list[int]:
    return [at for at in TESTED if world.texts[at]]


def with_picture(world: PlantedPosts) -> list[int]:
    return [at for at in TESTED if world.pictures[at] is not None and not world.texts[at]]


def test_deletion_is_reading_the_shorter_text_and_the_covered_picture(world):
    at = next(at for at in TESTED if world.texts[at] and world.pictures[at] is not None)
    question = world.question(at)
    found = attribute(question)

    def asked(text, picture):
        inputs, evidence = world.reader.read([text], [picture])
        return world.model.probability(inputs, evidence)[0, CLASSES.index(question.chosen)]

    assert found.value == pytest.approx(asked(world.texts[at], world.pictures[at]))
    words = world.texts[at].split()
    by_word = [asked(" ".join(words[:i] + words[i + 1 :]), world.pictures[at]) for i in range(len(words))]
    assert found.only("word").score == pytest.approx(found.value - np.array(by_word))
    assert [piece.what for piece in found.only("word").pieces] == words
    by_region = [asked(world.texts[at], covered_picture(world.pictures[at], [i], GRID)) for i in range(GRID**2)]
    assert found.only("region").score == pytest.approx(found.value - np.array(by_region))
    assert found.only("region").pieces[1].place == (0, 1, GRID)
    gone = [asked("", world.pictures[at]), asked(world.texts[at], None)]
    assert found.only("modality").score == pytest.approx(found.value - np.array(gone))
    first, last = found.only("word").pieces[2].place
    assert world.texts[at][first:last] == words[2]


@pytest.mark.parametrize("method", ["deletion", "integrated_gradients", "gradient_input"])
def test_the_planted_word_and_region_are_found(world, method):
    words = [attribute(world.question(at), method).only("word").top(1).pieces[0].what for at in with_text(world)[:8]]
    assert sum(word in ("sun", "rain") for word in words) >= 7
    right = 0
    for at in with_picture(world)[:6]:
        y, x, _ = attribute(world.question(at), method).only("region").top(1).pieces[0].place
        right += y * GRID + x == world.cell[at]
    assert right >= 5


def test_it_is_faithful_and_stable(world):
    rows = with_text(world)[:10]
    questions = [world.question(at) for at in rows]
    methods = ("deletion", "integrated_gradients", "attention")
    given = {method: [attribute(question, method) for question in questions] for method in methods}
    report = faithfulness_report(questions, given, "word", orders=3)
    for row in report.rows[:2]:
        assert row.over_random.interval[0] > 0.05
    other = planted_posts(1)
    again = [
        attribute(other.question(at, chosen=question.chosen)) for at, question in zip(rows, questions, strict=True)
    ]
    assert seed_stability([given["deletion"], again], "word").value > 0.3


def test_integrated_gradients_add_up():
    world = planted_posts(0, False)
    at = next(at for at in TESTED if world.texts[at] and world.pictures[at] is not None and not world.target[at])
    question = world.question(at)
    score = attribute(question, "integrated_gradients", steps=400).only("modality").score
    inputs, _ = world.reader.read([world.texts[at]], [world.pictures[at]])
    nothing = []
    for net in world.networks:
        blank = {net.narrow[name]: (lambda out, bias=net.narrow[name].bias: bias.expand_as(out)) for name in net.narrow}
        with torch.no_grad(), replaced_output(blank):
            tokens = {name: torch.as_tensor(each) for name, each in inputs.tokens.items()}
            logits = net(tokens, {name: torch.as_tensor(each) for name, each in inputs.mask.items()}, {})
        nothing.append(float(logits.softmax(-1)[0, CLASSES.index(question.chosen)]))
    whole = float(question.output(np.ones((1, len(question.pieces)), dtype=bool))[0])
    assert abs(whole - np.mean(nothing)) > 0.1
    assert score.sum() == pytest.approx(whole - np.mean(nothing), abs=1e-2)


def test_attention_sums_to_one_and_goes_where_tokens_are(world):
    at = next(at for at in TESTED if world.texts[at] and world.pictures[at] is not None)
    found = attribute(world.question(at), "attention")
    assert (found.score >= 0).all() and 0.3 < found.only("modality").score.sum() <= 1 + 1e-5
    assert found.only("region").score.sum() == pytest.approx(found.only("modality").score[1], abs=1e-5)
    net = world.networks[0]
    inputs, evidence = world.reader.read([world.texts[at], ""], [None, world.pictures[at]])
    tokens, mask, says = (
        {name: torch.as_tensor(np.asarray(each)) for name, each in part.items()}
        for part in (inputs.tokens, inputs.mask, evidence)
    )
    got = attention_received(net, tokens, mask, says)
    assert sum(each.sum(dim=1) for each in got.values()).tolist() == pytest.approx([1, 1], abs=1e-5)
    # what is not there gets nothing, but for the null in the first place
    assert float(got["image"][0, 1:].abs().max()) == 0 and float(got["image"][0, 0]) > 0


def test_weights_are_those_of_the_block(world):
    block = world.networks[0].attention
    x, allowed = torch.randn(2, 5, 16), torch.rand(2, 5, 5) > 0.4
    allowed |= torch.eye(5, dtype=torch.bool)
    weight = _weights(block, x, allowed)
    value = block.ask(block.norm(x)).chunk(3, dim=-1)[2].unflatten(-1, (block.heads, -1)).transpose(1, 2)
    mixed = x + block.out((weight @ value).transpose(1, 2).flatten(2))
    expected = mixed + block.feed_forward(mixed)
    assert torch.allclose(block(x, allowed), expected, atol=1e-5)


def test_explaining_leaves_the_network_as_it_was(world):
    net = world.networks[0]
    before = {name: each.clone() for name, each in net.state_dict().items()}
    slopes = [None if each.grad is None else each.grad.clone() for each in net.parameters()]
    question = world.question(185)
    one = [attribute(question, method).score for method in ("integrated_gradients", "attention", "deletion")]
    two = [attribute(world.question(185), m).score for m in ("integrated_gradients", "attention", "deletion")]
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert not net.training and all(torch.equal(before[name], each) for name, each in net.state_dict().items())
    assert all(not module._forward_hooks and not module._forward_pre_hooks for module in net.modules())
    after = [each.grad for each in net.parameters()]
    assert all(a is b is None or torch.equal(a, b) for a, b in zip(slopes, after, strict=True))


def test_what_cannot_be_asked(world):
    for text, shown in (("", None), ("  ", None)):
        with pytest.raises(SchemaError, match="a text or a picture"):
            PostQuestion(world.networks, world.reader, text, shown, CLASSES)
    with pytest.raises(SchemaError, match="Did you mean 'glad'"):
        PostQuestion(world.networks, world.reader, "sun", None, CLASSES, chosen="glat")
    only_text = PostQuestion(world.networks, world.reader, "sun", None, CLASSES)
    assert [piece.kind for piece in only_text.pieces] == ["modality", "word"]
    assert attribute(only_text, "integrated_gradients").score.shape == (2,)


def test_without_captum(world, monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("captum"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"graphsocial\[explain\]"):
        attribute(world.question(185), "gradient_input")
    assert attribute(world.question(185), "deletion").score.any()


def test_words_and_cells():
    assert word_spans("") == () and word_spans(" \n ") == ()
    assert len(word_spans("a " * 99)) == MOST
    text = "  one\ttwo  three "
    spans = word_spans(text)
    assert [text[a:b] for a, b in spans] == ["one", "two", "three"]
    assert without_words(text, spans) == "" and without_words(text, []) == text
    assert without_words(text, [spans[2], spans[0]]) == "two"
    mixed = "天気 is 良い"
    assert [mixed[a:b] for a, b in word_spans(mixed)] == ["天", "気", "is", "良", "い"]
    assert region_edges(2, 4).tolist() == [0, 0, 1, 1, 2]
    tiny = Image.new("RGB", (1, 1), (9, 8, 7))
    assert np.asarray(covered_picture(tiny, range(8), 3)).tolist() == [[[9, 8, 7]]]
    assert np.asarray(covered_picture(tiny, [8], 3)).tolist() == [[[128, 128, 128]]]

"""The floors that read words."""

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors import TfidfCount, TfidfLabel
from graphsocial.learn.floors.texts import texts_before, tfidf
from graphsocial.learn.metrics import ACCURACY, MSLE
from graphsocial.schema import Column, Schema

TAG = ("post", "tag", "hashtag")


def posts(texts, known_at=None, column=None, edges=()):
    schema = Schema({"post": {"text": column or Column(), "likes": Column("int")}, "hashtag": {}}, {TAG: {}})
    known = range(len(texts)) if known_at is None else known_at
    ids = [f"p{i:03}" for i in range(len(texts))]
    table = pa.table({"id": ids, "known_at": pa.array(known, pa.int64()), "text": pa.array(texts, pa.string())})
    src, dst, time = zip(*edges, strict=True) if edges else ((), (), ())
    tag = pa.table(
        {"src": pa.array(src, pa.string()), "dst": pa.array(dst, pa.string()), "time": pa.array(time, pa.int64())}
    )
    return SocialGraph.build(schema, {"post": table}, {TAG: tag})


def asked(node, time, target, classes=("no", "yes")):
    n = len(node)
    nodes = {"node": ("post", np.asarray(node))}
    return Examples(
        "t", nodes, np.asarray(time), np.asarray(target), np.arange(n).astype(object), np.arange(n), classes=classes
    )


def halves(texts, target):
    graph, n = posts(texts), len(texts)
    rows = asked(np.arange(n), np.arange(n) + 1, target)
    return graph, rows.take(np.arange(n // 2)), rows.take(np.arange(n // 2, n))


@pytest.mark.parametrize(
    ("analyser", "words"), [("word", ("calm sun", "storm flood")), ("char", ("今天天气好", "洪水来了"))]
)
def test_words_that_tell_are_found(analyser, words):
    target = np.arange(40) % 2
    graph, train, test = halves([words[y] for y in target], target)
    probability = TfidfLabel(analyser=analyser).predict(graph, train, test)
    assert probability.shape == (20, 2) and np.allclose(probability.sum(axis=1), 1)
    assert ACCURACY(probability, test.target, test.query) == 1.0
    count = TfidfCount(analyser=analyser).predict(graph, train, test)
    assert MSLE(count, test.target, test.query) < 0.02 and (count >= 0).all()


def test_words_that_do_not_tell_give_the_mean():
    graph, train, test = halves(["same words"] * 40, np.arange(40) % 4)
    assert TfidfCount().predict(graph, train, test) == pytest.approx(
        np.full(20, np.log1p(train.target).mean()), abs=1e-6
    )


def test_one_class_or_no_words_still_work():
    graph, train, test = halves(["storm", "sun"] * 10, np.ones(20, dtype=int))
    assert TfidfLabel().predict(graph, train, test).tolist() == [[0.0, 1.0]] * 10
    graph, train, test = halves([None, "", "!"] * 8, np.arange(24) % 2)
    assert TfidfLabel().predict(graph, train, test).tolist() == [[0.5, 0.5]] * 12
    assert TfidfCount().predict(graph, train, test) == pytest.approx(np.full(12, np.log(2) / 2))
    three = asked([0, 1], [1, 2], [0, 1], ("a", "b", "c"))  # class c never trained on keeps its column
    assert TfidfLabel().predict(posts(["storm", "sun"]), three, three)[:, 2].tolist() == [0, 0]


def test_normalisation_comes_before_the_words():
    graph, train, test = halves([f"{'STORM' if i % 2 else 'sun'} http://x/{i}" for i in range(20)], np.arange(20) % 2)
    seen = []

    def normalise(text):
        seen.append(text)
        return text.split(" ")[0].lower()

    TfidfLabel(normalise=normalise).predict(graph, train, test)
    assert len(seen) == 20
    assert texts_before(graph, train, "node", "text", normalise)[:2] == ("sun", "storm")


def test_the_default_hides_handles_as_from_the_encoder():
    """A handle that names the class in training says nothing: floor and model read the same text."""
    graph, train, test = halves([f"@{'storm' if i % 2 else 'sun'} here" for i in range(20)], np.arange(20) % 2)
    assert TfidfLabel().predict(graph, train, test) == pytest.approx(np.full((10, 2), 0.5))
    assert ACCURACY(TfidfLabel(normalise=str).predict(graph, train, test), test.target, test.query) == 1.0


def test_vocabulary_and_weights_come_from_training_alone():
    train, one = tfidf(("storm sun", "sun"), ("sun wind",), "word")
    again, other = tfidf(("storm sun", "sun"), ("sun wind", "storm storm", "wind"), "word")
    assert train.shape[1] == 3 and (train != again).nnz == 0 and (one != other[:1]).nnz == 0


def test_a_text_is_read_only_strictly_after_it_was_known():
    graph = posts(["first", "late"], known_at=[5, 50], edges=[("p001", "h", 3)])  # an edge names p001 before its row
    order = graph.index("post", ["p000", "p001", "p000", "p001"])
    rows = asked(order, [6, 6, 5, 51], [0] * 4)
    assert texts_before(graph, rows, "node", "text", str) == ("first", "", "", "late")


def test_a_text_measured_later_is_read_only_after_that_unless_assumed():
    graph = posts(["first", "second"], known_at=[5, 50], column=Column("string", known_at=20))
    rows = asked(graph.index("post", ["p000", "p000", "p001"]), [10, 21, 51], [0] * 3)
    assert texts_before(graph, rows, "node", "text", str) == ("", "first", "second")
    assert texts_before(graph.assume_known("post", "text"), rows, "node", "text", str) == ("first", "first", "second")
    assert texts_before(graph.as_of(51), rows, "node", "text", str) == ("", "first", "second")
    assert texts_before(graph.as_of(15), rows.take(np.array([0])), "node", "text", str) == ("",)


def test_columns_without_words():
    graph = posts(["a"])
    rows = asked([0], [1], [0])
    assert texts_before(graph, rows, "node", "caption", str) == ("",)
    with pytest.raises(SchemaError, match="holds int, expected string"):
        texts_before(graph, rows, "node", "likes", str)

"""Topics of posts as they come: a planted story is found, and later posts move no earlier one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from graphsocial import SocialGraph
from graphsocial.embed import hashing_embeddings
from graphsocial.errors import SchemaError
from graphsocial.query.emerging_topics import emerging_topics, post_vectors
from graphsocial.query.topic_stream import topic_stream
from graphsocial.query.topic_words import topic_words
from graphsocial.schema import Column, Schema

DAY = 86_400
SHOW = ("post", "show", "media")


def world(until=None):
    """Ten days of small talk; on day 8 a storm begins, with pictures."""
    rng = np.random.default_rng(0)
    talk = ["nice coffee this morning", "traffic jam again downtown", "good night everyone sleep tight"]
    rows = [(int(day * DAY + rng.integers(DAY)), talk[i % 3]) for day in range(10) for i in range(9)]
    rows += [(int(8 * DAY + rng.integers(DAY)), "storm floods harbour bridge") for _ in range(5)]
    rows += [(int(9 * DAY + rng.integers(DAY)), "storm floods harbour bridge") for _ in range(25)]
    rows = sorted(row for row in rows if until is None or row[0] < until)
    ids = [f"p{i}" for i in range(len(rows))]
    posts = pa.table({"id": ids, "known_at": [at for at, _ in rows], "text": [text for _, text in rows]})
    storm = [i for i, (_, text) in enumerate(rows) if text.startswith("storm")]
    show = pa.table({"src": [ids[i] for i in storm], "dst": ["m"] * len(storm), "time": [rows[i][0] for i in storm]})
    schema = Schema({"post": {"text": Column("string")}, "media": {"path": Column("string")}}, {SHOW: {}})
    return SocialGraph.build(schema, {"post": posts, "media": pa.table({"id": ["m"], "path": ["m.jpg"]})}, {SHOW: show})


@pytest.mark.parametrize("content", ["text", "image", "both"])
def test_a_planted_story_grows_most_with_its_words_pictures_and_beginning(content):
    graph = world().as_of(10 * DAY)
    found = emerging_topics(graph, hashing_embeddings(graph), content=content)
    assert found.now[0] == 25 and found.posts[0] == 30 and found.image_share[0] == 1.0
    assert set(found.words[0]) <= {"storm", "floods", "harbour", "bridge"} and len(found.words[0]) == 4
    assert 8 * DAY <= found.since[0] < 9 * DAY and found.growth[0] == found.growth.max()
    texts = dict(zip(graph.node_ids("post"), graph.column("post", "text").to_pylist(), strict=True))
    assert all(texts[name].startswith("storm") for name in found.examples[0]) and len(found.examples[0]) == 3
    assert found.volume[0].tolist()[-2:] == [5, 25]
    assert len(found.to_polars()) == len(found) and "storm" in repr(found)
    assert found.plot() is not None


def test_erasing_the_future_changes_nothing():
    cut = 9 * DAY
    seen, erased = world().as_of(cut), world(until=cut).as_of(cut)
    found, past = (emerging_topics(view, hashing_embeddings(view), minimum=2) for view in (seen, erased))
    assert len(found) and repr(found) == repr(past)
    for name in ("topic", "since", "posts", "now", "before", "growth", "image_share", "volume"):
        assert np.array_equal(getattr(found, name), getattr(past, name)), name


def test_later_posts_move_no_earlier_one():
    rng = np.random.default_rng(4)
    vectors, time = rng.normal(size=(300, 6)).astype(np.float32), np.sort(rng.integers(0, 20 * DAY, 300))
    whole = topic_stream(vectors, time, DAY, likeness=0.7)
    early = time < 12 * DAY
    assert np.array_equal(topic_stream(vectors[early], time[early], DAY, likeness=0.7).topic, whole.topic[early])
    assert whole.topic.max() < 250  # something joined


def test_a_topic_that_was_silent_for_long_is_over():
    vectors = np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (3, 1))
    assert topic_stream(vectors, np.array([0, 3, 9]) * DAY, DAY, memory=4).topic.tolist() == [0, 0, 1]
    assert topic_stream(np.zeros((0, 2)), np.zeros(0), DAY).topic.tolist() == []


def test_words_of_topics_and_bad_input():
    both = np.array([0, 0, 1, 1])
    assert topic_words(["rain rain here", "rain", "sun here", "sun <url>"], both, 2, most=1) == (("rain",), ("sun",))
    assert topic_words([], np.zeros(0, dtype=np.int64), 0) == () and topic_words(["#!"], np.zeros(1, int), 1) == ((),)
    assert topic_words(["storm", "storm tonight"], np.zeros(2, int), 1) == (("storm", "tonight"),)
    graph = world()
    table = hashing_embeddings(graph)
    with pytest.raises(SchemaError, match="Did you mean 'image'"):
        emerging_topics(graph, table, content="images")
    with pytest.raises(SchemaError, match="history"):
        emerging_topics(graph, table, history=1)
    with pytest.raises(SchemaError, match="minimum"):
        emerging_topics(graph, table, minimum=0)
    with pytest.raises(SchemaError, match="ascending"):
        topic_stream(np.zeros((2, 1)), np.array([1, 0]), DAY)
    with pytest.raises(SchemaError, match="likeness"):
        topic_stream(np.zeros((2, 1)), np.array([0, 1]), DAY, likeness=0)
    vectors, pictured = post_vectors(graph, table, "both")
    assert vectors.shape[0] == len(pictured) == graph.num_nodes("post") and pictured.sum() == 30
    early = emerging_topics(graph.as_of(0), table)
    assert len(early) == 0 and repr(early).startswith("0 emerging topics of 0 posts")

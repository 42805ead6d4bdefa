from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from graphsocial.errors import LeakageError, SchemaError, UnknownNodeError
from graphsocial.query import Engine, fit_topics, interest_profile
from graphsocial.query.behaviour.engagements import engagements
from graphsocial.query.behaviour.k_means import k_means
from graphsocial.query.behaviour.share_interval import share_interval
from graphsocial.query.topic_words import topic_words
from tests.query.behaviour.small_world import AUTHOR, FOLLOW, REPOST, WORDS, contents, graph_of, three_tastes


@given(st.integers(0, 40), st.integers(0, 40))
def test_intervals_are_wilsons(count: int, more: int) -> None:
    low, high = share_interval(np.array([count]), count + more)
    if count + more == 0:
        assert (low[0], high[0]) == (0, 1)
        return
    known = binomtest(count, count + more).proportion_ci(method="wilson")
    assert low[0] == pytest.approx(known.low, abs=1e-12) and high[0] == pytest.approx(known.high, abs=1e-12)


def test_k_means_finds_what_was_planted_and_survives_equal_points() -> None:
    rng = np.random.default_rng(0)
    planted = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], [30, 20, 10], axis=0)
    centroid, label = k_means(planted + rng.normal(0, 0.3, planted.shape), 3, rng=1)
    np.testing.assert_array_equal(label, np.repeat([0, 1, 2], [30, 20, 10]))
    np.testing.assert_allclose(centroid, [[0, 0], [9, 0], [0, 9]], atol=0.3)
    same, one = k_means(np.ones((5, 2)), 3, rng=0)
    assert len(same) == 1 and one.tolist() == [0] * 5
    turned, _ = k_means(np.array([[1.0, 0], [0.8, 0.6]]), 1, rng=0, spherical=True)
    assert np.linalg.norm(turned) == pytest.approx(1)


def test_topics_are_those_that_were_planted() -> None:
    graph = three_tastes()
    topics = fit_topics(graph, contents(graph), 3)
    label = topics.of_posts(graph, contents(graph))
    names = graph.node_ids("user")[graph.edges(AUTHOR).src[np.argsort(graph.edges(AUTHOR).dst, kind="stable")]]
    of_taste = {taste: set(label[[name.startswith(taste) for name in names]]) for taste in ("t0", "t1", "t2")}
    assert sorted(map(len, of_taste.values())) == [1, 1, 1] and len(set.union(*of_taste.values())) == 3
    for taste, words in zip(("t0", "t1", "t2"), WORDS, strict=True):
        assert set(topics.words[next(iter(of_taste[taste]))]) == set(words.split())
    assert topics.posts.tolist() == [48, 48, 48] and topics.known_until > graph.known_at("post").max()
    assert "3 topics of 144 posts" in repr(topics) and topics.to_polars().height == 3


def test_words_of_unspaced_texts_and_common_ones() -> None:
    texts = ["洪水来了", "洪水很大", "新歌好听", "新歌来了"]
    assert topic_words(texts, np.array([0, 0, 1, 1]), 2, most=1) == (("洪水",), ("新歌",))
    both = topic_words(["the wet the", "the dry", "the old song", "the song"], np.array([0, 0, 1, 1]), 2)
    assert both == (("dry", "wet"), ("song", "old"))
    assert topic_words(["", "x"], np.array([0, 1]), 2) == ((), ())


def test_a_post_counts_once_and_where_it_was_first_acted_on() -> None:
    graph = graph_of([("p", "ann", 5, "so")], {REPOST: [("ann", "p", 9), ("bob", "p", 7), ("bob", "p", None)]})
    pairs = engagements(graph)
    users = graph.node_ids("user")[pairs.user].tolist()
    assert dict(zip(users, pairs.time.tolist(), strict=True)) == {"ann": 5, "bob": 7} and pairs.recorded.all()
    assert engagements(graph) is pairs
    assert len(engagements(graph, [AUTHOR]).user) == 1
    for wrong in ([], [("user", "author", "pots")]):
        with pytest.raises(SchemaError):
            engagements(graph, wrong)
    with pytest.raises(SchemaError, match="expected some of"):
        engagements(graph_of([("p", "a", 1, "x")], {FOLLOW: [("a", "b", 1)]}), [FOLLOW])


def test_profile_counts_by_hand() -> None:
    graph = three_tastes()
    posts = [("a1", "ann", 10**5, WORDS[0]), ("a2", "ann", 10**5, WORDS[0]), ("a3", "ann", 10**5, None)]
    more = [(f"x{i}", f"t{i % 3}", i, WORDS[i % 3]) for i in range(30)]
    graph = graph_of(posts + more, {REPOST: [("ann", "x1", 10**5), ("ann", "x1", 10**5 + 9)]})
    topics = fit_topics(graph, contents(graph), 3)
    found = interest_profile(graph, contents(graph), topics, "ann")
    assert (found.posts, found.topical) == (4, 3)
    assert found.count.tolist() == [2, 1, 0, 3] and found.kind == ("topic",) * 3 + ("modality",)
    assert found.share.tolist() == pytest.approx([2 / 3, 1 / 3, 0, 3 / 4])
    assert found.everyone.tolist() == pytest.approx([12 / 33, 11 / 33, 10 / 33, 33 / 34])
    assert set(found.name[0].split(", ")) <= set(WORDS[0].split()) and found.name[3] == "text"
    assert (
        (found.low <= found.share).all() and (found.share <= found.high).all() and (found.high - found.low > 0.4).all()
    )
    assert "user 'ann'" in repr(found) and found.to_polars().height == 4
    early = interest_profile(graph.as_of(25), contents(graph), fit_topics(graph.as_of(25), contents(graph), 3), "t1")
    assert early.posts == 8 and early.as_of == 25
    with pytest.raises(UnknownNodeError, match="exists only later"):
        interest_profile(graph.as_of(25), contents(graph), fit_topics(graph.as_of(25), contents(graph), 3), "ann")


def test_topics_of_the_future_are_refused() -> None:
    graph = three_tastes()
    topics = fit_topics(graph.as_of(9_000), contents(graph), 3)
    assert topics.known_until == 9_000
    interest_profile(graph.as_of(9_000), contents(graph), topics, "t0u0")
    with pytest.raises(LeakageError, match="topics know posts"):
        interest_profile(graph.as_of(8_999), contents(graph), topics, "t0u0")


def test_one_text_posted_a_thousand_times_places_no_centroid() -> None:
    graph = three_tastes()
    many = [(f"q{i}", "bot", 10**5 + i, "buy now cheap") for i in range(500)]
    posts = [
        (str(p), "x", int(t), text)
        for p, t, text in zip(
            graph.node_ids("post"), graph.known_at("post"), graph.column("post", "text").to_pylist(), strict=True
        )
    ]
    both = graph_of(posts + many, {})
    sizes = fit_topics(both, contents(both), 3).posts
    assert (sizes >= 40).all()


def test_bad_questions_and_a_post_without_words() -> None:
    graph = three_tastes()
    for count in (0, True, 2.5):
        with pytest.raises(SchemaError, match="count"):
            fit_topics(graph, contents(graph), count)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="no image was embedded"):
        fit_topics(graph, contents(graph), modality="image")
    lone = graph_of([("p", "ann", 1, "hello there")], {})
    assert len(fit_topics(lone, contents(lone), 5).posts) == 1
    early = graph_of([("p", "ann", 9, "hello")], {REPOST: [("bob", "q", 3)]})
    with pytest.raises(SchemaError, match="no post of the view shows text"):
        fit_topics(early.as_of(5), contents(early))


def test_engine_answers_as_of_its_view() -> None:
    graph = three_tastes()
    engine = Engine(graph.as_of(20_000), contents(graph), None)
    assert engine.topics(3) is engine.topics(3) and engine.topics(3).known_until == 20_000
    assert engine.interest_profile("t1u1").as_of == 20_000
    assert engine.similar_users("t1u1", 3).as_of == 20_000
    assert engine.interest_drift("t1u1", 2, min_posts=1).as_of == 20_000

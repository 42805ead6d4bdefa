from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.query import fit_topics, similar_users
from graphsocial.query.behaviour import similar_users as module
from tests.query.behaviour.small_world import REPOST, WORDS, contents, graph_of, three_tastes


def test_users_of_one_taste_are_found_by_what_they_write(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = three_tastes()
    topics = fit_topics(graph, contents(graph), 3)
    found = similar_users(graph, contents(graph), topics, "t1u0", 3, by="content")
    assert set(found.ids) == {"t1u1", "t1u2", "t1u3"} and (found.shared == 0).all() and found.searched == 11
    assert (np.diff(found.score) <= 0).all() and (found.score == found.content).all()
    assert all(set(topic.split(", ")) <= set(WORDS[1].split()) for topic in found.topic)
    monkeypatch.setattr(module, "_TOGETHER", 2)
    np.testing.assert_allclose(
        similar_users(graph, contents(graph), topics, "t1u0", 3, by="content").score, found.score
    )


def test_engagement_is_a_cosine_in_which_rare_posts_weigh_more() -> None:
    reposts = [("ann", "p", 9), ("bob", "p", 9), ("ann", "q", 9), ("cat", "q", 9), ("dan", "q", 9), ("eve", "r", 9)]
    graph = graph_of([(p, "x", 1, None) for p in "pqr"] + [("t", "y", 1, "words here")], {REPOST: reposts})
    topics = fit_topics(graph, contents(graph))
    found = similar_users(graph, contents(graph), topics, "ann", by="engagement")
    weight = {p: np.log(7 / n) for p, n in {"p": 3, "q": 4, "r": 2}.items()}  # x wrote all three; y stands apart
    own = np.hypot(weight["p"], weight["q"])
    expected = {
        "bob": weight["p"] ** 2 / (own * weight["p"]),
        "cat": weight["q"] ** 2 / (own * weight["q"]),
        "dan": weight["q"] ** 2 / (own * weight["q"]),
        "x": own**2 / (own * np.sqrt(sum(w**2 for w in weight.values()))),
    }
    assert dict(zip(found.ids, found.score, strict=True)) == pytest.approx(expected)
    assert dict(zip(found.ids, found.shared_posts, strict=True))["x"] == ("p", "q")
    assert np.isnan(found.content).all() and set(found.topic) == {""}
    assert list(found.ids).index("cat") < list(found.ids).index("dan")  # equal: the one known first


def test_both_orders_are_fused_and_whoever_has_neither_is_left_out() -> None:
    graph = graph_of(
        [("a", "ann", 1, WORDS[0]), ("b", "bob", 1, WORDS[0]), ("c", "cat", 1, WORDS[1]), ("n", "nil", 1, None)],
        {REPOST: [("bob", "a", 5)]},
    )
    topics = fit_topics(graph, contents(graph), 2)
    found = similar_users(graph, contents(graph), topics, "ann")
    assert found.ids.tolist() == ["bob", "cat"]
    assert found.score[0] == pytest.approx(2 / 61) and found.score[1] == pytest.approx(1 / 62 + 1 / 62.5)
    assert similar_users(graph, contents(graph), topics, "ann", min_posts=2).ids.tolist() == ["bob"]
    assert "content and engagement" in repr(found) and found.to_polars()["posts"].to_list() == ["a", ""]


def test_bad_questions() -> None:
    graph = three_tastes()
    topics = fit_topics(graph, contents(graph), 3)
    with pytest.raises(UnknownNodeError):
        similar_users(graph, contents(graph), topics, "nobody")
    with pytest.raises(SchemaError, match="Did you mean 'content'"):
        similar_users(graph, contents(graph), topics, "t0u0", by="contents")  # type: ignore[arg-type]
    for wrong in ({"k": 0}, {"min_posts": 0}):
        with pytest.raises(SchemaError):
            similar_users(graph, contents(graph), topics, "t0u0", **wrong)

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.query import fit_topics, interest_drift
from graphsocial.query.behaviour.profile_distance import jensen_shannon, profile_distance
from tests.query.behaviour.small_world import REPOST, contents, graph_of, text_about, three_tastes

DAY = 86_400


def drifting(change: bool, users: int = 6, rng: int = 0):
    """Posts every few hours for 40 days, mostly of one topic, and after 20 days mostly of another one if asked."""
    generator = np.random.default_rng(rng)
    posts = []
    for user in range(users):
        for time in np.sort(generator.integers(0, 40 * DAY, 60)).tolist():
            usual = user % 3
            if change and time >= 20 * DAY:
                usual = (usual + 1) % 3
            topic = usual if generator.random() < 0.7 else int(generator.integers(3))
            posts.append((f"p{len(posts)}", f"u{user}", time, text_about(topic, generator)))
    graph = graph_of(posts, {})
    return graph, contents(graph), fit_topics(graph, contents(graph), 3)


def test_distance_is_jensen_shannons() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 5, (2, 50, 4)) + np.eye(4, dtype=int)[0]
    np.testing.assert_allclose(jensen_shannon(a, b), [jensenshannon(x, y, base=2) for x, y in zip(a, b, strict=True)])


def test_planted_drift_is_found_where_it_is() -> None:
    found = interest_drift(*drifting(True), "u0", 4)
    assert found.drifted.tolist() == [False, True, False] and found.p[1] < 0.01
    assert found.excess[1] > 0.2 and found.posts.sum() == 60
    assert "1 of 3 changes" in repr(found) and found.to_polars().columns[-1] == "p"
    mean = interest_drift(*drifting(True), None, 4, permutations=100)
    assert mean.low[1] > 0.2 and mean.users.tolist() == [6, 6, 6] and mean.drifted[1]
    assert mean.to_polars().columns[-2:] == ["low", "high"]


def test_few_posts_do_not_look_like_drift() -> None:
    p, excess, plain = [], [], []
    for rng in range(4):
        world = drifting(False, rng=rng)
        for user in range(6):
            found = interest_drift(*world, f"u{user}", 5, min_posts=3, permutations=99)
            p += found.p[~np.isnan(found.p)].tolist()
            excess += found.excess[~np.isnan(found.excess)].tolist()
            plain += found.distance[~np.isnan(found.distance)].tolist()
    assert len(p) > 80 and np.mean(np.array(p) <= 0.05) <= 0.1
    assert np.mean(plain) > 0.2 and abs(np.mean(excess)) < 0.03


def test_a_conversation_is_dealt_as_a_whole() -> None:
    topic = np.array([0] * 8 + [1] * 8)
    later = np.arange(16) >= 8
    rng = np.random.default_rng
    one_run_each = np.repeat([0, 1], 8)
    assert profile_distance(topic, later, np.arange(16), 2, 199, rng(0)).p < 0.05
    assert profile_distance(topic, later, one_run_each, 2, 199, rng(0)).p == 1


def test_what_one_user_gets_does_not_depend_on_others() -> None:
    graph, tokens, topics = drifting(True)
    one = interest_drift(graph, tokens, topics, "u2", [0, 10 * DAY, 20 * DAY, 30 * DAY])
    again = interest_drift(graph, tokens, topics, "u2", np.array([0, 10, 20, 30]) * DAY)
    np.testing.assert_array_equal(one.p, again.p)
    alone = graph_of(
        [(str(i), "u2", int(t), x) for i, t, x in zip(
            graph.node_ids("post"), graph.known_at("post"), graph.column("post", "text").to_pylist(), strict=True)],
        {},
    )  # fmt: skip
    assert interest_drift(alone, contents(alone), fit_topics(alone, contents(alone), 3), "u2", 4).posts.sum() == 360


def test_windows_and_numbers_that_make_no_sense() -> None:
    graph, tokens, topics = drifting(False)
    for windows in (1, [0, 5], "2012", True):
        with pytest.raises(SchemaError):
            interest_drift(graph, tokens, topics, "u0", windows)
    with pytest.raises(TimeWindowError, match="have to ascend"):
        interest_drift(graph, tokens, topics, "u0", [0, 9, 9])
    late = graph.as_of(40 * DAY)
    own = fit_topics(late, tokens, 3)
    with pytest.raises(TimeWindowError, match="the view ends"):
        interest_drift(late, tokens, own, "u0", [0, DAY, 41 * DAY])
    for wrong in ({"min_posts": 0}, {"permutations": 5}):
        with pytest.raises(SchemaError):
            interest_drift(graph, tokens, topics, "u0", **wrong)
    few = interest_drift(graph, tokens, topics, "u0", 4, min_posts=50)
    assert np.isnan(few.distance).all() and not few.drifted.any() and "3 with too few posts" in repr(few)
    untimed = graph_of([("p", "x", 1, "so it is")], {REPOST: [("ann", "p", None)]})
    with pytest.raises(SchemaError, match="no windows"):
        interest_drift(untimed, contents(untimed), fit_topics(untimed, contents(untimed)), "ann")
    assert three_tastes().num_nodes("post") == 144

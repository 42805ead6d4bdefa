from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.query import roles
from graphsocial.query.behaviour.role_features import role_features
from tests.query.behaviour.small_world import FOLLOW, REPLY, REPOST, graph_of


def planted(rng: int = 0) -> tuple:
    """Ten users of each role."""
    generator = np.random.default_rng(rng)
    posts, reposts, replies, follows, time = [], [], [], [], 0
    for user in range(10):
        for _ in range(int(generator.integers(5, 15))):
            time += 10
            posts.append((f"p{len(posts)}", f"originator{user}", time, "x"))
        for _ in range(int(generator.integers(5, 15))):
            time += 10
            reposts.append((f"spreader{user}", posts[int(generator.integers(len(posts)))][0], time))
            replies.append((f"commentator{user}", f"spreader{generator.integers(10)}", time))
        follows.append((f"audience{user}", "originator0", time))
    return posts, {REPOST: reposts, REPLY: replies, FOLLOW: follows}


def test_planted_roles_are_found_and_named() -> None:
    graph = graph_of(*planted())
    found = roles(graph, 3)
    assert {name: found.of(name) for name in graph.node_ids("user")} == {
        name: name.rstrip("0123456789") for name in graph.node_ids("user")
    }
    assert found.stability == 1 and (found.certainty == 1).all()
    assert {group.name: group.users for group in found.groups} == dict.fromkeys(
        ("audience", "commentator", "originator", "spreader"), 10
    )
    group = next(group for group in found.groups if group.name == "spreader")
    assert group.shares["spreads"] == 1 and "spreads 100 %" in repr(found)
    assert found.to_polars().columns == ["user", "role", "certainty", "originates", "spreads", "comments", "heard"]


def test_too_many_groups_are_told_apart_by_how_busy() -> None:
    found = roles(graph_of(*planted()), 6, seeds=3)
    assert len({group.name for group in found.groups}) == 7 and 0 < found.stability <= 1
    assert ((0 < found.certainty) & (found.certainty <= 1)).all()


def test_features_by_brute_force() -> None:
    posts, edges = planted(1)
    edges[REPOST].append(("spreader0", "p1", None))
    graph = graph_of(posts, edges)
    found = role_features(graph)
    author = {post: user for post, user, *_ in posts}
    heard = {(author[p], u, t, "repost") for u, p, t in edges[REPOST] if author[p] != u}
    heard |= {(v, u, t, "reply") for u, v, t in edges[REPLY] if v != u}
    for at, name in enumerate(graph.node_ids("user")):
        spread = {t for u, _, t in edges[REPOST] if u == name and t is not None}
        untimed = sum(u == name and t is None for u, _, t in edges[REPOST])
        assert found.acts[at, found.kinds.index("spreads")] == len(spread) + untimed
        assert found.heard[at] == sum(who == name for who, *_ in heard), name
    early = role_features(graph.as_of(50))
    assert early.acts.sum() == 4


def test_worlds_without_roles() -> None:
    graph = graph_of(*planted())
    with pytest.raises(SchemaError, match="no user of the view"):
        roles(graph.as_of(5))
    with pytest.raises(UnknownNodeError):
        roles(graph, 3, seeds=1).of("nobody")
    for wrong in ({"count": 0}, {"seeds": True}):
        with pytest.raises(SchemaError):
            roles(graph, **wrong)
    alone = roles(graph_of([("p", "ann", 1, "x")], {}), seeds=1)
    assert len(alone.groups) == 1 and alone.stability == 1

"""Exposure against edges read one by one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph import SocialGraph
from graphsocial.graph.exposures.bystanders import bystanders
from graphsocial.graph.exposures.exposure import exposure
from graphsocial.schema import Schema
from tests.graph.worlds import AUTHOR, FOLLOW, SHARE, TAG, random_world


def graph_of(
    author: list[tuple], share: list[tuple], follow: list[tuple], crawled_at: int | None = None, flow: str = "backward"
) -> SocialGraph:
    edges = {
        e: pa.table(
            {
                "src": pa.array([r[0] for r in rows], pa.string()),
                "dst": pa.array([r[1] for r in rows], pa.string()),
                "time": pa.array([r[2] for r in rows], pa.int64()),
            }
        )
        for e, rows in ((AUTHOR, author), (SHARE, share), (FOLLOW, follow))
    }
    crawl = {} if crawled_at is None else {FOLLOW: crawled_at}
    schema = Schema({"user": {}, "post": {}}, {e: {} for e in edges}, {FOLLOW: flow}, crawl)  # type: ignore[dict-item]
    return SocialGraph.build(schema, {}, edges)


@dataclass
class Story:
    """One item, told by reading every edge of a view: its author, adopters in order, and who exposed whom."""

    author: str
    since: int
    adopters: list[tuple[int, str]]
    exposing: dict[str, list[tuple[int, str]]]
    bystanders: dict[str, list[int]]


def story(view: SocialGraph, post: str, always: bool = False) -> Story:
    users, posts = view.node_ids("user").tolist(), view.node_ids("post").tolist()
    whole = view.without_start()

    def rows(graph: SocialGraph, edge_type: tuple[str, str, str], targets: list[str]) -> list[tuple]:
        e = graph.edges(edge_type)
        return [
            (users[s], targets[d], int(t), bool(r)) for s, d, t, r in zip(e.src, e.dst, e.time, e.recorded, strict=True)
        ]

    written = [(t, users.index(u), u) for u, p, t, _ in rows(whole, AUTHOR, posts) if p == post]
    since, _, author = min(written) if written else (int(view.known_at("post")[posts.index(post)]), 0, "")
    when: dict[str, int] = {}
    for u, p, t, _ in rows(view, SHARE, posts):
        if p == post and u != author:
            when[u] = min(t, when.get(u, t))
    adopters = sorted((t, users.index(u), u) for u, t in when.items())
    members = {**when, **({author: since} if author else {})}
    exposing: dict[str, set[tuple[int, int, str]]] = {u: set() for u in when}
    standing: dict[str, dict[str, int]] = defaultdict(dict)
    for follower, followed, t, recorded in rows(whole, FOLLOW, users):
        if followed not in members:
            continue
        if follower not in members:
            standing[follower][followed] = members[followed]
        if (
            follower in when
            and members[followed] < when[follower]
            and (t < when[follower] or (always and not recorded))
        ):
            order = (members[followed], -1 if followed == author else users.index(followed), followed)
            exposing[follower].add(order)
    return Story(
        author,
        since,
        [(t, u) for t, _, u in adopters],
        {u: [(t, v) for t, _, v in sorted(found)] for u, found in exposing.items()},
        {u: sorted(seen.values()) for u, seen in standing.items()},
    )


def assert_as_told(view: SocialGraph, always: bool = False) -> None:
    posts = view.node_ids("post").tolist()
    keys = [("post", p) for p in posts]
    found, standing = exposure(view, keys, SHARE, FOLLOW, always), bystanders(view, keys, SHARE, FOLLOW)
    got, listed = found.to_polars().rows(), standing.to_polars().rows()
    expected, beside = [], []
    for i, post in enumerate(posts):
        told = story(view, post, always)
        for t, u in told.adopters:
            seen = [moment for moment, _ in told.exposing[u]]
            row = (len(seen), seen[0], seen[-1], float(t - seen[-1])) if seen else (0, None, None, None)
            expected.append((post, u, t, *row))
        assert found.bystanders[i] == len(told.bystanders)
        beside += [(post, u, len(seen), seen[0], seen[-1]) for u, seen in told.bystanders.items()]
        assert [r[1] for r in got if r[0] == post] == [u for _, u in told.adopters]
    assert got == expected
    assert sorted(listed) == sorted(beside)
    assert [(r[0], r[3]) for r in listed] == [
        (p, t) for p in posts for t in sorted(r[3] for r in beside if r[0] == p)
    ], "the earliest exposed first"


def test_golden() -> None:
    graph = graph_of(
        author=[("ann", "p", 10)],
        share=[
            ("bob", "p", 20),
            ("bob", "p", 50),
            ("ann", "p", 25),
            ("cy", "p", 30),
            ("dee", "p", 30),
            ("early", "p", 5),
        ],
        follow=[
            ("bob", "ann", 0),
            ("bob", "ann", 1),
            ("cy", "ann", 0),
            ("cy", "bob", 29),
            ("cy", "dee", 0),
            ("dee", "bob", 30),
            ("dee", "early", 0),
            ("eve", "cy", 40),
            ("eve", "dee", 0),
            ("early", "ann", 0),
            ("cy", "cy", 0),
        ],
    )
    assert exposure(graph, ("post", "p"), SHARE, FOLLOW).to_polars().rows() == [
        ("p", "early", 5, 0, None, None, None),  # before the post was written
        ("p", "bob", 20, 1, 10, 10, 10.0),  # two follows of ann are one exposure, the second share is none
        ("p", "cy", 30, 2, 10, 20, 10.0),  # dee shared in the same second
        ("p", "dee", 30, 1, 5, 5, 25.0),  # follows bob only from that second on
    ]
    assert bystanders(graph, ("post", "p"), SHARE, FOLLOW).to_polars().rows() == [("p", "eve", 2, 30, 30)]
    assert bystanders(graph.as_of(40), ("post", "p"), SHARE, FOLLOW).to_polars().rows() == [("p", "eve", 1, 30, 30)]
    assert "3 of 4 adopters were exposed, 1 bystanders" in repr(exposure(graph, ("post", "p"), SHARE, FOLLOW))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(-5, 130), st.integers(0, 130), st.booleans(), st.booleans())
def test_every_view_as_read_edge_by_edge(seed: int, end: int, before: int, window: bool, always: bool) -> None:
    whole = random_world(seed, users=5, posts=3, edges=30).graph()
    assert_as_told(whole.window(end - before, end) if window else whole.as_of(end), always)


@pytest.mark.parametrize("always", [False, True])
@pytest.mark.parametrize("density", [30, 400])
def test_long_and_short_rows(always: bool, density: int) -> None:
    """Many followed and few adopters, and the other way round: both ways of searching are taken."""
    rng = np.random.default_rng(density)
    users = [f"u{i}" for i in range(30)]

    def pick() -> str:
        return str(rng.choice(users))

    graph = graph_of(
        [(pick(), f"p{i}", int(rng.integers(0, 9))) for i in range(4)],
        [(pick(), f"p{rng.integers(0, 4)}", int(rng.integers(3, 60))) for _ in range(120)],
        [(pick(), pick(), int(rng.integers(0, 50)) if rng.random() < 0.7 else None) for _ in range(density)],
        crawled_at=40,
    )
    assert_as_told(graph, always)
    assert_as_told(graph.as_of(45), always)


def test_follows_that_nobody_timed_count_from_the_crawl_on() -> None:
    graph = graph_of([("ann", "p", 1)], [("bob", "p", 5), ("cy", "p", 9)], [("bob", "ann", None)], crawled_at=7)
    assert exposure(graph, ("post", "p"), SHARE, FOLLOW).count.tolist() == [0, 0]
    always = exposure(graph, ("post", "p"), SHARE, FOLLOW, assume_always=True)
    assert always.count.tolist() == [1, 0]
    assert "of unknown time are taken to be older than everything" in always.title()
    assert "of unknown time are known from the crawl on" in exposure(graph, ("post", "p"), SHARE, FOLLOW).title()
    assert exposure(graph.as_of(7), ("post", "p"), SHARE, FOLLOW, assume_always=True).count.tolist() == [0], "unknown"


def test_influence_travels_along_the_declared_flow() -> None:
    rows = ([("ann", "p", 1)], [("bob", "p", 5)], [("ann", "bob", 0), ("ann", "eve", 0)])
    assert exposure(graph_of(*rows), ("post", "p"), SHARE, FOLLOW).count.tolist() == [0]
    forward = exposure(graph_of(*rows, flow="forward"), ("post", "p"), SHARE, FOLLOW)
    assert forward.count.tolist() == [1] and forward.bystanders.tolist() == [1]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("t", [0, 40, 61, 90])
def test_the_future_changes_nothing(seed: int, t: int) -> None:
    world = random_world(seed, edges=30)
    seen, erased = (
        exposure(graph.as_of(t), None, SHARE, FOLLOW, assume_always=True)
        for graph in (world.graph(), world.erased(t).graph())
    )
    assert seen.to_polars().equals(erased.to_polars())
    assert (seen.items.tolist(), seen.bystanders.tolist()) == (erased.items.tolist(), erased.bystanders.tolist())
    lists = (bystanders(g.as_of(t), None, SHARE, FOLLOW) for g in (world.graph(), world.erased(t).graph()))
    assert next(lists).to_polars().equals(next(lists).to_polars())


def test_several_items_and_none() -> None:
    graph = random_world(4, edges=30).graph()
    every = exposure(graph, None, SHARE, FOLLOW)
    keys = [("post", str(p)) for p in every.items]
    for items in (keys, graph.index("post", every.items), iter(keys)):
        assert exposure(graph, items, SHARE, FOLLOW).to_polars().equals(every.to_polars())
    twice = exposure(graph, [keys[0], keys[1], keys[0]], SHARE, FOLLOW)
    assert twice.bystanders[0] == twice.bystanders[2]
    assert twice.items.tolist() == [keys[0][1], keys[1][1], keys[0][1]]
    assert len(exposure(graph, [], SHARE, FOLLOW)) == len(bystanders(graph, [], SHARE, FOLLOW)) == 0
    assert len(exposure(random_world(4).graph().as_of(-10), None, SHARE, FOLLOW)) == 0


def test_plot_shows_every_exposed_adopter() -> None:
    graph = graph_of([("ann", "p", 1)], [("bob", "p", 5), ("cy", "p", 9)], [("bob", "ann", 0)])
    axes = exposure(graph, None, SHARE, FOLLOW).plot()
    assert axes.lines[0].get_xdata().tolist() == [4.0]  # type: ignore[union-attr]


def test_what_does_not_fit_is_named() -> None:
    graph = random_world(4).graph()
    with pytest.raises(UnknownNodeError, match="no post 'p99'"):
        exposure(graph, ("post", "p99"), SHARE, FOLLOW)
    with pytest.raises(SchemaError, match="expected a post, the target of the relation"):
        exposure(graph, ("user", "u1"), SHARE, FOLLOW)
    with pytest.raises(SchemaError, match="between nodes of one type"):
        exposure(graph, None, FOLLOW, FOLLOW)
    with pytest.raises(SchemaError, match="expected a relation from user to user"):
        exposure(graph, None, SHARE, TAG)
    with pytest.raises(SchemaError, match="unknown edge type"):
        exposure(graph, None, SHARE, ("user", "folow", "user"))
    with pytest.raises(SchemaError, match="or a list of such keys"):
        exposure(graph, "p1", SHARE, FOLLOW)
    with pytest.raises(SchemaError, match="a node is named by"):
        exposure(graph, ["p1"], SHARE, FOLLOW)
    with pytest.raises(UnknownNodeError, match="at position 99"):
        exposure(graph, np.array([99]), SHARE, FOLLOW)

"""Nearest rows and posts against plain loops in float64, and what filters keep."""

from __future__ import annotations

import subprocess
import sys
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.embed import EmbeddingTable, EncoderInfo, ModalityTokens, NodeContents, hashing_embeddings
from graphsocial.embed.nearest import nearest
from graphsocial.embed.nearest_posts import NearestPosts, nearest_posts
from graphsocial.embed.posts_within import AUTHOR, posts_within
from graphsocial.embed.shown_contents import SHOW
from graphsocial.errors import SchemaError, TimeWindowError, UnknownNodeError
from graphsocial.graph import SocialGraph, neighbourhood
from graphsocial.graph.database.sql import sql
from graphsocial.schema import Column, Schema
from tests.graph.worlds import random_world

KINDS = (np.float16, np.float32, np.float64)


def by_loops(vectors: np.ndarray, query: np.ndarray, rows: list[int], k: int, cosine: bool = True) -> list[int]:
    """Positions by sorting exact similarities of each row; values are small whole numbers, so ties are exact."""
    scored = []
    for row in sorted(set(rows)):
        vector = vectors[row].astype(np.float64)
        if np.isfinite(vector).all():
            length = np.sqrt((vector @ vector) * (query @ query))
            dot = vector @ query
            # a fraction squared, with its sign, compares exactly
            key = (np.sign(dot) * dot * dot / (length * length) if length else 0.0) if cosine else dot
            scored.append((-round(key, 9), row))
    return [row for _, row in sorted(scored)][:k]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nearest_equals_loops(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    rows, channels = data.draw(st.integers(0, 12)), data.draw(st.integers(1, 20))
    vectors = rng.integers(-2, 3, (rows, channels)).astype(data.draw(st.sampled_from(KINDS)))
    query = rng.integers(-2, 3, channels)
    k, metric = data.draw(st.integers(1, 15)), data.draw(st.sampled_from(["cosine", "dot"]))
    chosen = rng.integers(0, rows, data.draw(st.integers(0, 20))) if rows else np.empty(0, dtype=np.int64)
    mask = np.zeros(rows, dtype=bool)
    mask[chosen] = True
    expected = by_loops(vectors, query.astype(float), chosen.tolist(), k, metric == "cosine")
    for candidates in (chosen, mask, chosen.tolist()):
        found = nearest(vectors, query, k, candidates, metric=metric)
        assert found.position.tolist() == expected and found.searched == mask.sum()
    assert nearest(vectors, query, k, metric=metric).position.tolist() == by_loops(
        vectors, query.astype(float), list(range(rows)), k, metric == "cosine"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_similarities_are_exact(kind: Any) -> None:
    rng = np.random.default_rng(0)
    vectors, query = rng.standard_normal((500, 37)).astype(kind), rng.standard_normal(37)
    exact = vectors.astype(np.float64) @ query
    found = nearest(vectors, query, 500, metric="dot")
    assert found.similarity == pytest.approx(exact[found.position], rel=1e-5, abs=1e-5)
    exact /= np.linalg.norm(vectors.astype(np.float64), axis=1) * np.linalg.norm(query)
    found = nearest(vectors, query, 500)
    assert found.similarity == pytest.approx(exact[found.position], rel=1e-5, abs=1e-5)
    assert found.similarity.dtype == (np.float64 if kind is np.float64 else np.float32)


def test_every_half_is_read_as_it_is() -> None:
    """All 65,536 float16 values, subnormal ones and both zeros among them."""
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)[:, None]
    found = nearest(halves, [1.0], 2**16, metric="dot")
    numbers = np.flatnonzero(np.isfinite(halves[:, 0]))
    assert sorted(found.position.tolist()) == numbers.tolist()
    assert np.array_equal(found.similarity, halves[found.position, 0].astype(np.float32))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_rows_without_numbers_are_never_found(kind: Any, bad: float) -> None:
    vectors = np.ones((6, 3), dtype=kind)
    vectors[2, 1] = vectors[4, 0] = bad
    vectors[3] = 0
    vectors[5] = np.finfo(kind).max if kind is np.float16 else 1e9
    for query in ([1, 1, 1], [1, 0, 0], [-1, 0, 1]):
        assert set(nearest(vectors, query, 6).position.tolist()) == {0, 1, 3, 5}
        assert set(nearest(vectors, query, 6, metric="dot").position.tolist()) == {0, 1, 3, 5}
    assert nearest(vectors, [0, 0, 0], 2).position.tolist() == [0, 1]


def test_equal_rows_get_equal_scores_wherever_they_stand() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((40_000, 65)).astype(np.float32)
    twins = rng.choice(40_000, 300, replace=False)
    vectors[twins] = vectors[twins[0]]
    for threads in (1, 2):
        found = nearest(vectors, vectors[twins[0]], 300, threads=threads)
        assert found.position.tolist() == sorted(twins.tolist()) and len(set(found.similarity.tolist())) == 1
    assert np.array_equal(
        nearest(vectors[:, ::2], vectors[0, ::2]).position, nearest(vectors[:, ::2].copy(), vectors[0, ::2]).position
    )


def test_an_answer_shows_itself() -> None:
    found = nearest(np.eye(3, dtype=np.float32), [3, 2, 1], 2)
    assert repr(found).splitlines() == [
        "2 nearest of 3 rows by cosine", "  position  similarity", "  0         0.8018", "  1         0.5345"
    ]  # fmt: skip
    assert found.to_polars().columns == ["position", "similarity"]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.eye(3, dtype=int), [1, 0, 0]), {}, r"got vectors int64 \[3, 3\], expected float16, float32 or float64"),
        ((np.ones(3), [1]), {}, r"got vectors float64 \[3\]"),
        (([[1.0]], [1]), {}, "got vectors list"),
        ((np.eye(3), [1, 0]), {}, r"got a query of shape \[2\], expected a vector of 3 numbers"),
        ((np.eye(3), "abc"), {}, "got a str as query"),
        ((np.eye(3), [1, np.nan, 0]), {}, "got a query with infinities or NaN"),
        ((np.eye(3), [1, 0, 0], 0), {}, "got k=0, expected a whole number of at least 1"),
        ((np.eye(3), [1, 0, 0], 1.5), {}, "got k=1.5"),
        ((np.eye(3), [1, 0, 0], 1, [0, 3]), {}, "got position 3, expected positions from 0 to 2"),
        ((np.eye(3), [1, 0, 0], 1, [-1]), {}, "got position -1"),
        ((np.eye(3), [1, 0, 0], 1, [0.5]), {}, r"got candidates float64 \[1\]"),
        ((np.eye(3), [1, 0, 0], 1, [True]), {}, "got a mask of 1 candidates, expected one bool for each of 3"),
        ((np.eye(3), [1, 0, 0]), {"metric": "cosin"}, "unknown metric 'cosin', expected .* Did you mean 'cosine'"),
        ((np.eye(3), [1, 0, 0]), {"threads": 0}, "got threads=0"),
    ],
)
def test_what_does_not_fit_is_said(arguments: Any, options: Any, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        nearest(*arguments, **options)


# ---- posts

SCHEMA = Schema(
    {"user": {}, "post": {"text": Column("string")}, "media": {"path": Column("string")}, "hashtag": {}},
    {AUTHOR: {}, SHOW: {}, ("post", "tag", "hashtag"): {}},
)
TOKENS = np.zeros((5, 2, 2), np.float16)
TOKENS[:, 0] = [[1, 0], [0, 1], [1, 1], [-1, 0], [0, 0]]
TOKENS[:, 1] = [[0, 0], [1, 0], [0, 0], [1, 0], [9, 9]]
MASK = np.array([[True, False], [True, True], [True, True], [True, False], [False, False]])
SHOWN = {"p1": 0, "p2": 1, "p3": 2, "p4": 3, "p6": 0, "p7": 4}


def encoder(name: str) -> EncoderInfo:
    return EncoderInfo(name, "text", 2, "00")


def contents(shown: dict[str, int]) -> NodeContents:
    return NodeContents(tuple(shown), np.arange(len(shown) + 1), np.array(list(shown.values()), np.int64))


@pytest.fixture(scope="module")
def world() -> tuple[SocialGraph, EmbeddingTable]:
    """p1 to p7, each at ten times its number; p5 shows nothing, p0 has no time, p4's row comes only at 100."""
    times = {f"p{i}": 10 * i for i in range(1, 8)} | {"p0": None, "p4": 100}
    posts = pa.table({"id": list(times), "known_at": list(times.values()), "text": [f"text {p}" for p in times]})
    wrote = {"p1": "ann", "p2": "bob", "p3": "ann", "p4": "bob", "p6": "cy"}
    written = pa.table({"src": list(wrote.values()), "dst": list(wrote), "time": [10, 20, 30, 40, 60]})
    media = pa.table({"id": ["m1", "m2", "m3"], "known_at": [15, 15, 70], "path": ["a.jpg", "b.mp4", "c.jpg"]})
    shows = pa.table({"src": ["p1", "p1", "p2", "p3"], "dst": ["m1", "m2", "m3", "m1"], "time": [16, 18, 25, 35]})
    graph = SocialGraph.build(SCHEMA, {"post": posts, "media": media}, {AUTHOR: written, SHOW: shows})
    pictures = np.array([[[1, 0]], [[0, 1]]], np.float16)
    clips = np.array([[[1, 1], [0, 3]]], np.float16)
    table = EmbeddingTable(
        {
            "text": ModalityTokens("text", TOKENS, MASK, encoder("words")),
            "image": ModalityTokens("image", pictures, np.ones((2, 1), bool), encoder("eye")),
            "video": ModalityTokens("video", clips, np.ones((1, 2), bool), encoder("eye")),
        },
        {
            ("post", "text"): contents(SHOWN | {"p0": 1}),
            ("media", "image"): contents({"m1": 0, "m2": 1, "m3": 1}),
            ("media", "video"): contents({"m2": 0}),
        },
    )
    return graph, table


def found(world: tuple[SocialGraph, EmbeddingTable], query: Any, k: int = 9, **options: Any) -> list[str]:
    graph, table = world
    start, end = options.pop("start", None), options.pop("end", None)
    view = graph if end is None else graph.as_of(end) if start is None else graph.window(start, end)
    return nearest_posts(view, table, query, k, **options).ids.tolist()


def test_golden_values(world: tuple[SocialGraph, EmbeddingTable]) -> None:
    answer = nearest_posts(*world, [1, 0])
    # equally near: p1 before p6, as it is known earlier; p0 of unknown time comes before all
    assert answer.ids.tolist() == ["p1", "p6", "p3", "p0", "p2", "p7", "p4"] and answer.searched == 7
    assert answer.similarity.tolist() == pytest.approx([1, 1, 2**-0.5, 0, 0, 0, -1])
    assert answer.time[:2].tolist() == [10, 60]
    assert repr(answer).splitlines()[0] == "7 nearest of 7 posts, by text (words)"
    assert found(world, [1, 0], 2) == ["p1", "p6"]
    assert found(world, ("post", "p6")) == ["p1", "p3", "p0", "p2", "p7", "p4"]


def test_a_view_bounds_the_search(world: tuple[SocialGraph, EmbeddingTable]) -> None:
    assert found(world, [1, 0], end=30) == ["p1", "p0", "p2"]
    assert found(world, [1, 0], end=31) == ["p1", "p3", "p0", "p2"]
    assert found(world, [1, 0], start=20, end=65) == ["p6", "p3", "p2"]  # p4 is named at 40, but its row is not known
    assert found(world, [1, 0], window=(20, 65)) == ["p6", "p3", "p2", "p4"]
    assert found(world, [1, 0], end=65, window=(20, 31)) == ["p3", "p2"]
    assert found(world, [1, 0], end=0) == ["p0"] and found(world, [1, 0], window=(0, 0)) == []
    with pytest.raises(TimeWindowError, match="lies after this view's own end"):
        found(world, [1, 0], end=65, window=(20, 66))
    with pytest.raises(TimeWindowError, match="got window 5"):
        found(world, [1, 0], window=5)


def test_tokens_of_a_content(world: tuple[SocialGraph, EmbeddingTable]) -> None:
    """p2 and p0 have a second token right on the query; that of p4 is masked, and so are both of p7."""
    assert found(world, [1, 0], tokens="best") == ["p0", "p1", "p2", "p6", "p3", "p4"]


def test_pictures_and_frames_of_clips(world: tuple[SocialGraph, EmbeddingTable]) -> None:
    assert found(world, [1, 0], modality="image") == ["p1", "p3", "p2"]
    # m2 is a clip, not the picture that the table has for it, too
    assert nearest_posts(*world, [0, 1], modality="image").similarity.tolist() == pytest.approx([1, 2**-0.5, 0])
    answer = nearest_posts(*world, [1, 1], modality="image")
    assert answer.ids.tolist() == ["p1", "p2", "p3"] and answer.similarity[0] == pytest.approx(1)
    assert found(world, [1, 1], modality="video") == ["p1"]
    assert nearest_posts(*world, [0, 1], modality="video", tokens="best").similarity.tolist() == [1]
    # m3 is shown from 25 on and known from 70
    assert found(world, [0, 1], modality="image", end=70) == ["p1", "p3"]
    assert found(world, [0, 1], modality="image", end=71) == ["p2", "p1", "p3"]
    assert found(world, [0, 1], modality="image", end=17) == ["p1"]
    assert found(world, [0, 1], modality="image", end=16) == []
    assert found(world, ("post", "p2"), modality="image") == ["p1", "p3"]
    # what is looked for may be older than the window
    assert found(world, ("post", "p1"), modality="image", start=20, end=99) == ["p3", "p2"]


def test_filters(world: tuple[SocialGraph, EmbeddingTable]) -> None:
    graph = world[0]
    ids = graph.node_ids("post").tolist()
    places = [ids.index(p) for p in ("p1", "p4")]
    mask = np.isin(np.arange(len(ids)), places)
    for within in (
        ["p4", "p1", "p1"],
        {"p1", "p4"},
        np.array(["p1", "p4"]),
        np.array(places),
        places,
        mask,
        [("post", "p1"), ("post", "p4")],
        {"post": ["p1", "p4"], "hashtag": np.array([0])},
        {"post": mask},
        sql(graph, "SELECT id FROM post WHERE id IN ('p1', 'p4') UNION ALL SELECT NULL"),
    ):
        assert found(world, [1, 0], within=within) == ["p1", "p4"], within
    for within in (
        [("user", "ann")],
        {"user": [0]},
        {"user": ["ann"]},
        sql(graph, "SELECT id AS user FROM user WHERE id = 'ann'"),
        sql(graph, "SELECT 'user' AS node_type, 'ann' AS id"),
    ):
        assert found(world, [1, 0], within=within) == ["p1", "p3"], within
    both = [("user", "ann"), ("post", "p2")]
    assert found(world, [1, 0], within=both) == ["p1", "p3", "p2"]
    assert found(world, [1, 0], 1, within=both, window=(11, 99)) == ["p3"]
    assert found(world, [1, 0], within=[]) == [] and found(world, [1, 0], within={}) == []
    community = neighbourhood(graph, ("user", "bob"), hops=1)
    assert found(world, [1, 0], within=community) == ["p2", "p4"]
    # who wrote it is known from before a window, too
    assert found(world, [1, 0], start=20, end=99, within=[("user", "ann")]) == ["p3"]
    assert posts_within(graph.window(20, 99), [("user", "ann")]).tolist() == [ids.index("p1"), ids.index("p3")]
    assert posts_within(graph, None).tolist() == list(range(len(ids)))


@pytest.mark.parametrize(
    ("query", "options", "error", "message"),
    [
        ([1, 0, 0], {}, SchemaError, r"got a query of shape \[3\], expected a vector of 2 numbers"),
        (("user", "ann"), {}, SchemaError, "posts are compared with posts, got"),
        (("post", "p5"), {}, SchemaError, "has no text to compare"),
        (("post", "p5"), {"modality": "image"}, SchemaError, "has no image or video to compare"),
        (("post", "p99"), {}, UnknownNodeError, "no post 'p99'"),
        (("post", "p7"), {"end": 30}, UnknownNodeError, "it exists only later"),
        ([1, 0], {"k": 0}, SchemaError, "got k=0"),
        ([1, 0], {"tokens": "bst"}, SchemaError, "unknown tokens 'bst'.*Did you mean 'best'"),
        ([1, 0], {"modality": "txt"}, SchemaError, "unknown modality 'txt'.*Did you mean 'text'"),
        ([1, 0], {"within": ["p1", "p99"]}, UnknownNodeError, "no post 'p99'"),
        ([1, 0], {"within": [("user", "zoe")]}, UnknownNodeError, "no user 'zoe'"),
        ([1, 0], {"within": [("user", "cy")], "end": 60}, UnknownNodeError, "it exists only later"),
        ([1, 0], {"within": [("usr", "ann")]}, SchemaError, "unknown node type 'usr'.*Did you mean 'user'"),
        ([1, 0], {"within": {"usr": [0]}}, SchemaError, "unknown node type 'usr'"),
        ([1, 0], {"within": [("hashtag", "x")]}, SchemaError, "got nodes of type hashtag, expected posts or users"),
        ([1, 0], {"within": [("a", "b", "c")]}, SchemaError, "expected nodes such as"),
        ([1, 0], {"within": [99]}, SchemaError, "got position 99, expected positions from 0 to 7"),
        ([1, 0], {"within": [True]}, SchemaError, "got a mask of 1 candidates"),
        ([1, 0], {"within": "p1"}, SchemaError, "within got 'p1', expected posts"),
        ([1, 0], {"within": 5}, SchemaError, "within got 5"),
        ([1, 0], {"within": [None]}, SchemaError, "got candidates object"),
        ([1, 0], {"within": [UUID(int=5)]}, UnknownNodeError, "no post"),
    ],
)
def test_wrong_questions(
    world: tuple[SocialGraph, EmbeddingTable], query: Any, options: Any, error: Any, message: str
) -> None:
    with pytest.raises(error, match=message):
        found(world, query, **options)


def test_answers_without_posts_are_refused(world: tuple[SocialGraph, EmbeddingTable]) -> None:
    with pytest.raises(SchemaError, match=r"columns posts, n, expected one named post, user or id\. Did you"):
        found(world, [1, 0], within=sql(world[0], "SELECT 'p1' AS posts, 1 AS n"))
    nobody = SocialGraph.build(Schema({"user": {}, "post": {}}, {}), {"user": pa.table({"id": ["a"]})}, {})
    with pytest.raises(SchemaError, match=r"no edges .* that say who wrote what"):
        posts_within(nobody, [("user", "a")])
    with pytest.raises(SchemaError, match="no text was embedded; the table has nothing"):
        nearest_posts(nobody, EmbeddingTable({}, {}), [1, 0])


def test_a_text_measured_later_is_not_searched() -> None:
    schema = Schema({"post": {"text": Column("string", 50)}}, {})
    posts = pa.table({"id": ["p1", "p2"], "known_at": [1, 2], "text": ["a", "b"]})
    graph = SocialGraph.build(schema, {"post": posts}, {})
    table = hashing_embeddings(graph)
    with pytest.raises(SchemaError, match="has no text to compare"):
        nearest_posts(graph.as_of(50), table, ("post", "p1"))
    assert nearest_posts(graph.as_of(51), table, ("post", "p1")).ids.tolist() == ["p2"]
    assert nearest_posts(graph.as_of(9).assume_known("post", "text"), table, ("post", "p1")).ids.tolist() == ["p2"]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_posts_equal_loops(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    end = data.draw(st.integers(0, 120))
    view = random_world(int(rng.integers(0, 1000))).graph().window(data.draw(st.integers(-50, end)), end)
    ids = view.node_ids("post").tolist()
    tokens = rng.integers(-2, 3, (4, 1, 3)).astype(np.float16)
    shown = {p: int(rng.integers(0, 4)) for p in ids if rng.random() < 0.8}
    table = EmbeddingTable(
        {"text": ModalityTokens("text", tokens, np.ones((4, 1), bool), encoder("words"))},
        {("post", "text"): contents(shown)},
    )
    users = [u for u in view.node_ids("user") if rng.random() < 0.5]
    wrote = view.without_start().edges(AUTHOR)
    by_users = {ids[d] for s, d in zip(wrote.src, wrote.dst, strict=True) if view.node_ids("user")[s] in users}
    rows = [
        i
        for i, p in enumerate(ids)
        if p in shown
        and p in by_users
        and view.row_known_at("post")[i] < end
        and (view.start is not None and view.known_at("post")[i] >= view.start)
    ]
    query, k = rng.integers(-2, 3, 3), data.draw(st.integers(1, 6))
    flat = np.array([tokens[shown.get(p, 0), 0] for p in ids]).reshape(len(ids), 3)
    answer = nearest_posts(view, table, query, k, within=[("user", u) for u in users])
    assert answer.position.tolist() == by_loops(flat, query.astype(float), rows, k) and answer.searched == len(rows)


@pytest.mark.parametrize("seed", range(6))
def test_the_future_changes_nothing(seed: int) -> None:
    world = random_world(seed, posts=9)
    whole = hashing_embeddings(world.graph())
    for time in (30, 61, 80):
        view, erased = world.graph().as_of(time), world.erased(time).graph().as_of(time)
        if "text" not in (past := hashing_embeddings(erased)).tokens:
            continue
        query = np.random.default_rng(seed).standard_normal(whole.tokens["text"].tokens.shape[2])
        answers = [
            nearest_posts(v, t, query, 4, within=within(v))
            for v, t in ((view, whole), (erased, past))
            for within in (lambda v: None, lambda v: [("user", u) for u in v.node_ids("user")[:3]])
        ]
        said = [(a.ids.tolist(), a.similarity.tolist(), a.time.tolist(), a.searched, a.as_of) for a in answers]
        assert said[:2] == said[2:]


def test_numba_is_loaded_when_asked_for() -> None:
    code = "import sys, graphsocial.embed.nearest_posts; sys.exit('numba' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_empty_view_has_no_posts(world: tuple[SocialGraph, EmbeddingTable]) -> None:
    answer: NearestPosts = nearest_posts(world[0].as_of(-5), world[1], [1, 0], within=np.array([False]))
    assert len(answer) == 0 and answer.searched == 0 and answer.to_polars().height == 0

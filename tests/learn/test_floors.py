"""Floors against loops over the raw rows, and blind to everything at or after each question's time."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.errors import LeakageError, NotFittedError, SchemaError, TimeWindowError
from graphsocial.graph import SocialGraph, count_before
from graphsocial.learn import floors
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors import (
    CandidatePopularity,
    CommonNeighbours,
    ExponentialSmoothing,
    HistoricalMean,
    MajorityClass,
    MeanCount,
    PastRelations,
    Persistence,
    Recency,
    TfidfCount,
    TfidfLabel,
    candidate_popularity,
)
from graphsocial.schema import Column, Schema

MENTION, REPOST, TAG = ("user", "mention", "user"), ("user", "repost", "user"), ("post", "tag", "hashtag")
SCHEMA = Schema(
    {"user": {}, "post": {"text": Column()}, "hashtag": {}}, {MENTION: {}, REPOST: {}, TAG: {}}
)  # fmt: skip
WORDS = {0: "calm sun quiet", 1: "storm flood water"}


@dataclass(frozen=True)
class Rows:
    """Plain rows of a world: (a, b, time) per edge type, (id, text, time) per post."""

    edges: dict
    posts: list

    def before(self, time):
        edges = {e: [r for r in rows if r[2] < time] for e, rows in self.edges.items()}
        return Rows(edges, [p for p in self.posts if p[2] < time])

    def graph(self, rng):
        def table(names, rows):
            rows = [rows[i] for i in rng.permutation(len(rows))]
            kinds = [pa.int64() if n in ("time", "known_at") else pa.string() for n in names]
            return pa.table(
                {n: pa.array([r[i] for r in rows], k) for i, (n, k) in enumerate(zip(names, kinds, strict=True))}
            )

        edges = {e: table(("src", "dst", "time"), rows) for e, rows in self.edges.items()}
        return SocialGraph.build(SCHEMA, {"post": table(("id", "text", "known_at"), self.posts)}, edges)


def world(seed=0):
    rng = np.random.default_rng(seed)

    def pairs(count):
        return [(f"u{a}", f"u{b}", int(t)) for a, b, t in rng.integers(0, [8, 8, 200], (count, 3)) if a != b]

    posts = [(f"p{i}", WORDS[i % 2] if i % 7 else None, int(t)) for i, t in enumerate(rng.integers(0, 200, 120))]
    tags = [(p, f"h{rng.integers(3)}", t) for p, _, t in posts]
    return Rows({MENTION: pairs(60), REPOST: pairs(60), TAG: tags}, posts)


def examples(nodes, time, target, classes=()):
    n = len(time)
    return Examples(
        "task", nodes, np.asarray(time), np.asarray(target), np.arange(n).astype(object), np.arange(n), classes=classes
    )


def pair_examples(graph, seed, start, end, count=40):
    """Pairs of users that both exist before their question."""
    rng = np.random.default_rng(seed)
    time = rng.integers(start, end, count)
    existing = [np.flatnonzero(graph.known_at("user") < t) for t in time]
    src, dst = (np.array([rng.choice(e) for e in existing]) for _ in range(2))
    return examples(
        {"src": ("user", src), "dst": ("user", dst)}, time, rng.integers(0, 2, count), ("mention", "repost")
    )


def post_examples(graph, start, end):
    known = graph.row_known_at("post")
    node = np.flatnonzero((known >= start) & (known < end))
    number = np.array([int(i[1:]) for i in graph.node_ids("post")[node]])
    return examples({"node": ("post", node)}, known[node] + 1, number % 2, ("calm", "storm"))


def tag_examples(rows, graph, start, end, width=10):
    time, node = (a.ravel() for a in np.meshgrid(np.arange(start, end, width), np.arange(3)))
    names = graph.node_ids("hashtag")
    count = [
        sum(h == names[n] and t <= s < t + width for _, h, s in rows.edges[TAG])
        for n, t in zip(node, time, strict=True)
    ]
    return examples({"node": ("hashtag", node)}, time, np.log1p(count))


def neighbours(rows, user, time):
    pairs = [(a, b) for e in (MENTION, REPOST) for a, b, t in rows.edges[e] if t < time]
    return {b for a, b in pairs if a == user} | {a for a, b in pairs if b == user}


def test_link_floors_equal_loops():
    rows = world()
    graph = rows.graph(np.random.default_rng(0))
    test = pair_examples(graph, 1, 40, 200)
    types = (MENTION, REPOST)
    shared, popular, recent = (
        f(types).predict(graph, test, test) for f in (CommonNeighbours, CandidatePopularity, Recency)
    )
    names = graph.node_ids("user")
    for i, (a, b, t) in enumerate(zip(test.nodes["src"][1], test.nodes["dst"][1], test.time, strict=True)):
        received = [s for e in types for _, v, s in rows.edges[e] if v == names[b] and s < t]
        assert popular[i] == len(received)
        assert recent[i] == (1 / (1 + t - max(received)) if received else 0)
        if a != b:
            assert shared[i] == len(
                (neighbours(rows, names[a], t) & neighbours(rows, names[b], t)) - {names[a], names[b]}
            )


def test_common_neighbours_between_types_are_none():
    graph = world().graph(np.random.default_rng(0))
    test = examples({"src": ("post", np.arange(3)), "dst": ("hashtag", np.arange(3))}, [200] * 3, [0] * 3)
    assert CommonNeighbours((TAG,)).predict(graph, test, test).tolist() == [0, 0, 0]


def test_past_relations_by_hand():
    rows = Rows(
        {MENTION: [("a", "b", 1), ("a", "b", 2), ("c", "b", 9)], REPOST: [("a", "b", 3), ("a", "d", 8)], TAG: []}, []
    )
    graph = rows.graph(np.random.default_rng(0))
    dst = graph.index("user", ["b", "d"])
    test = examples({"dst": ("user", dst)}, [9, 8], [0, 0], ("mention", "repost"))
    train = examples({"dst": ("user", dst[[0] * 4])}, [5] * 4, [0, 1, 1, 1], ("mention", "repost"))
    # b before 9: two mentions and one repost, plus 2 * (1/4, 3/4); d before 8: nothing
    expected = [[(2 + 0.5) / 5, (1 + 1.5) / 5], [0.25, 0.75]]
    assert PastRelations((MENTION, REPOST)).predict(graph, train, test) == pytest.approx(np.array(expected))


def test_constant_floors_by_hand():
    graph = world().graph(np.random.default_rng(0))
    train = examples({"node": ("post", np.arange(4))}, [200] * 4, [2, 0, 2, 2], ("a", "b", "c"))
    test = examples({"node": ("post", np.arange(2))}, [200] * 2, [0, 0], ("a", "b", "c"))
    assert MajorityClass().predict(graph, train, test).tolist() == [[0.25, 0, 0.75]] * 2
    assert MeanCount().predict(graph, train, test) == pytest.approx(np.full(2, (3 * np.log(3) + 0) / 4))


def test_trend_floors_by_hand():
    # counts of h in windows of 10 s: 1, 0, 3, then 2 in [30, 40)
    rows = Rows({MENTION: [], REPOST: [], TAG: [(f"p{i}", "h", t) for i, t in enumerate([5, 20, 21, 22, 33, 34])]}, [])
    graph = rows.graph(np.random.default_rng(0))
    train = examples({"node": ("hashtag", np.zeros(1, int))}, [20], np.log1p([3]))
    test = examples({"node": ("hashtag", np.zeros(1, int))}, [40], np.log1p([7]))
    # train points at 20: last 0, mean 1/2, smoothing .3 * 0 + .7 * .3 * 1 (windows before it empty)
    for floor, then, now in (
        (Persistence(TAG, 10), 0, 2),
        (HistoricalMean(TAG, 10), 1 / 2, 6 / 4),
        (ExponentialSmoothing(TAG, 10), 0.21, 0.3 * 2 + 0.7 * (0.3 * 3 + 0.7 * (0.7 * 0.3))),
    ):
        error = np.log1p(3) - np.log1p(then)
        found = floor.predict(graph, train, test)
        assert found == pytest.approx(np.full((1, 3), np.log1p(now) + error)), floor.name
        with pytest.raises(LeakageError):
            floor.predict(graph, test, train)
    assert Persistence(TAG, 10).predict(graph, train, train.take(np.zeros(0, int))).shape == (0, 3)


def predictions(rows, graph):
    """Every floor's predictions for questions before 150, from a graph that may or may not know what came later."""
    types = (MENTION, REPOST)
    pairs = pair_examples(graph, 2, 30, 100), pair_examples(graph, 3, 100, 151)
    posts = post_examples(graph, 0, 100), post_examples(graph, 100, 150)
    tags = tag_examples(rows, graph, 50, 90), tag_examples(rows, graph, 110, 141)
    asked = {CommonNeighbours(types): pairs, CandidatePopularity(types): pairs, Recency(types): pairs}
    asked |= {PastRelations(types): pairs, MajorityClass(): pairs, MeanCount(): posts}
    asked |= {TfidfLabel(): posts, TfidfLabel(analyser="char", name="c"): posts, TfidfCount(): posts}
    asked |= {f(TAG, 10): tags for f in (Persistence, HistoricalMean, ExponentialSmoothing)}
    return {floor.name: (floor.predict(graph, *parts), parts) for floor, parts in asked.items()}


def test_erasing_the_future_changes_no_score():
    rows = world()
    whole = rows.graph(np.random.default_rng(4))
    past = rows.before(150).graph(np.random.default_rng(5))
    known, blind, view = (predictions(rows, graph) for graph in (whole, past, whole.as_of(150)))
    assert set(known) - {"c"} >= {
        getattr(floors, name)(*_arguments(name)).name for name in floors.__all__ if name != "Floor"
    }
    for name, (scores, _) in known.items():
        assert np.array_equal(scores, blind[name][0]) and np.array_equal(scores, view[name][0]), name
        assert np.isfinite(scores).all()


def test_a_planted_leak_is_seen(monkeypatch):
    def leaking(graph, edge_type, direction, node, start, end):
        return count_before(graph, edge_type, direction, node, start, 2**62)

    monkeypatch.setattr(candidate_popularity, "count_before", leaking)
    rows = world()
    known, blind = (predictions(r, r.graph(np.random.default_rng(4))) for r in (rows, rows.before(150)))
    differ = {name for name in known if not np.array_equal(known[name][0], blind[name][0])}
    assert differ == {"candidate_popularity", "past_relations"}


def _arguments(name):
    if name in ("Persistence", "HistoricalMean", "ExponentialSmoothing"):
        return (TAG, 10)
    return (
        ((MENTION, REPOST),) if name in ("CommonNeighbours", "CandidatePopularity", "Recency", "PastRelations") else ()
    )


def test_each_question_sees_only_its_own_past():
    """One question at a time, each on a graph that ends at its time, scores as all of them at once."""
    rows = world(7)
    graph = rows.graph(np.random.default_rng(0))
    test = pair_examples(graph, 1, 40, 200, count=12)
    for floor in (f((MENTION, REPOST)) for f in (CommonNeighbours, CandidatePopularity, Recency, PastRelations)):
        scores = floor.predict(graph, test, test)
        for i, t in enumerate(test.time):
            alone = floor.predict(rows.before(t).graph(np.random.default_rng(i)), test, test.take(np.array([i])))
            assert np.array_equal(alone[0], scores[i]), floor.name


def test_what_a_floor_cannot_do_is_said():
    graph = world().graph(np.random.default_rng(0))
    test = pair_examples(graph, 1, 40, 200)
    none = test.take(np.zeros(0, dtype=int))
    with pytest.raises(TimeWindowError, match="after this view's as_of"):
        CandidatePopularity((MENTION,)).predict(graph.as_of(100), none, test)
    with pytest.raises(SchemaError, match=r"no role 'dts', expected one of src, dst\. Did you mean 'dst'"):
        CandidatePopularity((MENTION,), target="dts").predict(graph, none, test)
    with pytest.raises(NotFittedError, match="floor 'majority' needs at least one training example"):
        MajorityClass().predict(graph, none, test)
    with pytest.raises(SchemaError, match="counts 'hashtag' nodes"):
        Persistence(TAG, 10, role="dst").predict(graph, test, test)
    assert CandidatePopularity((MENTION,)).predict(graph, none, none).shape == (0,)

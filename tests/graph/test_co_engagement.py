"""Shared items counted one by one, and p-values on graphs that the null itself drew."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.graph.groups.bipartite_null import bipartite_null
from graphsocial.graph.groups.co_engagement import co_engagement
from graphsocial.graph.groups.co_engagement_kernels import draw_tails, sum_tails
from graphsocial.graph.groups.false_discovery import false_discovery
from graphsocial.schema import Schema
from tests.graph.worlds import AUTHOR, FOLLOW, SHARE, TAG, random_world

LIKE = ("user", "like", "post")
SCHEMA = Schema({"user": {}, "post": {}}, {LIKE: {}}, crawled_at={LIKE: 10**6})


def liked(pairs: list[tuple[int, int]], time: list[int | None] | None = None) -> SocialGraph:
    """A graph of users that liked posts, one after the other unless times are given."""
    src, dst = [f"u{u:04}" for u, _ in pairs], [f"p{p:04}" for _, p in pairs]
    times = pa.array(range(len(pairs)) if time is None else time, pa.int64())
    edges = pa.table({"src": pa.array(src, pa.string()), "dst": pa.array(dst, pa.string()), "time": times})
    return SocialGraph.build(SCHEMA, {}, {LIKE: edges})


def rows(found) -> dict:  # type: ignore[no-untyped-def]
    return {tuple(sorted((r["a"], r["b"]))): r for r in found.to_arrow().to_pylist()}


RING = [(u, (u + step) % 4) for u in range(4) for step in range(2)]


def test_a_ring_by_hand() -> None:
    """Four users like two of four posts each, all posts alike: every edge has chance 1/2, so every meeting 1/4."""
    found = rows(co_engagement(liked(RING), [LIKE], min_shared=1, fdr=1))
    assert sorted((a[1:], b[1:]) for a, b in found) == [
        (f"{i:04}", f"{j:04}") for i, j in [(0, 1), (0, 3), (1, 2), (2, 3)]
    ]
    for row in found.values():
        assert row["shared"] == 1
        assert row["expected"] == pytest.approx(1.0)
        assert row["p"] == pytest.approx(1 - 0.75**4)
        assert row["q"] == pytest.approx(1.0)  # 6 tests, 4 equal values: p 6 / 4 > 1
    drawn = rows(co_engagement(liked(RING), [LIKE], min_shared=1, fdr=1, null="hypergeometric"))
    assert drawn["u0000", "u0001"]["p"] == pytest.approx(5 / 6)  # one of the six pairs of posts shares none
    assert drawn["u0000", "u0001"]["expected"] == pytest.approx(1.0)
    rare = rows(co_engagement(liked(RING), [LIKE], min_shared=1, fdr=1, null="poisson"))
    assert rare["u0000", "u0001"]["p"] == pytest.approx(1 - np.exp(-1))


def test_two_bots_among_many() -> None:
    """Two users like the same six posts, forty like one of twenty: expectations by hand from the fitted chances."""
    pairs = [(b, p) for b in range(2) for p in range(6)] + [(2 + u, u % 20) for u in range(40)]
    row = rows(co_engagement(liked(pairs), [LIKE]))["u0000", "u0001"]
    null = bipartite_null(np.array([6, 6] + [1] * 40), np.array([4] * 6 + [2] * 14))
    bots = null.probability[1] ** 2
    assert row["expected"] == pytest.approx(6 * bots[1] + 14 * bots[0])
    assert row["shared"] == 6
    assert row["p"] == pytest.approx(tail_by_hand(np.repeat(bots, [14, 6]))[6])


def tail_by_hand(chances: np.ndarray) -> np.ndarray:
    mass = np.array([1.0])
    for chance in chances:
        mass = np.convolve(mass, [1 - chance, chance])
    return mass[::-1].cumsum()[::-1]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1.0, 0.5, 0.05, 0.003]), st.integers(1, 40))
def test_tails_are_those_of_a_sum_of_trials(seed: int, scale: float, most: int) -> None:
    rng = np.random.default_rng(seed)
    classes = int(rng.integers(1, 10))
    chance, near = rng.random((2, classes)) ** rng.integers(1, 6) * scale, rng.random(classes)
    count = rng.integers(1, 50, classes)
    table, mean, offset = np.zeros(most + 1), np.zeros(1), np.array([0, most + 1])
    one, two = np.array([0]), np.array([1])
    sum_tails(0, 1, one, two, chance, count, near, offset, table, mean)
    trials = np.repeat(chance[0] * chance[1] * near, count)
    expected = np.append(tail_by_hand(trials), np.zeros(most + 1))[: most + 1]
    assert mean[0] == pytest.approx(trials.sum())
    seen = expected > 1e-280
    np.testing.assert_allclose(table[seen], expected[seen], rtol=1e-6)
    assert (table[~seen] < 1e-270).all()


def test_tails_of_very_many_trials() -> None:
    """Beyond a mean of 500 the chance of no success vanishes; the tail must not."""
    chance, count = np.array([[0.04, 0.5]]), np.array([500_000, 20])
    table, mean, offset, one = np.zeros(901), np.zeros(1), np.array([0, 901]), np.array([0])
    sum_tails(0, 1, one, one, chance, count, np.ones(2), offset, table, mean)
    assert mean[0] == pytest.approx(805)
    from scipy.stats import binom

    by_hand = sum(binom.pmf(k, 20, 0.25) * binom.sf(899 - k, 500_000, 0.0016) for k in range(21))
    assert table[900] == pytest.approx(by_hand, rel=1e-6)


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 30))
@settings(deadline=None)
def test_draws_are_hypergeometric(a: int, b: int, more: int) -> None:
    from scipy.stats import hypergeom

    items = max(a, b) + more
    most = min(a, b)
    table, mean = np.zeros(most + 1), np.zeros(1)
    draw_tails(np.array([a]), np.array([b]), items, np.array([0, most + 1]), table, mean)
    np.testing.assert_allclose(table, hypergeom.sf(np.arange(most + 1) - 1, items, a, b), rtol=1e-8)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 12), st.floats(0.05, 1))
def test_the_null_keeps_every_degree(seed: int, rows: int, columns: int, density: float) -> None:
    """Full rows, nested and blocked matrices among them, whose best chances are 0 and 1."""
    matrix = np.random.default_rng(seed).random((rows, columns)) < density
    matrix = matrix[matrix.any(axis=1)][:, matrix.any(axis=0)]
    null = bipartite_null(matrix.sum(axis=1), matrix.sum(axis=0))
    np.testing.assert_allclose(null.probability @ null.other_count, null.degree, rtol=1e-6)
    np.testing.assert_allclose(null.count @ null.probability, null.other_degree, rtol=1e-6)
    odds = null.probability / (1 - null.probability + 1e-300)
    inner = matrix.size and (null.probability > 1e-4).all() and (null.probability < 1 - 1e-4).all()
    if inner:  # x y: a table of rank one
        np.testing.assert_allclose(odds * odds[0, 0], odds[:, :1] * odds[:1], rtol=1e-4)


def test_degrees_that_no_graph_has() -> None:
    with pytest.raises(SchemaError, match="got 3 edges on the left and 2 on the right"):
        bipartite_null(np.array([3]), np.array([1, 1]))
    with pytest.raises(SchemaError, match="no bipartite graph"):
        bipartite_null(np.array([3, 1]), np.array([2, 2]))


@given(st.lists(st.floats(0, 1), max_size=20), st.integers(0, 30), st.floats(0.001, 0.999))
def test_false_discovery_keeps_what_the_procedure_keeps(p: list[float], more: int, level: float) -> None:
    """Benjamini and Hochberg word for word: the largest k with p_(k) <= level k / m; keep the k smallest."""
    q = false_discovery(np.array(p), len(p) + more)
    ranked = sorted(p)
    fits = [k for k in range(1, len(p) + 1) if ranked[k - 1] * ((len(p) + more) / k) <= level]
    kept = ranked[: max(fits, default=0)]
    assert sorted(np.array(p)[q <= level]) == kept


def test_false_discovery_of_nonsense() -> None:
    with pytest.raises(SchemaError, match="got p = nan, expected 0 to 1"):
        false_discovery(np.array([0.1, np.nan]))
    with pytest.raises(SchemaError, match="got 1 tests and 2 values"):
        false_discovery(np.array([0.1, 0.2]), 1)


def shared_by_hand(view: SocialGraph, relations, through, delta, max_actors):  # type: ignore[no-untyped-def]
    acts: dict = {}
    for e in relations:
        edges, users, items = view.edges(e), view.node_ids(e[0]), view.node_ids(e[2])
        links = view.without_start().edges(through) if through else None
        for u, i, t, known in zip(edges.src, edges.dst, edges.time, edges.recorded, strict=True):
            if delta is not None and not known:
                continue
            for item in [items[i]] if links is None else view.node_ids(through[2])[links.dst[links.src == i]]:
                acts.setdefault(item, {}).setdefault(users[u], []).append(t)
    counts: dict = {}
    for who in acts.values():
        if max_actors is None or len(who) <= max_actors:
            for u, v in combinations(sorted(who), 2):
                if delta is None or any(abs(s - t) <= delta for s in who[u] for t in who[v]):
                    counts[u, v] = counts.get((u, v), 0) + 1
    return counts


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(0, 130),
    st.integers(0, 100),
    st.sampled_from([([SHARE], None), ([AUTHOR, SHARE], None), ([AUTHOR, SHARE], TAG), ([FOLLOW], None)]),
    st.sampled_from([None, 0, 9, 30]),
    st.integers(1, 2),
    st.sampled_from([None, 2, 4]),
)
def test_shared_items_counted_one_by_one(seed, end, before, acts, delta, min_shared, max_actors) -> None:  # type: ignore[no-untyped-def]
    view = random_world(seed, edges=30).graph().window(end - before, end)
    relations, through = acts
    found = co_engagement(view, relations, through, delta, min_shared, fdr=1, max_actors=max_actors)
    expected = shared_by_hand(view, relations, through, delta, max_actors)
    assert {pair: r["shared"] for pair, r in rows(found).items()} == {
        pair: n for pair, n in expected.items() if n >= min_shared
    }
    assert found.candidates == len(found)
    assert ((found.p > 0) & (found.p <= found.q) & (found.q <= 1)).all()
    assert (np.diff(found.p) >= 0).all()
    assert (found.a < found.b).all()


def drawn_from_null(rng: np.random.Generator, users: int = 60, posts: int = 150) -> np.ndarray:
    """A matrix of likes with busy users and popular posts, every edge on its own."""
    busy, popular = rng.pareto(1.5, users) + 0.3, rng.pareto(1.5, posts) + 0.3
    odds = busy[:, None] * popular * 0.06
    return rng.random((users, posts)) < odds / (1 + odds)


def test_false_positives_stay_below_alpha() -> None:
    """Where nothing is there: p is never too small, and no pair survives the correction more often than promised."""
    rng, below, pairs, runs_with_finds = np.random.default_rng(1), np.zeros(3), 0, 0
    for _ in range(25):
        matrix = drawn_from_null(rng)
        found = co_engagement(liked(list(zip(*np.nonzero(matrix), strict=True))), [LIKE], min_shared=1, fdr=1)
        active = int(matrix.any(axis=1).sum())
        pairs += active * (active - 1) // 2  # pairs that share nothing have p = 1
        below += [(found.p <= alpha).sum() for alpha in (0.01, 0.05, 0.2)]
        runs_with_finds += bool((found.q <= 0.05).any())
    rate = below / pairs
    assert (rate <= np.array([0.0115, 0.055, 0.21])).all(), rate
    assert (rate >= np.array([0.0001, 0.004, 0.05])).all(), rate  # fitted degrees and ties make it small, not nothing
    assert runs_with_finds <= 4


def test_p_is_uniform_once_ties_are_broken() -> None:
    """A random point between P(more) and P(at least as many) is uniform exactly if the tails are right."""
    rng, seen = np.random.default_rng(2), []
    chance = np.array([[0.4, 0.1, 0.02], [0.3, 0.2, 0.05]])
    count = np.array([20, 60, 300])
    table, mean = np.zeros(101), np.zeros(1)
    sum_tails(
        0, 1, np.array([0]), np.array([1]), chance, count, np.ones(3), np.array([0, 101]), table, mean
    )  # fmt: skip
    for _ in range(2000):
        shared = int(rng.binomial(count, chance[0] * chance[1]).sum())
        seen.append(table[shared + 1] + rng.random() * (table[shared] - table[shared + 1]))
    assert kstest(seen, "uniform").pvalue > 0.01


@pytest.mark.parametrize("null", ["bicm", "poisson"])
def test_planted_pairs_are_found(null: str) -> None:
    rng = np.random.default_rng(3)
    matrix = drawn_from_null(rng, 200, 400)
    planted = [(0, 1), (2, 3), (4, 5)]
    for u, v in planted:
        matrix[[u, v]] = False
        matrix[np.ix_([u, v], rng.choice(400, 12, replace=False))] = True
    found = co_engagement(liked(list(zip(*np.nonzero(matrix), strict=True))), [LIKE], null=null, fdr=0.01)  # type: ignore[arg-type]
    best = [tuple(int(i[1:]) for i in pair) for pair in list(rows(found))[:3]]
    assert sorted(best) == planted
    assert len(found) <= 4


def test_popular_posts_fool_the_draw_but_not_the_configuration() -> None:
    """Everybody likes the popular posts: related to the hypergeometric null, explained by popularity otherwise."""
    rng = np.random.default_rng(4)
    matrix = rng.random((40, 300)) < np.where(np.arange(300) < 10, 0.8, 0.01)
    graph = liked(list(zip(*np.nonzero(matrix), strict=True)))
    assert len(co_engagement(graph, [LIKE])) == 0
    assert len(co_engagement(graph, [LIKE], null="hypergeometric")) > 600


def test_coordination_is_seen_in_time() -> None:
    """All like the same posts; only two do so within seconds. Bursts that everybody takes part in are not news."""
    rng = np.random.default_rng(5)
    pairs = [(u, p) for p in range(30) for u in range(30) if u < 2 or rng.random() < 0.3]
    spread = [int(rng.integers(0, 100_000)) if u > 0 else None for u, _ in pairs]
    second = {p: t for (u, p), t in zip(pairs, spread, strict=True) if u == 1}
    time = [second[p] + 5 if t is None else t for (_, p), t in zip(pairs, spread, strict=True)]
    found = co_engagement(liked(pairs, time), [LIKE], delta=60)
    assert set(rows(found)) == {("u0000", "u0001")}
    assert found.shared.tolist() == [30]
    assert len(co_engagement(liked(pairs, time), [LIKE])) == 0
    burst = [p * 1000 + int(rng.integers(0, 60)) for _, p in pairs]
    assert len(co_engagement(liked(pairs, burst), [LIKE], delta=60)) == 0


def test_expectation_in_time_by_hand() -> None:
    """Of five meetings three were within ten seconds: one of three at the post of three, both at those of two."""
    likes = {(0, 0): 100, (1, 0): 105, (2, 0): 500, (0, 1): 0, (1, 1): 9, (0, 2): 50, (1, 2): 50, (2, 3): 7}
    hub = {(u, 4): u for u in range(6)}
    pairs = sorted({**likes, **hub}, key=lambda pair: {**likes, **hub}[pair])
    graph = liked(pairs, [{**likes, **hub}[pair] for pair in pairs])
    found = co_engagement(graph, [LIKE], delta=10, fdr=1, max_actors=5)
    assert rows(found)["u0000", "u0001"]["shared"] == 3
    null = bipartite_null(np.array([3, 3, 2]), np.array([3, 2, 2, 1]))
    chance = null.probability[1] ** 2  # of a meeting at a post of one, two and three
    near = np.array([3 / 5, 1.0, 1 / 3])
    assert found.expected[0] == pytest.approx((null.other_count * chance * near).sum())
    assert found.p[0] == pytest.approx(tail_by_hand(np.repeat(chance * near, null.other_count))[3])


def test_what_is_left_out_is_counted() -> None:
    pairs = [(u, 0) for u in range(6)] + [(u, p) for u in range(2) for p in (1, 2)]
    found = co_engagement(liked([*pairs, (0, 0)]), [LIKE], fdr=1, max_actors=5)
    assert (found.left_out_items, found.left_out_acts, found.left_out_meetings) == (1, 6, 15)
    assert "left out: 1 post with more than 5 actors (6 acts, 15 meetings)" in repr(found)
    assert found.shared.tolist() == [2]
    assert found.expected.tolist() == pytest.approx([2.0])  # the hub is out of the null too: both like all that is left
    late = co_engagement(liked(pairs, [*range(len(pairs) - 1), None]), [LIKE], delta=5, fdr=1)
    assert late.left_out_untimed == 1
    assert "1 acts without a time left out" in repr(late)


@pytest.mark.parametrize("null", ["bicm", "poisson", "hypergeometric"])
def test_nothing_to_find(null: str) -> None:
    for pairs in ([], [(0, 0)], [(0, 0), (1, 1)], [(0, 0), (1, 0)]):
        found = co_engagement(liked(pairs), [LIKE], null=null)  # type: ignore[arg-type]
        assert len(found) == 0
        assert found.to_polars().shape == (0, 6)
        assert found.plot() is not None


def test_erasing_the_future_changes_nothing() -> None:
    for seed in range(12):
        w = random_world(seed, edges=40)
        for t in (30, 61, 90):
            for acts, through, delta in (([AUTHOR, SHARE], None, None), ([SHARE], TAG, 9)):
                early, erased = (
                    co_engagement(g, acts, through, delta, 1, fdr=1)
                    for g in (w.graph().as_of(t), w.erased(t).graph().as_of(t))
                )
                assert repr(early) == repr(erased)
                assert early.to_arrow().equals(erased.to_arrow())


def test_wrong_questions_are_answered_in_words() -> None:
    graph = random_world(1).graph()
    with pytest.raises(SchemaError, match=r"unknown edge type .*Did you mean 'user repost post'"):
        co_engagement(graph, [("user", "repos", "post")])
    with pytest.raises(SchemaError, match="expected some from one node type to one node type"):
        co_engagement(graph, [SHARE, FOLLOW])
    with pytest.raises(SchemaError, match="expected some from one node type to one node type"):
        co_engagement(graph, [])
    with pytest.raises(SchemaError, match="starts at post, expected user, where the acts end"):
        co_engagement(graph, [FOLLOW], through=TAG)
    with pytest.raises(SchemaError, match=r"unknown null 'bicmm'.*Did you mean 'bicm'"):
        co_engagement(graph, [SHARE], null="bicmm")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="hypergeometric null knows no times"):
        co_engagement(graph, [SHARE], delta=5, null="hypergeometric")
    for name, value in [("delta", -1), ("delta", float("nan")), ("min_shared", 0), ("min_shared", 1.5), ("fdr", 0)]:
        with pytest.raises(SchemaError, match=f"got {name}="):
            co_engagement(graph, [SHARE], **{name: value})
    for name, value in [("fdr", float("nan")), ("fdr", "x"), ("max_actors", 1), ("max_actors", True), ("null", 3)]:
        with pytest.raises(SchemaError, match=f"{name}"):
            co_engagement(graph, [SHARE], **{name: value})
    assert co_engagement(graph, SHARE).item_type == "post"  # type: ignore[arg-type]

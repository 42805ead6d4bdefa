"""Temporal motifs against every sequence of edges tried one by one."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.graph.motifs.motif_instances import motif_instances
from graphsocial.graph.motifs.motif_pattern import MotifPattern, canonical_motif, three_edge_motifs
from graphsocial.graph.motifs.temporal_motifs import temporal_motifs
from graphsocial.schema import Schema
from tests.graph.worlds import AUTHOR, FOLLOW, REPOST, random_world

TWO = ["A->B, A->B", "A->B, B->A", "A->B, A->C", "A->B, C->A", "A->B, B->C", "A->B, C->B"]
LONGER = ["A->B, B->C, C->D", "A->B, A->C, A->D", "A->B, B->C, A->C, C->A", "x->y, y->x, x->y, z->x"]

TICKS = st.integers(0, 7).map(lambda ticks: 9 * ticks) | st.integers(0, 60)
"""Times in the random worlds are multiples of 9, and a window's own length is where counting goes wrong."""


def graph_of(rows: list[tuple[str, str, int]]) -> SocialGraph:
    table = pa.table(
        {
            "src": pa.array([r[0] for r in rows], pa.string()),
            "dst": pa.array([r[1] for r in rows], pa.string()),
            "time": pa.array([r[2] for r in rows], pa.int64()),
        }
    )
    return SocialGraph.build(Schema({"user": {}}, {REPOST: {}}), {}, {REPOST: table})


def busy(seed: int = 0, edges: int = 40) -> SocialGraph:
    ends, times = np.random.default_rng(seed).integers(0, 5, (2, edges)), range(edges)
    return graph_of([(f"u{a}", f"u{b}", 7 * t % 40) for a, b, t in zip(*ends, times, strict=True)])


def timed(view: SocialGraph, edge_types: list) -> list[tuple[int, str, str]]:
    users = view.node_ids("user")
    found = []
    for e in edge_types:
        edges = view.edges(e)
        for s, d, t, r in zip(edges.src, edges.dst, edges.time, edges.recorded, strict=True):
            if s != d and r:
                found.append((int(t), users[s], users[d]))
    return sorted(found)


def by_trying(rows: list[tuple[int, str, str]], steps: int, delta: int) -> Counter:
    """Instances of every motif of so many edges that holds together from the first edge on."""
    counts: Counter = Counter()
    for chosen in combinations(rows, steps):
        if all(a[0] < b[0] for a, b in pairwise(chosen)) and chosen[-1][0] - chosen[0][0] <= delta:
            known: set[str] = set()
            held = True
            for _, s, d in chosen:
                held = held and (not known or s in known or d in known)
                known |= {s, d}
            if held:
                counts[canonical_motif([(s, d) for _, s, d in chosen])] += 1
    return counts


def test_golden() -> None:
    graph = graph_of(
        [("a", "b", 0), ("b", "c", 5), ("b", "c", 5), ("c", "a", 9), ("b", "b", 6), ("b", "a", 5), ("b", "d", 11)]
    )
    answer = temporal_motifs(graph, REPOST, 10, ["A->B, B->C", "A->B, B->A", "A->B, B->C, C->A"])
    # b->c twice after a->b; b->d is a second too late; c->a after each b->c; b->a then nothing leaves a
    assert answer.count.tolist() == [4, 1, 2]
    assert temporal_motifs(graph, REPOST, 11, "A->B, B->C").count.tolist() == [5]
    assert temporal_motifs(graph, REPOST, 0, "A->B, B->C").count.tolist() == [0]


def test_golden_of_all_motifs() -> None:
    graph = graph_of([("a", "b", 0), ("c", "a", 1), ("b", "c", 2), ("b", "a", 2), ("a", "c", 4)])
    answer = temporal_motifs(graph, REPOST, 4)
    assert {m: n for m, n in zip(answer.motif, answer.count.tolist(), strict=True) if n} == {
        "A->B, C->A, B->C": 1,
        "A->B, C->A, B->A": 2,  # ab, ca, ba and ca, bc, ac
        "A->B, C->A, A->C": 1,
        "A->B, B->C, A->C": 1,
        "A->B, B->A, A->C": 1,
        "A->B, C->B, B->A": 1,  # ca, ba, ac
    }
    assert temporal_motifs(graph, REPOST, 3).count.sum() == 4, "without those from 0 to 4"
    triangle = graph_of([("a", "b", 0), ("b", "c", 5), ("c", "a", 9)])
    assert [temporal_motifs(triangle, REPOST, delta).count.sum() for delta in (8, 9, 10)] == [0, 1, 1]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000), TICKS.map(lambda t: 110 - t), TICKS, TICKS, st.booleans())
def test_every_sequence_tried(seed: int, end: int, before: int, delta: int, both: bool) -> None:
    view = random_world(seed, users=3, edges=28).graph().window(end - before, end)
    relations = [REPOST, FOLLOW] if both else [REPOST]
    rows = timed(view, relations)
    counts = by_trying(rows, 2, delta) + by_trying(rows, 3, delta)
    asked = TWO + three_edge_motifs()
    assert temporal_motifs(view, relations, delta, asked).count.tolist() == [counts[m] for m in asked]
    assert temporal_motifs(view, relations, delta).count.tolist() == [counts[m] for m in three_edge_motifs()]


@pytest.mark.parametrize("seed", range(4))
def test_many_edges_between_few(seed: int) -> None:
    """Windows so full that running tallies are used, ties at both ends of the window, and expiry in the middle."""
    rng = np.random.default_rng(seed)
    rows = [(f"u{a}", f"u{b}", int(t)) for a, b, t in zip(*rng.integers(0, [[4], [4], [25]], (3, 45)), strict=True)]
    graph = graph_of(rows)
    for delta in (3, 8, 40):
        edges = timed(graph, [REPOST])
        counts = by_trying(edges, 2, delta) + by_trying(edges, 3, delta)
        assert temporal_motifs(graph, REPOST, delta, TWO).count.tolist() == [counts[m] for m in TWO]
        assert temporal_motifs(graph, REPOST, delta).count.tolist() == [counts[m] for m in three_edge_motifs()]


@pytest.mark.parametrize("seed", range(3))
def test_very_many_edges_between_few(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, 5, (2, 160))
    graph = graph_of([(f"u{a}", f"u{b}", int(t)) for a, b, t in zip(*ends, rng.integers(0, 60, 160), strict=True)])
    for delta in (10, 25, 60):
        counts = by_trying(timed(graph, [REPOST]), 2, delta)
        assert temporal_motifs(graph, REPOST, delta, TWO).count.tolist() == [counts[m] for m in TWO]


@pytest.mark.parametrize("seed", range(4))
def test_longer_patterns(seed: int) -> None:
    graph = random_world(seed, users=4, edges=16).graph()
    rows = timed(graph, [REPOST])
    for text in LONGER:
        pattern = MotifPattern.read(text)
        counts = by_trying(rows, len(pattern.edges), 54)
        assert temporal_motifs(graph, REPOST, 54, text).count.tolist() == [counts[str(pattern.canonical)]]


def test_instances_are_those_counted_and_begin_in_order() -> None:
    graph, shown = busy(), 0
    for motif in [*TWO, "A->B, B->C, C->A", "x->y, y->x, x->y"]:
        every = motif_instances(graph, REPOST, motif, 40)
        assert len(every) == temporal_motifs(graph, REPOST, 40, motif).count[0] and every.complete
        edges = Counter(timed(graph, [REPOST]))
        pattern = MotifPattern.read(motif)
        for node, time in zip(every.node, every.time, strict=True):
            assert (np.diff(time) > 0).all() and time[-1] - time[0] <= 40 and len(set(node)) == len(node)
            for (s, d), t in zip(pattern.edges, time, strict=True):
                assert edges[(int(t), node[s], node[d])]
        assert (np.diff(every.time[:, 0]) >= 0).all()
        if len(every) > 1:
            shown += 1
            some = motif_instances(graph, REPOST, motif, 40, limit=len(every) - 1)
            assert some.time.tolist() == every.time[:-1].tolist() and not some.complete
            assert motif_instances(graph, REPOST, motif, 40, limit=len(every)).complete
            assert motif_instances(graph, REPOST, motif, 40, limit=10**15).time.tolist() == every.time.tolist()
    assert shown == 8


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("t", [0, 40, 61, 90])
def test_the_future_changes_nothing(seed: int, t: int) -> None:
    world = random_world(seed, edges=40)
    relations = [REPOST, FOLLOW]
    for ask in (
        lambda view: temporal_motifs(view, relations, 30).to_polars(),
        lambda view: temporal_motifs(view, REPOST, 30, TWO).to_polars(),
        lambda view: motif_instances(view, REPOST, "A->B, B->C", 30, limit=3).to_polars(),
    ):
        assert ask(world.graph().as_of(t)).equals(ask(world.erased(t).graph().as_of(t)))


def test_edges_that_nobody_timed_take_no_part() -> None:
    world = random_world(1)
    world.edges[FOLLOW] = [
        {"src": "a", "dst": "b", "time": 50},
        {"src": "b", "dst": "c", "time": None},  # known from the crawl at 60
        {"src": "b", "dst": "d", "time": 55},
    ]
    assert temporal_motifs(world.graph(), FOLLOW, 20, "A->B, B->C").count.tolist() == [1]


def test_thirty_six_different_motifs() -> None:
    motifs = three_edge_motifs()
    assert len(set(motifs)) == 36 and all(str(MotifPattern.read(m).canonical) == m for m in motifs)


def test_plots() -> None:
    graph = busy()
    answer = temporal_motifs(graph, REPOST, 40)
    assert sorted(text.get_text() for text in answer.plot().texts) == sorted(f"{n:,}" for n in answer.count)
    assert len(temporal_motifs(graph, REPOST, 40, TWO).plot().patches) == 6


def test_nothing_at_all() -> None:
    assert temporal_motifs(graph_of([]), REPOST, 10).count.tolist() == [0] * 36
    assert temporal_motifs(graph_of([("a", "b", 1)]).as_of(0), REPOST, 10, TWO).count.tolist() == [0] * 6
    assert len(motif_instances(graph_of([]), REPOST, "A->B, B->C", 10)) == 0
    assert temporal_motifs(graph_of([("a", "b", 1), ("b", "c", 9)]), REPOST, 2**70, "A->B, B->C").count.tolist() == [1]


def test_what_does_not_fit_is_named() -> None:
    graph = random_world(3).graph()
    for text, match in (
        ("A->B", "has 1 edges, expected 2 to 8"),
        ("A->B, B->B", "edge from B to itself"),
        ("A->B, C->D", "touches no edge before it"),
        ("A->B, B=>C", "got 'B=>C' in motif"),
        (", ".join(["A->B"] * 9), "has 9 edges"),
    ):
        with pytest.raises(SchemaError, match=match):
            temporal_motifs(graph, REPOST, 10, text)
    with pytest.raises(SchemaError, match="expected edges in order"):
        temporal_motifs(graph, REPOST, 10, [3])  # type: ignore[list-item]
    for delta in (-1, 1.5, float("nan"), True):
        with pytest.raises(SchemaError, match="expected a whole number of seconds"):
            temporal_motifs(graph, REPOST, delta)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="expected some between nodes of one type"):
        temporal_motifs(graph, AUTHOR, 10)
    with pytest.raises(SchemaError, match="the relations none"):
        temporal_motifs(graph, [], 10)
    with pytest.raises(SchemaError, match="unknown edge type"):
        temporal_motifs(graph, ("user", "repots", "user"), 10)
    with pytest.raises(SchemaError, match="got limit=0"):
        motif_instances(graph, REPOST, "A->B, B->C", 10, limit=0)

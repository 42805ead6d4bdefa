"""Timelines of communities: a story told by hand, matchings by brute force, and windows that see no later one."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.graph import SocialGraph
from graphsocial.graph.groups.communities import communities
from graphsocial.graph.groups.communities_over_time import CommunitiesOverTime, communities_over_time
from graphsocial.graph.groups.community_matching import link_communities
from graphsocial.schema import Schema
from tests.graph.worlds import FOLLOW, random_world

pytest.importorskip("networkit")


def told(windows: list[list[str]]) -> SocialGraph:
    """A graph in which each group of letters is a clique in its window, of ten seconds."""
    rows = [
        (a, b, 10 * w + 1) for w, groups in enumerate(windows) for group in groups for a, b in combinations(group, 2)
    ]
    src, dst, time = zip(*rows, strict=True)
    table = pa.table({"src": list(src), "dst": list(dst), "time": list(time)})
    return SocialGraph.build(Schema({"user": {}}, {FOLLOW: {}}), {}, {FOLLOW: table})


STORY = [
    ["abcdefgh", "mnop", "wxyz"],
    ["abcde", "fgh", "mnopq", "wxyz"],  # f, g and h split off
    ["abcde", "mnopqwxyz"],  # f, g and h fall silent, the fourth joins the third
    ["abcd", "mnopqwxyz", "rst"],  # somebody new
]


def events(found: CommunitiesOverTime) -> list[tuple]:
    names = [
        "".join(sorted(k[1] for k in found.members(w, t))) for w, t in zip(found.window, found.timeline, strict=True)
    ]
    return list(
        zip(
            found.window.tolist(), names, found.timeline.tolist(), found.began.tolist(), found.origin.tolist(),
            found.ended.tolist(), found.fate.tolist(), strict=True,
        )
    )  # fmt: skip


def test_a_story_by_hand() -> None:
    found = communities_over_time(told(STORY), [0, 10, 20, 30, 40])
    assert events(found) == [
        (0, "abcdefgh", 0, "first", -1, "continuation", 0),
        (0, "mnop", 1, "first", -1, "continuation", 1),
        (0, "wxyz", 2, "first", -1, "continuation", 2),
        (1, "abcde", 0, "continuation", 0, "continuation", 0),
        (1, "mnopq", 1, "continuation", 1, "continuation", 1),
        (1, "wxyz", 2, "continuation", 2, "merge", 1),
        (1, "fgh", 3, "split", 0, "death", -1),
        (2, "mnopqwxyz", 1, "continuation", 1, "continuation", 1),
        (2, "abcde", 0, "continuation", 0, "continuation", 0),
        (3, "mnopqwxyz", 1, "continuation", 1, "last", -1),
        (3, "abcd", 0, "continuation", 0, "last", -1),
        (3, "rst", 4, "birth", -1, "last", -1),
    ]
    assert found.overlap[3:7].tolist() == pytest.approx([5 / 8, 4 / 5, 1.0, np.nan], nan_ok=True)
    assert repr(found).startswith(
        "5 timelines of communities in 4 windows, 1970-01-01 00:00:00Z to 1970-01-01 00:00:40Z: "
        "1 births, 1 splits, 7 continuations, 1 merges, 1 deaths"
    )
    assert len(found.plot().lines) == 5 + 2
    assert found.to_polars().height == 12


def test_thresholds_decide() -> None:
    strict = communities_over_time(told(STORY), [0, 10, 20], min_overlap=0.7)
    assert strict.began[-4:].tolist() == ["split", "continuation", "continuation", "split"]
    assert strict.ended[:3].tolist() == ["merge", "continuation", "continuation"]
    assert communities_over_time(told(STORY), [0, 10, 20], min_size=4).timeline.max() == 2


def groups_of(node: np.ndarray, label: np.ndarray) -> list[set[int]]:
    return [set(node[label == c].tolist()) for c in range(label.max() + 1)] if len(label) else []


SIDE = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 3)), max_size=14, unique_by=lambda x: x[0])


@given(SIDE, SIDE, st.sampled_from([0.05, 0.3, 0.6]), st.sampled_from([0.3, 0.5, 1.0]))
def test_links_by_brute_force(early, late, min_overlap, min_share) -> None:  # type: ignore[no-untyped-def]
    """The best one-to-one matching of all, tried one by one."""
    arrays = []
    for side in (early, late):
        node = np.array([n for n, _ in side], dtype=np.int64)
        label = np.unique(np.array([c for _, c in side], dtype=np.int64), return_inverse=True)[1].astype(np.int64)
        arrays += [node, label]
    links = link_communities(*arrays, min_overlap, min_share)  # type: ignore[call-arg]
    before, after = groups_of(*arrays[:2]), groups_of(*arrays[2:])
    jaccard = np.array([[len(a & b) / len(a | b) for b in after] for a in before]).reshape(len(before), len(after))
    gain = np.where(jaccard >= min_overlap, jaccard, 0.0)
    if len(before) > len(after):
        totals = [sum(gain[a, b] for b, a in enumerate(p)) for p in permutations(range(len(before)), len(after))]
    else:
        totals = [sum(gain[a, b] for a, b in enumerate(p)) for p in permutations(range(len(after)), len(before))]
    matched = [(a, b) for b, a in enumerate(links.continues.tolist()) if a >= 0]
    assert sum(gain[a, b] for a, b in matched) == pytest.approx(max(totals, default=0))
    assert all(jaccard[a, b] >= min_overlap and links.overlap[b] == pytest.approx(jaccard[a, b]) for a, b in matched)
    assert sorted((a, b) for a, b in enumerate(links.continued_by.tolist()) if b >= 0) == sorted(matched)
    assert len({a for a, _ in matched}) == len(matched)
    for mine, others, found in ((after, before, links.split_from), (before, after, links.merged_into)):
        for c, group in enumerate(mine):
            shares = [len(group & other) / len(group) for other in others]
            if max(shares, default=0) > 0 and max(shares) >= min_share:
                assert found[c] == int(np.argmax(shares))
            else:
                assert found[c] == -1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 3))
def test_every_window_is_clustered_from_its_own_edges(seed: int, min_size: int) -> None:
    graph = random_world(seed, edges=60).graph()
    times = [0, 40, 70, 110]
    found = communities_over_time(graph, times, min_size=min_size, rng=seed)
    rng = np.random.default_rng(seed)
    for number, part in enumerate(found.windows):
        alone = communities(graph.window(times[number], times[number + 1]), rng=rng)
        assert (alone.label == part.label).all()
        rows = found.window == number
        assert found.community[rows].tolist() == np.flatnonzero(part.size >= min_size).tolist()
        assert len(set(found.timeline[rows].tolist())) == rows.sum()


def test_erasing_the_future_changes_nothing() -> None:
    for seed in range(8):
        w = random_world(seed, edges=60)
        for t in (50, 80):
            times = [0, 20, 40, t]
            early, erased = (communities_over_time(g, times, rng=seed) for g in (w.graph(), w.erased(t).graph()))
            assert repr(early) == repr(erased)
            assert repr(early.to_arrow().to_pylist()) == repr(erased.to_arrow().to_pylist())
            longer = communities_over_time(w.graph(), [*times, 130], rng=seed)
            known = longer.window < 3
            for name in ("timeline", "size", "began", "origin"):
                assert getattr(longer, name)[known].tolist() == getattr(early, name).tolist()


def test_nothing_to_follow() -> None:
    found = communities_over_time(told(STORY), [100, 110, 120])
    assert len(found) == 0
    assert found.plot() is not None
    assert found.to_polars().height == 0


def test_wrong_questions_are_answered_in_words() -> None:
    graph = told(STORY)
    with pytest.raises(TimeWindowError, match="expected a list of at least two times"):
        communities_over_time(graph, [5])
    with pytest.raises(TimeWindowError, match="expected a list of at least two times"):
        communities_over_time(graph, "1970")
    with pytest.raises(
        TimeWindowError, match=r"got 1970-01-01 00:00:05Z after 1970-01-01 00:00:10Z, expected ascending"
    ):
        communities_over_time(graph, [0, 10, 5])
    with pytest.raises(TimeWindowError, match="lies after this view's own end"):
        communities_over_time(graph.as_of(20), [0, 10, 30])
    for name, value in (("min_size", 1), ("min_overlap", 0), ("min_share", 1.5), ("min_overlap", float("nan"))):
        with pytest.raises(SchemaError, match=f"got {name}="):
            communities_over_time(graph, [0, 10], **{name: value})
    with pytest.raises(SchemaError, match="timeline 9 has no community in window 0"):
        communities_over_time(graph, [0, 10]).members(0, 9)

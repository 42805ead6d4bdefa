"""Earliest arrivals and time-respecting paths against everything that can be reached, edge by edge."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, TimeWindowError, UnknownNodeError
from graphsocial.graph import SocialGraph
from graphsocial.graph.adjacency import WALKS
from graphsocial.graph.paths.earliest_arrival import earliest_arrival
from graphsocial.graph.paths.time_respecting_path import time_respecting_path
from graphsocial.schema import Schema
from tests.graph.worlds import AUTHOR, FOLLOW, REPOST, SHARE, random_world

MENTION = ("user", "mention", "user")
Key = tuple[str, str]


def mentions(*rows: tuple[str, str, int]) -> SocialGraph:
    edges = pa.table({"src": [r[0] for r in rows], "dst": [r[1] for r in rows], "time": [r[2] for r in rows]})
    return SocialGraph.build(Schema({"user": {}}, {MENTION: {}}), {}, {MENTION: edges})


def stepped(view: SocialGraph, edge_types: Any, walk: str) -> list[tuple[Key, Key, int, Any, int]]:
    """Every step: from, to, time, edge type and position of the edge."""
    steps = []
    for e in view.edge_types if edge_types is None else edge_types:
        edges, src, dst = view.edges(e), view.node_ids(e[0]), view.node_ids(e[2])
        for i in np.flatnonzero(edges.recorded).tolist():
            a, b, t = (e[0], src[edges.src[i]]), (e[2], dst[edges.dst[i]]), int(edges.time[i])
            if walk in ("out", "both") or (walk == "flow" and view.schema.flow_of(e) == "forward"):
                steps.append((a, b, t, e, i))
            if walk in ("in", "both") or (walk == "flow" and view.schema.flow_of(e) == "backward"):
                steps.append((b, a, t, e, i))
    return steps


def arrivals(steps: list[Any], source: Key, start: int, strict: bool, delay: int) -> dict[Key, int]:
    """First arrivals among every (node, arrival) that any sequence of steps leads to."""
    seen, fresh = {(source, start)}, [(source, start)]
    while fresh:
        node, since = fresh.pop()
        for a, b, t, _, _ in steps:
            first = (node, since) == (source, start)
            if a == node and (t > since or (t == since and (first or not strict))) and (b, t + delay) not in seen:
                seen.add((b, t + delay))
                fresh.append((b, t + delay))
    found: dict[Key, int] = {}
    for node, since in seen:
        found[node] = min(since, found.get(node, since))
    return {**found, source: start}


def check(view: SocialGraph, source: Key, start: int, edge_types: Any, walk: Any, strict: bool, delay: int) -> dict:
    """The answer, checked against everything there is; as plain values."""
    steps = stepped(view, edge_types, walk)
    expected = arrivals(steps, source, start, strict, delay)
    found = earliest_arrival(view, source, start, edge_types, walk, strict, delay)
    keys = list(zip(found.node_type.tolist(), found.ids.tolist(), strict=True))
    assert dict(zip(keys, found.arrival.tolist(), strict=True)) == expected and len(keys) == len(expected)
    assert keys[0] == source and found.via[0] == -1 and found.hops[0] == 0
    assert (np.diff(found.arrival[1:]) >= 0).all()
    taken = {(a, b, t) for a, b, t, _, _ in steps}
    for i in range(1, len(keys)):
        via = int(found.via[i])
        assert 0 <= via < i and found.hops[i] == found.hops[via] + 1
        assert (keys[via], keys[i], found.arrival[i] - delay) in taken
    chosen = view.edge_types if edge_types is None else edge_types
    assert found.unrecorded == sum(int((~view.edges(e).recorded).sum()) for e in chosen)
    paths = {}
    for target in {*keys, *((t, i) for t in {e[k] for e in chosen for k in (0, 2)} for i in view.node_ids(t))}:
        path = time_respecting_path(view, source, target, start, edge_types, walk, strict, delay)
        paths[target] = (path.nodes, path.time.tolist(), path.relations, path.edge.tolist(), path.arrival)
        assert path.arrival == expected.get(target)
        if path.nodes:
            since = start
            assert path.nodes[0] == source and path.nodes[-1] == target and path.length == len(path.time)
            for k, (t, e, i) in enumerate(zip(path.time.tolist(), path.relations, path.edge.tolist(), strict=True)):
                assert (path.nodes[k], path.nodes[k + 1], t, e, i) in steps
                assert t > since or (t == since and (k == 0 or not strict))
                since = t + delay
        else:
            assert target not in expected and path.length is None and len(path.to_arrow()) == 0
    return {"arrival": found.arrival.tolist(), "keys": keys, "hops": found.hops.tolist(), "paths": paths}


def test_by_hand() -> None:
    graph = mentions(
        ("a", "b", 10), ("b", "c", 10), ("b", "d", 9), ("b", "d", 20), ("c", "e", 15), ("d", "d", 21), ("a", "b", 12)
    )
    strict = earliest_arrival(graph, ("user", "a"), 10)
    assert dict(zip(strict.ids, strict.arrival.tolist(), strict=True)) == {"a": 10, "b": 10, "d": 20}
    loose = earliest_arrival(graph, ("user", "a"), 10, strict=False)
    assert dict(zip(loose.ids, loose.arrival.tolist(), strict=True)) == {"a": 10, "b": 10, "c": 10, "e": 15, "d": 20}
    assert loose.hops.tolist() == [0, 1, 2, 3, 2] and loose.ids[loose.via[3]] == "c"
    late = earliest_arrival(graph, ("user", "a"), 10, strict=False, delay=5)
    assert dict(zip(late.ids, late.arrival.tolist(), strict=True)) == {"a": 10, "b": 15, "d": 25}
    assert earliest_arrival(graph, ("user", "a"), 11, strict=True, delay=7).arrival.tolist() == [11, 19, 27]
    assert earliest_arrival(graph, ("user", "a"), 12, strict=True, delay=8).arrival.tolist() == [12, 20]
    assert len(earliest_arrival(graph, ("user", "a"), 13)) == 1
    path = time_respecting_path(graph, ("user", "a"), ("user", "e"), strict=False)
    assert path.start == 9 and path.nodes == tuple(("user", x) for x in "abce") and path.time.tolist() == [10, 10, 15]
    assert time_respecting_path(graph, ("user", "a"), ("user", "a")).arrival == 9
    assert repr(time_respecting_path(graph, ("user", "e"), ("user", "a"))) == (
        "no time-respecting path from user e, 1970-01-01 00:00:09Z, to user a"
    )


@pytest.mark.parametrize("walk", WALKS)
@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 120), st.integers(0, 90), st.booleans(), st.sampled_from([0, 1, 20]))
def test_against_every_sequence_of_steps(walk: str, seed: int, end: int, before: int, strict: bool, delay: int) -> None:
    view = random_world(seed).graph().window(end - before, end)
    for edge_types in ([REPOST], [AUTHOR, SHARE], [FOLLOW], None):
        ids = view.node_ids("user")
        if len(ids):
            source = ("user", ids[seed % len(ids)])
            check(view, source, min(end - before + seed % 9, end), edge_types, walk, strict, delay)


@pytest.mark.parametrize("times", [1, 40, 100_000])
@pytest.mark.parametrize(("strict", "delay"), [(True, 0), (False, 0), (False, 3), (True, 3)])
def test_many_reached_nodes_are_swept(times: int, strict: bool, delay: int) -> None:
    rng = np.random.default_rng(times)
    for nodes, count, begin, end in ((60, 3000, 0, times), (300, 1200, times // 5, times * 4 // 5 + 1)):
        ends = rng.integers(0, nodes, (count, 2))
        rows = [(f"{a:03d}", f"{b:03d}", int(t)) for (a, b), t in zip(ends, rng.integers(0, times, count), strict=True)]
        view = mentions(*rows).window(begin, end)
        for source in view.node_ids("user")[:3]:
            steps = [((a), (b), t) for a, b, t in rows if begin <= t < end]
            found = earliest_arrival(view, ("user", source), begin, strict=strict, delay=delay)
            free, changed = {source: begin}, True  # from when on each node passes on
            while changed:
                changed = False
                for a, b, t in steps:
                    since = t + delay + strict
                    if a in free and free[a] <= t and free.get(b, since + 1) > since:
                        free[b], changed = since, True
            expected = {node: since - strict for node, since in free.items()} | {source: begin}
            assert dict(zip(found.ids.tolist(), found.arrival.tolist(), strict=True)) == expected
            assert (found.via[1:] < np.arange(1, len(found))).all() and (np.diff(found.arrival[1:]) >= 0).all()
            last = found.ids[-1]
            path = time_respecting_path(view, ("user", source), ("user", last), begin, strict=strict, delay=delay)
            assert path.arrival == expected[last]


def test_a_moment_of_a_long_chain_told_backwards() -> None:
    count = 2000
    rows = [(f"{i:04d}", f"{i + 1:04d}", 7) for i in reversed(range(count))]
    graph = mentions(*rows, *(("0000", f"x{i:03d}", 6) for i in range(900)))  # enough to be swept
    found = earliest_arrival(graph, ("user", "0000"), strict=False)
    assert len(found) == count + 901 and int(found.hops.max()) == count
    assert len(earliest_arrival(graph, ("user", "0000"), strict=True)) == 902


@pytest.mark.parametrize("t", [0, 19, 45, 81])
def test_what_comes_later_changes_nothing(t: int) -> None:
    for seed in range(4):
        world = random_world(seed)
        here, there = world.graph().as_of(t), world.erased(t).graph(np.random.default_rng(seed)).as_of(t)
        for source in here.node_ids("user")[:3]:
            for edge_types, walk, strict in ((None, "both", True), ([REPOST], "flow", False), ([FOLLOW], "out", True)):
                arguments = (("user", source), min(9, t), edge_types, walk, strict, 0)
                assert check(here, *arguments) == check(there, *arguments)


def test_edges_of_unknown_time_carry_nothing() -> None:
    schema = Schema({"user": {}}, {MENTION: {}}, crawled_at={MENTION: 50})
    edges = pa.table({"src": ["a", "b", "b"], "dst": ["b", "c", "d"], "time": pa.array([60, None, 70], pa.int64())})
    graph = SocialGraph.build(schema, {}, {MENTION: edges})
    found = earliest_arrival(graph, ("user", "a"), 0)
    assert found.ids.tolist() == ["a", "b", "d"] and found.unrecorded == 1
    assert repr(found).startswith(
        "earliest arrival from user a, 1970-01-01 00:00:00Z: 2 nodes reached; 1 edges of unknown time left out"
    )
    none = time_respecting_path(graph, ("user", "a"), ("user", "c"))
    assert none.arrival is None and none.unrecorded == 1 and "1 edges of unknown time left out" in repr(none)
    assert earliest_arrival(graph.as_of(55), ("user", "b")).unrecorded == 1


def test_it_leaves_as_a_table_and_a_plot() -> None:
    matplotlib.use("Agg")
    found = earliest_arrival(mentions(("a", "b", 10), ("b", "c", 20)), ("user", "a"))
    assert found.to_polars().columns == ["node_type", "id", "arrival", "hops"]
    line = found.plot().lines[0]
    assert line.get_ydata().tolist() == [1, 2, 3]
    assert line.get_xdata().tolist() == np.array([10, 10, 20], "datetime64[s]").tolist()


def test_bad_input_is_named() -> None:
    graph = mentions(("ann", "bob", 10), ("bob", "cy", 20))
    ann = ("user", "ann")
    with pytest.raises(UnknownNodeError, match=r"no user 'an'.*near ones: 'ann'"):
        earliest_arrival(graph, ("user", "an"))
    with pytest.raises(SchemaError, match="unknown walk 'flw'"):
        earliest_arrival(graph, ann, walk="flw")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="unknown edge type"):
        time_respecting_path(graph, ann, ann, edge_types=[("user", "mentin", "user")])
    for delay in (-1, 0.5, True, float("nan"), 2**41, "1"):
        with pytest.raises(SchemaError, match="expected a whole number of seconds from 0 to"):
            earliest_arrival(graph, ann, delay=delay)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="got strict=None, expected True or False"):
        earliest_arrival(graph, ann, strict=None)  # type: ignore[arg-type]
    view = graph.window(5, 15)
    with pytest.raises(TimeWindowError, match="lies before the view's own"):
        earliest_arrival(view, ann, 4)
    with pytest.raises(TimeWindowError, match="lies after the view's end"):
        time_respecting_path(view, ann, ann, 16)
    with pytest.raises(TimeWindowError, match="cannot read nan as a time"):
        earliest_arrival(graph, ann, float("nan"))
    assert len(earliest_arrival(view, ann, 15)) == 1 and len(earliest_arrival(graph.window(12, 12), ann)) == 1
    world = random_world(3).graph()
    with pytest.raises(SchemaError, match="no post stands in the relations user repost user"):
        earliest_arrival(world, ("post", world.node_ids("post")[0]), edge_types=[REPOST])
    assert earliest_arrival(graph, ann, edge_types=MENTION).ids.tolist() == ["ann", "bob", "cy"]  # type: ignore[arg-type]

"""Shortest paths against networkx, and against every path there is."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph import SocialGraph, adjacency
from graphsocial.graph.adjacency import WALKS
from graphsocial.graph.paths.reversed_adjacency import reversed_adjacency
from graphsocial.graph.paths.shortest_path import all_shortest_paths, shortest_path, shortest_path_lengths
from graphsocial.schema import Schema
from tests.graph.worlds import AUTHOR, REPOST, SHARE, random_world

FOLLOW = ("user", "follow", "user")
MIXED = [AUTHOR, SHARE]  # their flows disagree: an author's post flows on, a repost's flows back


def follows(*pairs: tuple[str, str]) -> SocialGraph:
    """Users who follow each other, first known in the order of their names."""
    names = sorted({name for pair in pairs for name in pair})
    users = pa.table({"id": names, "known_at": list(range(len(names)))})
    edges = pa.table({"src": [a for a, _ in pairs], "dst": [b for _, b in pairs], "time": [100] * len(pairs)})
    return SocialGraph.build(Schema({"user": {}}, {FOLLOW: {}}), {"user": users}, {FOLLOW: edges})


def users(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple(("user", name) for name in names)


def networkx_of(view: SocialGraph, edge_types, walk: str) -> nx.DiGraph:  # type: ignore[no-untyped-def]
    """The steps a walk may take, every node of the touched types among them."""
    g = nx.DiGraph()
    for e in edge_types:
        for t in (e[0], e[2]):
            g.add_nodes_from((t, i) for i in view.node_ids(t))
        edges, src, dst = view.edges(e), view.node_ids(e[0]), view.node_ids(e[2])
        for u, v in zip(edges.src, edges.dst, strict=True):
            a, b = (e[0], src[u]), (e[2], dst[v])
            if walk in ("out", "both") or (walk == "flow" and view.schema.flow_of(e) == "forward"):
                g.add_edge(a, b)
            if walk in ("in", "both") or (walk == "flow" and view.schema.flow_of(e) == "backward"):
                g.add_edge(b, a)
    return g


def canonical(view: SocialGraph, key: tuple[str, str]) -> tuple[str, int]:
    return key[0], view.index_of(key)


def everything(view: SocialGraph, edge_types, walk: str) -> dict:  # type: ignore[no-untyped-def]
    """Paths, counts and lengths between all pairs of nodes."""
    keys = adjacency(view, edge_types, walk).keys(np.arange(len(adjacency(view, edge_types, walk))))  # type: ignore[arg-type]
    pairs = [(a, b) for a in keys for b in keys]
    lengths = shortest_path_lengths(view, [a for a, _ in pairs], [b for _, b in pairs], edge_types, walk)  # type: ignore[arg-type]
    found = {}
    for (a, b), length in zip(pairs, lengths.tolist(), strict=True):
        paths = all_shortest_paths(view, a, b, edge_types, walk)  # type: ignore[arg-type]
        one = shortest_path(view, a, b, edge_types, walk)  # type: ignore[arg-type]
        found[a, b] = (length, paths.length, paths.count, paths.paths, one.nodes, one.length)
    return found


def test_by_hand() -> None:
    graph = follows(("a", "c"), ("a", "b"), ("b", "d"), ("c", "d"), ("d", "e"), ("x", "x"), ("a", "b"))
    assert shortest_path(graph, *users("a", "e")).nodes == users("a", "b", "d", "e")
    both = all_shortest_paths(graph, *users("a", "e"))
    assert both.count == 2 and both.length == 3
    assert both.paths == (users("a", "b", "d", "e"), users("a", "c", "d", "e"))
    first = all_shortest_paths(graph, *users("a", "e"), limit=1)
    assert first.count == 2 and first.paths == both.paths[:1]
    assert repr(first).startswith("2 shortest paths from user a to user e: 3 steps each, the first 1 of them")
    assert shortest_path(graph, *users("e", "a"), walk="out").length is None
    assert shortest_path(graph, *users("e", "a"), walk="flow").length == 3
    assert shortest_path(graph, *users("x", "x")).length == 0
    alone = shortest_path(graph, *users("x", "a"))
    assert alone.length is None and alone.nodes == () and repr(alone) == "no path from user x to user a"
    assert all_shortest_paths(graph, *users("x", "a")).count == 0 and len(alone.to_arrow()) == 0
    assert both.to_polars()["node"].to_list() == ["a", "b", "d", "e", "a", "c", "d", "e"]


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("edge_types", [[REPOST], MIXED, None])
def test_all_pairs_against_networkx(walk: str, edge_types) -> None:  # type: ignore[no-untyped-def]
    for seed in range(4):
        view = random_world(seed).graph().window(10, 80)
        chosen = view.edge_types if edge_types is None else edge_types
        reference = networkx_of(view, chosen, walk)
        lengths = dict(nx.all_pairs_shortest_path_length(reference))
        for (a, b), (length, same, count, paths, one, steps) in everything(view, edge_types, walk).items():
            assert length == lengths[a].get(b, -1)
            if length < 0:
                assert same is None and steps is None and count == 0 and paths == () and one == ()
                continue
            expected = sorted(
                (tuple(p) for p in nx.all_shortest_paths(reference, a, b)),
                key=lambda path: [canonical(view, key) for key in path],
            )
            assert same == steps == length and count == len(expected)
            assert paths == tuple(expected) and one == expected[0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=70), st.sampled_from(WALKS))
def test_the_other_walk_turns_paths_round(pairs: list[tuple[int, int]], walk: str) -> None:
    graph = follows(*((f"{a:02d}", f"{b:02d}") for a, b in pairs))
    other = {"out": "in", "in": "out", "both": "both", "flow": "out"}[walk]
    keys = [("user", name) for name in graph.node_ids("user")]
    a, b = [k for k in keys for _ in keys], [k for _ in keys for k in keys]
    ahead = shortest_path_lengths(graph, a, b, walk=walk)  # type: ignore[arg-type]
    assert (ahead == shortest_path_lengths(graph, b, a, walk=other)).all()  # type: ignore[arg-type]
    table = ahead.reshape(len(keys), len(keys))
    for via in range(len(keys)):  # no detour is shorter
        reached = (table[:, via, None] >= 0) & (table[None, via, :] >= 0)
        assert (table[reached] >= 0).all()
        assert (table <= table[:, via, None] + table[None, via, :])[reached].all()
    there = all_shortest_paths(graph, keys[0], keys[-1], walk=walk)  # type: ignore[arg-type]
    back = all_shortest_paths(graph, keys[-1], keys[0], walk=other)  # type: ignore[arg-type]
    assert there.count == back.count
    assert sorted(path[::-1] for path in there.paths) == sorted(back.paths)


@pytest.mark.parametrize("t", [0, 19, 45, 81])
def test_what_comes_later_changes_nothing(t: int) -> None:
    for seed in range(5):
        world = random_world(seed)
        for edge_types, walk in ((None, "both"), (MIXED, "flow"), ([REPOST], "out")):
            here = everything(world.graph().as_of(t), edge_types, walk)
            assert here == everything(world.erased(t).graph().as_of(t), edge_types, walk)


def test_threads_and_many_pairs_change_nothing() -> None:
    rng = np.random.default_rng(0)
    graph = follows(*((f"{a:03d}", f"{b:03d}") for a, b in rng.integers(0, 300, (450, 2))))
    keys = [("user", name) for name in graph.node_ids("user")]
    a, b = [k for k in keys for _ in keys[:90]], [k for _ in keys for k in keys[:90]]  # marks are cleared on the way
    one = shortest_path_lengths(graph, a, b, walk="out", threads=1)
    assert (one == shortest_path_lengths(graph, a, b, walk="out", threads=3)).all()
    lengths = dict(nx.all_pairs_shortest_path_length(networkx_of(graph, [FOLLOW], "out")))
    assert one.tolist() == [lengths[x].get(y, -1) for x, y in zip(a, b, strict=True)]


def test_more_paths_than_a_float_counts() -> None:
    pairs = []
    for k in range(40):  # forty times three ways in a row
        pairs += [(f"{k:02d}", f"{k:02d}{way}") for way in "lmr"] + [(f"{k:02d}{way}", f"{k + 1:02d}") for way in "lmr"]
    graph = follows(*pairs)
    found = all_shortest_paths(graph, *users("00", "40"), limit=4)
    assert found.count == 3**40 and len(found.paths) == 4 and found.length == 80
    assert shortest_path(graph, *users("00", "40")).nodes == found.paths[0]
    assert found.paths[3] == found.paths[0][:-4] + users("38m", "39", "39l", "40")
    with pytest.raises(SchemaError, match="12,157,665,459,056,928,801 shortest paths are too many to list"):
        all_shortest_paths(graph, *users("00", "40"), limit=None)


@pytest.mark.parametrize("walk", WALKS)
def test_reversed_rows_hold_the_same_entries(walk: str) -> None:
    for simple in (False, True):
        near = adjacency(random_world(2).graph(), None, walk, simple)  # type: ignore[arg-type]
        back = reversed_adjacency(near)
        ahead, turned = (
            sorted(
                (*((i, j) if rows is near else (j, i)), 1 if rows.count is None else int(rows.count[entry]))
                for i in range(len(rows))
                for entry in range(rows.first[i], rows.last[i])
                for j in [int(rows.neighbour[entry])]
            )
            for rows in (near, back)
        )
        assert ahead == turned
        assert reversed_adjacency(near) is back


def test_bad_input_is_named() -> None:
    graph = follows(("ann", "bob"), ("bob", "cy"))
    with pytest.raises(UnknownNodeError, match=r"no user 'an'.*near ones: 'ann'"):
        shortest_path(graph, *users("an", "bob"))
    with pytest.raises(SchemaError, match=r"unknown walk 'bth'.*Did you mean 'both'"):
        shortest_path(graph, *users("ann", "bob"), walk="bth")  # type: ignore[arg-type]
    for limit in (0, -1, True, 1.5, "3"):
        with pytest.raises(SchemaError, match="expected a whole number of at least 1, or None"):
            all_shortest_paths(graph, *users("ann", "bob"), limit=limit)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="got 1 sources and 2 targets, expected pairs"):
        shortest_path_lengths(graph, users("ann"), users("ann", "cy"))
    with pytest.raises(SchemaError, match=r"sources got 'user', expected nodes named by \(node type, id\)"):
        shortest_path_lengths(graph, ("user", "ann"), users("cy"))
    with pytest.raises(SchemaError, match=r"unknown node type 'usr'.*Did you mean 'user'"):
        shortest_path_lengths(graph, [("usr", "ann")], users("cy"))
    with pytest.raises(UnknownNodeError, match="no user 'cyx'"):
        shortest_path_lengths(graph, users("ann", "bob"), users("cy", "cyx"))
    world = random_world(3).graph()
    with pytest.raises(SchemaError, match="no post stands in the relations user repost user"):
        shortest_path_lengths(world, [("post", world.node_ids("post")[0])], [("user", "u1")], [REPOST])
    assert len(shortest_path_lengths(graph, [], [])) == 0
    with pytest.raises(UnknownNodeError):
        shortest_path(graph.as_of(-5), *users("ann", "bob"))

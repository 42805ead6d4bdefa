"""Communities and modularity against networkx, planted groups, and graphs small enough to try every partition."""

from __future__ import annotations

import sys

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import MissingExtraError, SchemaError, UnknownNodeError
from graphsocial.graph import SocialGraph, adjacency
from graphsocial.graph.groups.communities import Communities, communities
from graphsocial.graph.groups.leiden import by_size, leiden
from graphsocial.graph.groups.modularity import modularity
from graphsocial.schema import Schema
from tests.graph.worlds import AUTHOR, FOLLOW, REPOST, SHARE, random_world

nk = pytest.importorskip("networkit")

ONE_KIND = Schema({"user": {}}, {FOLLOW: {}})


def following(pairs: list[tuple[int, int]], nodes: int | None = None) -> SocialGraph:
    """A graph of users that follow each other, one after the other."""
    src, dst = [f"u{a:05}" for a, _ in pairs], [f"u{b:05}" for _, b in pairs]
    ids = [f"u{i:05}" for i in range(max([0, *(n + 1 for pair in pairs for n in pair)]) if nodes is None else nodes)]
    users = pa.table({"id": pa.array(ids, pa.string()), "known_at": pa.array([0] * len(ids), pa.int64())})
    edges = {"src": pa.array(src, pa.string()), "dst": pa.array(dst, pa.string()), "time": range(1, len(pairs) + 1)}
    edges["time"] = pa.array(edges["time"], pa.int64())
    return SocialGraph.build(ONE_KIND, {"user": users}, {FOLLOW: pa.table(edges)})


def networkx_of(view: SocialGraph, relations, weighted: bool) -> nx.Graph:  # type: ignore[no-untyped-def]
    """Keys and edges read one by one; loops left out, parallel edges added up."""
    graph = nx.Graph()
    for e in relations:
        src, dst, edges = view.node_ids(e[0]), view.node_ids(e[2]), view.edges(e)
        graph.add_nodes_from((e[0], i) for i in src)
        graph.add_nodes_from((e[2], i) for i in dst)
        for u, v in zip(edges.src, edges.dst, strict=True):
            a, b = (e[0], src[u]), (e[2], dst[v])
            if a != b:
                before = graph.get_edge_data(a, b, {"weight": 0})["weight"] if weighted else 0
                graph.add_edge(a, b, weight=before + 1)
    return graph


def groups(found: Communities) -> list[set]:
    return [set(found.members(c)) for c in range(len(found.size))]


RELATIONS = st.sampled_from([[REPOST], [REPOST, FOLLOW], [AUTHOR, SHARE], [AUTHOR, REPOST, SHARE, FOLLOW]])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 130), RELATIONS, st.booleans(), st.sampled_from([0.3, 1.0, 2.0]))
def test_modularity_is_that_of_networkx(seed, end, relations, weighted, resolution) -> None:  # type: ignore[no-untyped-def]
    view = random_world(seed).graph().window(end - 60, end)
    found = communities(view, relations, resolution, weighted, rng=seed)
    graph = networkx_of(view, relations, weighted)
    parts = groups(found)
    assert set(graph) == set().union(*parts)
    assert sum(map(len, parts)) == len(graph)
    rng = np.random.default_rng(seed)
    any_label = rng.integers(0, 3, len(found.label))
    keys = found.near.keys(np.arange(len(found.label)))
    any_parts = [{k for k, c in zip(keys, any_label, strict=True) if c == n} for n in range(3)]
    if not graph.number_of_edges():
        assert np.isnan(found.modularity)
        assert found.size.tolist() == [1] * len(graph)
        return
    expected = nx.community.modularity(graph, parts, resolution=resolution)
    assert found.modularity == pytest.approx(expected)
    anyhow = nx.community.modularity(graph, any_parts, resolution=resolution)
    assert modularity(view, any_label, relations, resolution, weighted) == pytest.approx(anyhow)
    assert (
        found.modularity
        >= max(anyhow, nx.community.modularity(graph, [{n} for n in graph], resolution=resolution)) - 1e-9
    )
    for part in parts:
        assert nx.is_connected(graph.subgraph(part))
    first = [int(np.flatnonzero(found.label == c)[0]) for c in range(len(parts))]
    order = list(zip(-found.size, first, strict=True))
    assert order == sorted(order)


def test_two_triangles_by_hand() -> None:
    """Seven edges, three inside each of two groups with seven ends each: 2 (3/7 - 1/4) = 5/14."""
    graph = following([(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (2, 3)])
    found = communities(graph)
    assert found.label.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.modularity == pytest.approx(5 / 14)
    assert communities(graph, resolution=0).label.tolist() == [0] * 6
    assert communities(graph, resolution=5).size.tolist() == [1] * 6
    assert modularity(graph, np.zeros(6, dtype=int)) == pytest.approx(0)


def test_weights_decide() -> None:
    """A path of four: many edges in the middle make the middle one community, unless pairs count once."""
    graph = following([(0, 1), *[(1, 2)] * 20, (2, 3)])
    assert communities(graph).of(("user", "u00001")) == communities(graph).of(("user", "u00002"))
    assert communities(graph, weighted=False).label.tolist() == [0, 0, 1, 1]


def test_the_karate_club_is_split_as_well_as_it_can_be() -> None:
    """Its largest modularity is known: .4198 (Brandes et al. 2008)."""
    club = nx.karate_club_graph()
    for seed in range(5):
        found = communities(following(list(club.edges())), rng=seed)
        assert found.modularity == pytest.approx(0.41979, abs=1e-5)
        assert found.size.tolist() == [12, 11, 6, 5]


def test_random_graphs_are_split_as_well_as_others_do() -> None:
    """Modularity of igraph's Leiden, run until nothing improves, on this graph: .553 to .565 over 40 seeds."""
    graph = following(list(nx.gnm_random_graph(2000, 4000, seed=1).edges()), 2000)
    assert all(communities(graph, rng=seed).modularity > 0.55 for seed in range(3))


def test_planted_groups_are_found() -> None:
    rng = np.random.default_rng(0)
    group = rng.permutation(np.repeat(np.arange(8), 50))
    a, b = np.triu_indices(400, 1)
    linked = rng.random(len(a)) < np.where(group[a] == group[b], 0.3, 0.01)
    found = communities(following(list(zip(a[linked].tolist(), b[linked].tolist(), strict=True))))
    assert (found.label == by_size(group)).all()


def test_all_partitions_of_small_graphs() -> None:
    """Leiden need not find the best, but does on nearly all graphs of six nodes."""

    def partitions(n: int):  # type: ignore[no-untyped-def]
        labels = [[0]]
        for _ in range(n - 1):
            labels = [[*x, c] for x in labels for c in range(max(x) + 2)]
        return np.array(labels)

    hit = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        graph = following([tuple(p) for p in rng.integers(0, 6, (9, 2)).tolist()], nodes=6)
        best = max(modularity(graph, label) for label in partitions(6))
        hit += communities(graph, rng=seed).modularity >= best - 1e-9
    assert hit >= 28


def test_one_seed_one_answer_whatever_the_threads() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 1500, (2, 3000))
    keep = a < b
    key = np.unique(a[keep] * 1500 + b[keep])
    a, b = key // 1500, key % 1500
    before = nk.getMaxNumberOfThreads()
    labels = []
    try:
        for threads in (1, 4):
            nk.setNumberOfThreads(threads)
            labels += [leiden(1500, a, b, np.ones(len(a)), rng=7) for _ in range(3)]
            assert nk.getMaxNumberOfThreads() == threads
    finally:
        nk.setNumberOfThreads(before)
    for label in labels:
        assert (label == labels[0]).all()
    assert any((leiden(1500, a, b, np.ones(len(a)), rng=s) != labels[0]).any() for s in range(3))
    one = np.random.default_rng(7)
    assert (leiden(1500, a, b, np.ones(len(a)), rng=one) == labels[0]).all()


@given(st.lists(st.integers(0, 5), max_size=20))
def test_numbering_is_by_size_then_first_node(label: list[int]) -> None:
    found = by_size(np.array(label, dtype=np.int64))
    members = {c: [i for i, x in enumerate(label) if x == c] for c in label}
    expected = sorted(members.values(), key=lambda nodes: (-len(nodes), nodes[0]))
    assert [sorted(np.flatnonzero(found == c).tolist()) for c in range(len(expected))] == expected


def test_erasing_the_future_changes_nothing() -> None:
    for seed in range(12):
        w = random_world(seed, edges=40)
        for t in (30, 61, 90):
            early, erased = (communities(g, rng=seed) for g in (w.graph().as_of(t), w.erased(t).graph().as_of(t)))
            assert repr(early) == repr(erased)
            assert early.to_arrow().equals(erased.to_arrow())


def test_shown_plotted_and_asked_about() -> None:
    found = communities(following([(0, 1), (1, 2), (2, 0), (4, 5), (5, 5)], nodes=7).as_of(100))
    assert repr(found).startswith(
        "2 communities of 7 nodes as of 1970-01-01 00:01:40Z, modularity 0.375, the largest of 3, 2; 2 nodes alone"
    )
    assert found.to_polars()["community"].to_list() == [0, 0, 0, 2, 1, 1, 3]
    assert found.plot().get_ylabel() == "nodes"
    assert communities(following([])).plot() is not None
    with pytest.raises(SchemaError, match="no community 4, expected 0 to 3"):
        found.members(4)
    with pytest.raises(UnknownNodeError):
        found.of(("user", "nobody"))


def test_wrong_questions_are_answered_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = following([(0, 1)])
    for bad in (-1, float("nan"), "x", True):
        with pytest.raises(SchemaError, match="got resolution="):
            communities(graph, resolution=bad)  # type: ignore[arg-type]
    for seed in (-1, "x", None):
        with pytest.raises(SchemaError, match="got rng="):
            communities(graph, rng=seed)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="unknown edge type"):
        communities(graph, [SHARE])
    with pytest.raises(SchemaError, match=r"got labels int64 \(3,\), expected whole numbers \(2,\)"):
        modularity(graph, np.zeros(3, dtype=np.int64))
    monkeypatch.setitem(sys.modules, "networkit", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'graphsocial\[graph\]'"):
        communities(graph)


def test_the_numbering_is_that_of_the_adjacency() -> None:
    view = random_world(2).graph()
    assert communities(view).near is adjacency(view, simple=True)

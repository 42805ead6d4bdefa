from __future__ import annotations

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet, SocialGraph, cascade_tree, read_cascades
from graphsocial.schema import Schema
from tests.graph.worlds import AUTHOR, REPOST, SHARE, random_world


def graph_of(**relations: list[tuple[str, str, int]]) -> SocialGraph:
    types = {"author": AUTHOR, "repost": REPOST, "share": SHARE}
    edges = {
        types[name]: pa.table({c: [row[i] for row in rows] for i, c in enumerate(("src", "dst", "time"))})
        for name, rows in relations.items()
    }
    return SocialGraph.build(Schema({"user": {}, "post": {}}, {e: {} for e in types.values()}), {}, edges)


def shown(cascades: CascadeSet) -> list[tuple[str, list[tuple[str, str | None, int]]]]:
    return [
        (
            cascades.names[i],
            [
                (cascades.node[m], cascades.node[p] if (p := cascades.parent[m]) >= 0 else None, cascades.time[m])
                for m in range(cascades.offsets[i], cascades.offsets[i + 1])
            ],
        )
        for i in range(len(cascades))
    ]


def test_user_trees() -> None:
    graph = graph_of(
        repost=[("bob", "ann", 1), ("cy", "bob", 2), ("cy", "ann", 3), ("dee", "ann", 4), ("y", "x", 5), ("z", "z", 6)]
    )
    assert shown(read_cascades(graph, REPOST)) == [
        ("ann", [("ann", None, 1), ("bob", "ann", 1), ("cy", "bob", 2), ("dee", "ann", 4)]),
        ("x", [("x", None, 5), ("y", "x", 5)]),
    ]


def test_whoever_was_reposted_before_reposting_is_a_root_so_no_parent_is_younger() -> None:
    graph = graph_of(repost=[("bob", "ann", 1), ("ann", "bob", 2), ("ann", "cy", 3)])
    assert shown(read_cascades(graph, REPOST)) == [
        ("ann", [("ann", None, 1), ("bob", "ann", 1)]),
        ("cy", [("cy", None, 3)]),
    ]
    for seed in range(20):
        found = read_cascades(random_world(seed).graph(), REPOST)
        child = found.parent >= 0
        assert (found.time[found.parent[child]] <= found.time[child]).all()
        assert len(set(found.node)) == len(found.node), "nobody is in two trees"
        assert (found.node[found.offsets[:-1]] == found.names).all() and (found.parent[found.offsets[:-1]] == -1).all()


def test_post_stars() -> None:
    graph = graph_of(
        author=[("ann", "p1", 1), ("bob", "p2", 2)],
        share=[("cy", "p1", 5), ("bob", "p1", 3), ("cy", "p1", 4), ("ann", "p1", 6), ("cy", "p3", 2)],
    )
    assert shown(read_cascades(graph, SHARE)) == [
        ("p1", [("ann", None, 1), ("bob", "ann", 3), ("cy", "ann", 4)]),
        ("p2", [("bob", None, 2)]),
        ("p3", [("", None, 2), ("cy", "", 2)]),
    ]
    window = graph.window(3, 5)
    assert shown(read_cascades(window, SHARE)) == [("p1", [("ann", None, 1), ("bob", "ann", 3), ("cy", "ann", 4)])]


def test_a_view_that_ends_has_censored_cascades() -> None:
    graph = graph_of(repost=[("bob", "ann", 1), ("cy", "bob", 9)])
    assert not read_cascades(graph, REPOST).censored.any()
    early = read_cascades(graph.as_of(5), REPOST)
    assert early.censored.all() and early.size.tolist() == [2] and early.depth.tolist() == [1]


def test_size_and_depth_agree_with_the_trees() -> None:
    for seed in range(15):
        for edge_type in (REPOST, SHARE):
            found = read_cascades(random_world(seed).graph(), edge_type)
            for i in range(len(found)):
                tree = cascade_tree(found, i)
                assert tree.number_of_nodes() == found.size[i]
                assert found.size[i] == 1 or nx.is_arborescence(tree)
                root = found.node[found.offsets[i]]
                assert max(nx.shortest_path_length(tree, root).values()) == found.depth[i]


def test_no_cascades_at_all() -> None:
    graph = graph_of()
    for edge_type in (REPOST, SHARE):
        found = read_cascades(graph, edge_type)
        assert len(found) == 0 and found.size.tolist() == found.depth.tolist() == []
        assert repr(found) == "CascadeSet of 0 cascades"


def test_arrays_that_do_not_fit_together() -> None:
    def cascades(**change: object) -> CascadeSet:
        arrays: dict = {"node": ["a", "b"], "parent": [-1, 0], "time": [0, 1], "offsets": [0, 2], "names": ["a"]}
        return CascadeSet(**{**arrays, "censored": [False], **change})

    assert repr(cascades()) == "CascadeSet of 1 cascades, 2 members, largest 2, deepest 1, 0 censored"
    for change, match in (
        ({"time": [0]}, "got lengths"),
        ({"offsets": [0, 1]}, "offsets"),
        ({"parent": [1, -1]}, "earlier member"),
        ({"parent": [-1, -2]}, "earlier member"),
        ({"names": ["a", "b"], "offsets": [0, 1, 2], "censored": [True, True]}, "same cascade"),
    ):
        with pytest.raises(SchemaError, match=match):
            cascades(**change)
    with pytest.raises(SchemaError, match="no cascade 1"):
        cascade_tree(cascades(), 1)
    with pytest.raises(ValueError, match="read-only"):
        cascades().parent[0] = 5
    assert cascades().parent.dtype == np.int64

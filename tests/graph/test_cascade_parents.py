"""Cascade trees inferred from exposure, against edges read one by one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet, SocialGraph, read_cascades
from graphsocial.graph.exposures.cascade_parents import cascade_trees
from tests.graph.test_exposure import graph_of, story
from tests.graph.worlds import AUTHOR, FOLLOW, REPOST, SHARE, random_world

Shown = dict[str, list[tuple[str, str | None, int]]]


def shown(cascades: CascadeSet) -> Shown:
    return {
        cascades.names[i]: [
            (cascades.node[m], cascades.node[p] if (p := cascades.parent[m]) >= 0 else None, int(cascades.time[m]))
            for m in range(cascades.offsets[i], cascades.offsets[i + 1])
        ]
        for i in range(len(cascades))
    }


def told(view: SocialGraph, which: int, unexposed: str, always: bool = False) -> Shown:
    trees: Shown = {}
    for post in view.node_ids("post"):
        s = story(view, post, always)
        fallback = s.author if unexposed == "author" else None
        trees[post] = [(s.author, None, s.since)]
        for t, u in s.adopters:
            trees[post].append((u, s.exposing[u][which][1] if s.exposing[u] else fallback, t))
    return trees


def test_golden() -> None:
    graph = graph_of(
        author=[("ann", "p", 10)],
        share=[("bob", "p", 20), ("cy", "p", 20), ("dee", "p", 30), ("eve", "p", 30), ("old", "p", 5), ("new", "p", 9)],
        follow=[
            ("bob", "ann", 0),
            ("dee", "cy", 0),
            ("dee", "bob", 0),
            ("dee", "ann", 0),
            ("eve", "dee", 0),
            ("new", "old", 0),
        ],
    )
    trees = cascade_trees(graph, SHARE, FOLLOW)
    assert shown(trees) == {
        "p": [
            ("ann", None, 10),
            ("old", "ann", 5),  # before the post: the author comes first all the same
            ("new", "old", 9),
            ("bob", "ann", 20),
            ("cy", "ann", 20),
            ("dee", "cy", 30),  # bob and cy in the same second: the last in canonical order
            ("eve", "ann", 30),  # dee in the same second is no exposure
        ]
    }
    assert cascade_trees(graph, SHARE, FOLLOW, unexposed="root").parent.tolist() == [-1, -1, 1, 0, -1, 4, -1]
    first = shown(cascade_trees(graph, SHARE, FOLLOW, parents="first"))["p"]
    assert first[5] == ("dee", "ann", 30)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(-5, 130), st.booleans(), st.sampled_from(["latest", "first"]),
    st.sampled_from(["author", "root"]),
)  # fmt: skip
def test_every_view_as_read_edge_by_edge(seed: int, end: int, always: bool, parents: str, unexposed: str) -> None:
    view = random_world(seed, users=5, posts=3, edges=30).graph().as_of(end)
    keys = [("post", p) for p in view.node_ids("post")]
    found = cascade_trees(view, SHARE, FOLLOW, keys, parents, unexposed, always)  # type: ignore[arg-type]
    assert shown(found) == told(view, -1 if parents == "latest" else 0, unexposed, always)
    assert found.censored.all()


def test_members_are_those_of_the_stars() -> None:
    for seed in range(15):
        graph = random_world(seed, edges=30).graph()
        for view in (graph, graph.window(20, 80)):
            star, tree = read_cascades(view, SHARE), cascade_trees(view, SHARE, FOLLOW)
            assert tree.names.tolist() == star.names.tolist() and tree.offsets.tolist() == star.offsets.tolist()
            assert tree.node.tolist() == star.node.tolist() and tree.time.tolist() == star.time.tolist()


def test_nobody_follows_anybody() -> None:
    for seed in range(5):
        world = random_world(seed, edges=30)
        world.edges[FOLLOW] = []
        stars = read_cascades(world.graph(), SHARE)
        assert cascade_trees(world.graph(), SHARE, FOLLOW).parent.tolist() == stars.parent.tolist()
        assert (cascade_trees(world.graph(), SHARE, FOLLOW, unexposed="root").parent == -1).all()


def test_known_parents_are_those_that_the_edges_state() -> None:
    graph = random_world(2, edges=30).graph()
    for edge_type in (REPOST, SHARE):
        assert shown(cascade_trees(graph, edge_type, parents="known")) == shown(read_cascades(graph, edge_type))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("t", [0, 40, 61, 90])
def test_the_future_changes_nothing(seed: int, t: int) -> None:
    world = random_world(seed, edges=30)
    seen, erased = (
        cascade_trees(graph.as_of(t), SHARE, FOLLOW, unexposed="root", assume_always=True)
        for graph in (world.graph(), world.erased(t).graph())
    )
    assert list(shown(seen).items()) == list(shown(erased).items())


def test_what_does_not_fit_is_named() -> None:
    graph = random_world(4).graph()
    with pytest.raises(SchemaError, match="got parents='last', expected one of latest, first, known"):
        cascade_trees(graph, SHARE, FOLLOW, parents="last")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match=r"got unexposed='roots'.*Did you mean 'root'"):
        cascade_trees(graph, SHARE, FOLLOW, unexposed="roots")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="needs follow"):
        cascade_trees(graph, SHARE)
    with pytest.raises(SchemaError, match="expected items=None"):
        cascade_trees(graph, SHARE, items=[("post", "p1")], parents="known")
    with pytest.raises(SchemaError, match="expected a relation from user to user"):
        cascade_trees(graph, SHARE, AUTHOR)

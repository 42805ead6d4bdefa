"""Neighbourhoods against steps taken edge by edge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph import SocialGraph, neighbourhood
from tests.graph.worlds import REPOST, random_world


def within(view: SocialGraph, key: tuple[str, str], hops: int) -> set[tuple[str, str]]:
    """Nodes within so many steps, by going through all edges of the view once per step."""
    near = {key}
    for _ in range(hops):
        further = set(near)
        for e in view.edge_types:
            edges, src, dst = view.edges(e), view.node_ids(e[0]), view.node_ids(e[2])
            for u, v in zip(edges.src, edges.dst, strict=True):
                ends = {(e[0], src[u]), (e[2], dst[v])}
                if ends & near:
                    further |= ends
        near = further
    return near


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 130), st.integers(0, 60), st.integers(0, 3), st.integers(0, 30))
def test_it_is_what_steps_along_the_view_reach(seed: int, end: int, before: int, hops: int, which: int) -> None:
    view = random_world(seed).graph().window(end - before, end)
    ids = view.node_ids("user")
    if not len(ids):
        return
    key = ("user", ids[which % len(ids)])
    found = neighbourhood(view, key, hops)
    assert {(t, view.node_ids(t)[i]) for t, places in found.items() for i in places} == within(view, key, hops)
    assert all((np.diff(places) > 0).all() for places in found.values())


@pytest.mark.parametrize("t", [27, 45, 61, 90])
def test_what_comes_later_changes_nothing(t: int) -> None:
    for seed in range(8):
        world = random_world(seed)
        whole, erased = world.graph().as_of(t), world.erased(t).graph().as_of(t)
        for name in erased.node_ids("user"):
            ours, theirs = (neighbourhood(view, ("user", name), 2) for view in (whole, erased))
            assert {k: v.tolist() for k, v in ours.items()} == {k: v.tolist() for k, v in theirs.items()}


def test_wrong_requests_say_what_is_wrong() -> None:
    view = random_world(1).graph()
    name = view.node_ids("user")[0]
    with pytest.raises(SchemaError, match="hops=-1, expected a whole number of at least 0"):
        neighbourhood(view, ("user", name), -1)
    with pytest.raises(UnknownNodeError):
        neighbourhood(view, ("user", "nobody at all"), 1)
    with pytest.raises(SchemaError, match="unknown edge type"):
        neighbourhood(view, ("user", name), 1, [("user", "repots", "user")])
    assert view.index_of(("user", name)) in neighbourhood(view, ("user", name), 1, REPOST)["user"]

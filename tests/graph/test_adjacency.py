"""Adjacencies against the view's edges read one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph import SocialGraph, adjacency
from graphsocial.graph.adjacency import WALKS
from tests.graph.worlds import REPOST, random_world


@pytest.fixture
def small() -> SocialGraph:
    return random_world(3).graph()


def walked(view: SocialGraph, walk: str) -> Counter:
    """Every (row, neighbour) pair of keys, by reading edges one after the other."""
    pairs: Counter = Counter()
    for e in view.edge_types:
        edges, src, dst = view.edges(e), view.node_ids(e[0]), view.node_ids(e[2])
        for u, v in zip(edges.src, edges.dst, strict=True):
            there, back = ((e[0], src[u]), (e[2], dst[v])), ((e[2], dst[v]), (e[0], src[u]))
            forward = walk in ("out", "both") or (walk == "flow" and view.schema.flow_of(e) == "forward")
            backward = walk in ("in", "both") or (walk == "flow" and view.schema.flow_of(e) == "backward")
            pairs.update([there] * forward + [back] * backward)
    return pairs


def rows(found) -> Counter:  # type: ignore[no-untyped-def]
    pairs: Counter = Counter()
    for i in range(len(found)):
        for entry in range(found.first[i], found.last[i]):
            times = 1 if found.count is None else int(found.count[entry])
            pairs[(found.keys([i])[0], found.keys([found.neighbour[entry]])[0])] += times
    return pairs


@pytest.mark.parametrize("walk", WALKS)
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(-5, 130), st.integers(0, 60), st.booleans())
def test_rows_hold_the_edges_of_the_view(walk: str, seed: int, end: int, before: int, simple: bool) -> None:
    view = random_world(seed).graph().window(end - before, end)
    found = adjacency(view, None, walk, simple)  # type: ignore[arg-type]
    expected = walked(view, walk)
    if simple:
        expected = Counter({pair: n for pair, n in expected.items() if pair[0] != pair[1]})
        for i in range(len(found)):
            assert (np.diff(found.neighbour[found.first[i] : found.last[i]]) > 0).all()
    assert rows(found) == expected
    assert len(found) == sum(view.num_nodes(t) for t in found.node_types)


def test_stored_rows_are_not_copied(small: SocialGraph) -> None:
    found = adjacency(small, [REPOST], "out")
    assert np.shares_memory(found.neighbour, small.csr(REPOST, "out").neighbour)
    assert adjacency(small, [REPOST], "out") is found


def test_what_does_not_exist_is_named(small: SocialGraph) -> None:
    with pytest.raises(SchemaError, match="unknown walk 'bot', expected one of out, in, both, flow"):
        adjacency(small, [REPOST], "bot")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="unknown edge type"):
        adjacency(small, [("user", "rpost", "user")])
    with pytest.raises(UnknownNodeError):
        adjacency(small, [REPOST]).number(("user", "nobody"))
    with pytest.raises(SchemaError, match="no post stands in the relations user repost user, expected user"):
        adjacency(small, [REPOST]).number(("post", "p1"))

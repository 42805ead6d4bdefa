"""Degrees against edges counted one by one."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.graph.adjacency import WALKS
from graphsocial.graph.centrality.degree import degree
from tests.graph.walks import REPLY, replies, stepped
from tests.graph.worlds import AUTHOR, REPOST, random_world


def test_by_hand() -> None:
    graph = replies("ab ab bc cc")
    assert degree(graph, [REPLY], "out").top(3) == {("user", "a"): 2, ("user", "b"): 1, ("user", "c"): 1}
    assert degree(graph, [REPLY], "in").top(3) == {("user", "b"): 2, ("user", "c"): 2, ("user", "a"): 0}
    assert degree(graph, [REPLY]).top(3) == {("user", "b"): 3, ("user", "c"): 3, ("user", "a"): 2}
    assert degree(graph, [REPLY], distinct=True).top(3) == {("user", "b"): 2, ("user", "a"): 1, ("user", "c"): 1}
    assert degree(graph, [REPLY], "flow").top(1) == {("user", "b"): 2}, "a reply shows that the other's post arrived"


@pytest.mark.parametrize("walk", WALKS)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 120), st.integers(0, 60), st.booleans())
def test_against_networkx(walk: str, seed: int, end: int, before: int, one: bool) -> None:
    view = random_world(seed).graph().window(end - before, end)
    edge_types = [REPOST] if one else None
    steps = stepped(view, walk, edge_types)
    assert degree(view, edge_types, walk).top(99) == _sorted(dict(steps.out_degree()))  # type: ignore[arg-type]
    simple = nx.DiGraph(steps)
    simple.remove_edges_from(list(nx.selfloop_edges(simple)))
    found = degree(view, edge_types, walk, distinct=True)  # type: ignore[arg-type]
    assert found.top(99) == _sorted(dict(simple.out_degree()))
    assert sum(found.score) == simple.number_of_edges()


def _sorted(values: dict) -> dict:
    return dict(sorted(values.items(), key=lambda item: -item[1]))


@pytest.mark.parametrize("end", [20, 61, 90])
def test_the_future_changes_nothing(end: int) -> None:
    for seed in range(6):
        world = random_world(seed)
        late, erased = world.graph().as_of(end), world.erased(end).graph().as_of(end)
        for walk in WALKS:
            for distinct in (False, True):
                a, b = degree(late, walk=walk, distinct=distinct), degree(erased, walk=walk, distinct=distinct)
                assert repr(a) == repr(b)
                assert a.to_arrow().equals(b.to_arrow())


def test_bad_requests_say_what_is_wrong() -> None:
    graph = random_world(1).graph()
    with pytest.raises(SchemaError, match="unknown walk 'inn', expected one of out, in, both, flow"):
        degree(graph, walk="inn")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match=r"unknown edge type .* Did you mean 'user author post'"):
        degree(graph, [("user", "autor", "post")])
    assert len(degree(graph.as_of(-1000), [AUTHOR])) == 0

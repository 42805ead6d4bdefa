"""Connected components against NetworkX."""

from __future__ import annotations

import matplotlib
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph.adjacency import WALKS
from graphsocial.graph.structure.components import by_size, components
from graphsocial.graph.structure.components_kernel import strong_labels, weak_labels
from tests.graph.walks import REPLY, replies, stepped
from tests.graph.worlds import REPOST, random_world

matplotlib.use("Agg")


def test_by_hand() -> None:
    graph = replies("ab bc ca cd ef fe gg")
    weak, strong = components(graph, [REPLY]), components(graph, [REPLY], "out")
    assert weak.size.tolist() == [4, 2, 1] and strong.size.tolist() == [3, 2, 1, 1]
    assert [strong.members(i) for i in range(4)] == [[("user", c) for c in names] for names in ("abc", "ef", "d", "g")]
    assert weak.of(("user", "d")) == 0 and strong.of(("user", "d")) == 2
    assert repr(weak).splitlines()[0] == "3 weakly connected components of 7 nodes, the largest of 4"
    assert strong.to_polars().row(3) == ("user", "e", 1, 2)
    assert strong.plot().lines[0].get_xydata().tolist() == [[1, 2], [2, 1], [3, 1]]


@pytest.mark.parametrize("walk", WALKS)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 120), st.integers(0, 80), st.booleans())
def test_against_networkx(walk: str, seed: int, end: int, before: int, one: bool) -> None:
    view = random_world(seed).graph().window(end - before, end)
    edge_types = [REPOST] if one else None
    steps = stepped(view, walk, edge_types)
    find = nx.weakly_connected_components if walk == "both" else nx.strongly_connected_components
    place = {key: i for i, key in enumerate(steps)}
    expected = sorted((sorted(c, key=place.__getitem__) for c in find(steps)), key=lambda c: (-len(c), place[c[0]]))
    found = components(view, edge_types, walk)  # type: ignore[arg-type]
    assert [found.members(i) for i in range(len(found.size))] == expected
    assert len(found) == len(steps)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 300), st.floats(0, 3), st.sampled_from([np.int32, np.int64]))
def test_larger_graphs_against_networkx(seed: int, count: int, edges_per_node: float, kind: type) -> None:
    rng = np.random.default_rng(seed)
    row, neighbour = np.sort(rng.integers(0, max(count, 1), (2, int(count * edges_per_node))), axis=1)
    rng.shuffle(neighbour)
    indptr = np.searchsorted(row, np.arange(count + 1))
    rows = (indptr[:-1], indptr[1:], neighbour.astype(kind))
    graph = nx.DiGraph(zip(row.tolist(), neighbour.tolist(), strict=True))
    graph.add_nodes_from(range(count))
    for label, find in (
        (weak_labels(*rows), nx.weakly_connected_components),
        (strong_labels(*rows), nx.strongly_connected_components),
    ):
        groups: dict[int, set[int]] = {}
        for v in range(count):
            groups.setdefault(int(label[v]), set()).add(v)
        assert sorted(groups.values(), key=min) == sorted(find(graph), key=min)


def test_a_long_chain_needs_no_recursion() -> None:
    first = np.arange(300_000)
    chain = np.minimum(first + 1, len(first) - 1).astype(np.int32)
    assert (weak_labels(first, first + 1, chain) == 0).all()
    assert len(np.unique(strong_labels(first, first + 1, chain))) == len(first)
    assert (strong_labels(first, first + 1, np.roll(first, -1)) == 0).all()


def test_names_of_components() -> None:
    label, size = by_size(np.array([7, 3, 3, 9, 9]))
    assert label.tolist() == [2, 0, 0, 1, 1] and size.tolist() == [2, 2, 1]


@pytest.mark.parametrize("end", [20, 61, 90])
def test_the_future_changes_nothing(end: int) -> None:
    for seed in range(6):
        world = random_world(seed)
        late, erased = world.graph().as_of(end), world.erased(end).graph().as_of(end)
        for walk in WALKS:
            a, b = components(late, walk=walk), components(erased, walk=walk)
            assert repr(a) == repr(b)
            assert a.to_arrow().equals(b.to_arrow())


def test_bad_requests_say_what_is_wrong() -> None:
    found = components(replies("ab cd"))
    with pytest.raises(SchemaError, match="no component 2, expected a whole number from 0 to 1"):
        found.members(2)
    with pytest.raises(UnknownNodeError, match="no user 'z'"):
        found.of(("user", "z"))
    with pytest.raises(SchemaError, match="unknown walk 'weak'"):
        components(replies("ab"), walk="weak")  # type: ignore[arg-type]
    empty = components(replies("ab").as_of(-5))
    assert len(empty) == 0 and repr(empty) == "0 weakly connected components of 0 nodes, as of 1969-12-31 23:59:55Z"
    assert len(empty.plot().lines[0].get_xydata()) == 0

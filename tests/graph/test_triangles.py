"""Triangles and clustering against NetworkX."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.graph.structure import triangles_kernel
from graphsocial.graph.structure.triangles import local_clustering, transitivity, triangles
from graphsocial.graph.structure.triangles_kernel import triangle_counts
from tests.graph.walks import REPLY, replies, undirected
from tests.graph.worlds import REPOST, random_world


def test_by_hand() -> None:
    graph = replies("ab bc ca ca ad db ee fa")
    assert triangles(graph, [REPLY]).top(4) == {("user", "a"): 2, ("user", "b"): 2, ("user", "c"): 1, ("user", "d"): 1}
    assert local_clustering(graph, [REPLY]).of(("user", "a")) == pytest.approx(2 / 6)
    assert local_clustering(graph, [REPLY]).of(("user", "e")) == 0
    assert transitivity(graph, [REPLY]) == pytest.approx(6 / (6 + 3 + 1 + 1))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 120), st.booleans())
def test_against_networkx(seed: int, end: int, one: bool) -> None:
    view = random_world(seed, edges=40).graph().as_of(end)
    edge_types = [REPOST] if one else None
    plain = undirected(view, edge_types)
    found, closed = triangles(view, edge_types), local_clustering(view, edge_types)
    assert {key: found.of(key) for key in plain} == nx.triangles(plain)
    assert {key: closed.of(key) for key in plain} == pytest.approx(nx.clustering(plain))
    assert transitivity(view, edge_types) == pytest.approx(nx.transitivity(plain))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 60), st.floats(0, 0.5), st.sampled_from([np.int32, np.int64]))
def test_against_powers_of_the_matrix(seed: int, count: int, chance: float, kind: type) -> None:
    near = np.triu(np.random.default_rng(seed).random((count, count)) < chance, 1).astype(np.int64)
    near += near.T
    row, neighbour = np.nonzero(near)
    indptr = np.searchsorted(row, np.arange(count + 1))
    found = triangle_counts(indptr[:-1], indptr[1:], neighbour.astype(kind))
    assert found.tolist() == (np.diag(near @ near @ near) // 2).tolist()


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = nx.gnm_random_graph(200, 2_000, seed=1)
    matrix = nx.to_scipy_sparse_array(plain, format="csr")
    rows = (matrix.indptr[:-1].astype(np.int64), matrix.indptr[1:].astype(np.int64), matrix.indices.astype(np.int32))
    expected = list(nx.triangles(plain).values())
    monkeypatch.setattr(triangles_kernel, "_CHUNK", 10)
    for threads in (1, 2, 3, 7):
        assert triangle_counts(*rows, threads=threads).tolist() == expected


@pytest.mark.parametrize("end", [20, 61, 90])
def test_the_future_changes_nothing(end: int) -> None:
    for seed in range(6):
        world = random_world(seed, edges=40)
        late, erased = world.graph().as_of(end), world.erased(end).graph().as_of(end)
        for score in (triangles, local_clustering):
            assert score(late).to_arrow().equals(score(erased).to_arrow())
        assert transitivity(late) == transitivity(erased)


def test_bad_requests_say_what_is_wrong() -> None:
    with pytest.raises(SchemaError, match="unknown edge type"):
        triangles(replies("ab"), [("user", "repply", "user")])
    assert len(triangles(replies("ab").as_of(-5))) == 0 and transitivity(replies("ab").as_of(-5)) == 0

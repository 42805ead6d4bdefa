"""PageRank against NetworkX, a dense solution and its own promise of accuracy."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import GraphSocialError, SchemaError, UnknownNodeError
from graphsocial.graph.adjacency import WALKS
from graphsocial.graph.centrality.pagerank import pagerank
from graphsocial.graph.centrality.pagerank_kernel import pagerank_values
from tests.graph.walks import REPLY, replies, stepped
from tests.graph.worlds import REPOST, random_world


def dense(into: np.ndarray, restart: np.ndarray, dangling: np.ndarray, damping: float) -> np.ndarray:
    """The solution by elimination; `into[i, j]` is the weight of the step from j to i."""
    leaving = into.sum(0)
    step = np.where(leaving > 0, into / np.where(leaving > 0, leaving, 1), dangling[:, None])
    return np.linalg.solve(np.eye(len(into)) - damping * step, (1 - damping) * restart)


def test_by_hand() -> None:
    # b and c hand all to a, a hands half to each: a = .05 + .85 (b + c), b = c = .05 + .425 a
    found = pagerank(replies("ba ca ab ac"), [REPLY])
    a = (0.05 + 0.85 * 0.1) / (1 - 0.85 * 0.85)
    assert found.of(("user", "a")) == pytest.approx(a, abs=1e-9)
    assert found.of(("user", "c")) == pytest.approx(0.05 + 0.425 * a, abs=1e-9)
    # nothing leaves b: its share starts anew
    assert pagerank(replies("ab"), [REPLY], restart=[("user", "a")]).of(("user", "a")) == pytest.approx(1 / 1.85)
    assert pagerank(replies("ab"), [REPLY], damping=0).score.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("walk", WALKS)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 120), st.integers(0, 80), st.booleans(), st.booleans(), st.booleans())
def test_against_networkx(walk: str, seed: int, end: int, before: int, one: bool, simple: bool, personal: bool) -> None:
    view = random_world(seed).graph().window(end - before, end)
    edge_types = [REPOST] if one else None
    steps = stepped(view, walk, edge_types)
    if simple:
        steps = nx.DiGraph(steps)
        steps.remove_edges_from(list(nx.selfloop_edges(steps)))
    restart = None
    if personal and len(steps):
        nodes = list(steps)
        restart = {nodes[seed % len(nodes)]: 1.0, nodes[0]: 2.5}
    found = pagerank(view, edge_types, walk, restart, simple=simple)  # type: ignore[arg-type]
    expected = nx.pagerank(steps, personalization=restart, tol=1e-14, max_iter=1000)
    assert {key: found.of(key) for key in steps} == pytest.approx(expected, abs=2e-9)
    assert len(found) == len(steps)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.floats(0, 0.99), st.sampled_from([np.int32, np.int64]))
def test_the_stated_error_holds(seed: int, count: int, damping: float, kind: type) -> None:
    rng = np.random.default_rng(seed)
    into = rng.random((count, count)) * (rng.random((count, count)) < 0.3)
    row, neighbour = np.nonzero(into)
    indptr = np.searchsorted(row, np.arange(count + 1))
    rows = (indptr[:-1], indptr[1:], neighbour.astype(kind))
    restart, dangling = rng.dirichlet(np.full(count, 0.3), size=2)
    for weight, matrix in ((into[row, neighbour], into), (None, (into > 0).astype(float))):
        for stuck in (None, dangling):
            truth = dense(matrix, restart, restart if stuck is None else stuck, damping)
            for tolerance in (1e-2, 1e-9):
                value, _, error = pagerank_values(*rows, weight, restart, stuck, damping, tolerance, 5_000)
                assert np.abs(value - truth).sum() <= error + 1e-13
                assert error <= tolerance


def test_sweeps_run_with_the_steps() -> None:
    # everybody cites only older ones: one sweep in the right order solves it, the next one sees that it did
    rng = np.random.default_rng(0)
    source = np.arange(2_000).repeat(3)
    cited = np.where(source < 3, source, (source * rng.random(6_000)).astype(np.int64))
    for row, neighbour in ((cited, source), (1_999 - cited, 1_999 - source)):
        order = np.argsort(row, kind="stable")
        indptr = np.searchsorted(row[order], np.arange(2_001))
        value, sweeps, _ = pagerank_values(indptr[:-1], indptr[1:], neighbour[order].astype(np.int32), tolerance=1e-12)
        assert sweeps <= 3
        assert value.sum() == pytest.approx(1, abs=1e-12)


def test_fast_mixing() -> None:
    neighbour = np.random.default_rng(0).integers(0, 2_000, 40_000).astype(np.int32)
    indptr = np.arange(2_001) * 20
    sweeps = pagerank_values(indptr[:-1], indptr[1:], neighbour, tolerance=1e-10)[1]
    assert sweeps < 16, "unscaled sweeps take 40: the sum of all values settles last"


def test_slow_mixing_with_loops() -> None:
    count = 3_000
    ring = (np.arange(count)[:, None] + np.random.default_rng(0).integers(-3, 4, (count, 4))) % count
    indptr = np.arange(count + 1) * 4
    sweeps = pagerank_values(indptr[:-1], indptr[1:], ring.ravel().astype(np.int32), tolerance=1e-10)[1]
    assert sweeps < 80, "0.85**164 is as far: the power method would take twice as many"


@pytest.mark.parametrize("end", [20, 61, 90])
def test_the_future_changes_nothing(end: int) -> None:
    for seed in range(6):
        world = random_world(seed)
        late, erased = world.graph().as_of(end), world.erased(end).graph().as_of(end)
        for walk in WALKS:
            for edge_types in (None, [REPOST]):
                a, b = pagerank(late, edge_types, walk), pagerank(erased, edge_types, walk)
                assert a.to_arrow().equals(b.to_arrow())


def test_empty_views() -> None:
    graph = random_world(1).graph()
    assert len(pagerank(graph.as_of(-1000), [REPOST])) == 0
    nobody_spoke = graph.window(50, 50)
    assert np.ptp(pagerank(nobody_spoke, [REPOST]).score) == 0


def test_bad_requests_say_what_is_wrong() -> None:
    graph = replies("ab bc ca cb")
    for damping in (1, -0.1, float("nan"), "0.85"):
        with pytest.raises(SchemaError, match="expected a number of at least 0 and below 1"):
            pagerank(graph, damping=damping)  # type: ignore[arg-type]
    for tolerance in (0, -1, float("nan"), float("inf")):
        with pytest.raises(SchemaError, match=r"tolerance=.*, expected a number above 0"):
            pagerank(graph, tolerance=tolerance)
    for most in (0, 2.5, True):
        with pytest.raises(SchemaError, match=r"max_iterations=.*, expected a whole number of at least 1"):
            pagerank(graph, max_iterations=most)
    with pytest.raises(GraphSocialError, match=r"after 1 sweeps may be off by .*, expected at most tolerance=1e-09"):
        pagerank(graph, max_iterations=1)
    with pytest.raises(UnknownNodeError, match="no user 'z'"):
        pagerank(graph, restart=[("user", "z")])
    for weight in (-1.0, float("nan"), "1"):
        with pytest.raises(SchemaError, match=r"restart got weight .*, expected a finite number of at least 0"):
            pagerank(graph, restart={("user", "a"): weight})  # type: ignore[dict-item]
    with pytest.raises(SchemaError, match="restart got no node with a weight above 0"):
        pagerank(graph, restart=[])
    with pytest.raises(SchemaError, match="unknown walk"):
        pagerank(graph, walk="out ")  # type: ignore[arg-type]
    assert pagerank(graph, restart=("user", "a")).top(3) == pagerank(graph, restart=[("user", "a")]).top(3)

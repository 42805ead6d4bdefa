"""Blocking against the same runs with each node or edge taken away, and against trying everything."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph, simulate
from graphsocial.diffusion.blocking.block_edges import block_edges
from graphsocial.diffusion.blocking.block_nodes import block_nodes
from graphsocial.diffusion.blocking.blocked_model import blocked_model
from graphsocial.diffusion.blocking.saved_reach import saved_reach
from graphsocial.diffusion.seed_selection.live_edges import live_edges
from graphsocial.errors import SchemaError, UnknownNodeError
from tests.diffusion.seed_selection.exact_reach import ExactReach, small_model
from tests.diffusion.seed_selection.sampled_reach import live_table, total_reached


def none_blocked(spread: SpreadGraph) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(spread.num_nodes, dtype=np.int8), np.zeros(spread.num_edges, dtype=np.int8)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("parallel", [False, True])
def test_what_each_saves_is_what_the_same_graphs_lose_without_it(seed: int, parallel: bool) -> None:
    rng = np.random.default_rng(seed)
    nodes, edges, samples, key = 12, 30, 40, 5
    source, target = rng.integers(nodes, size=edges), rng.integers(nodes, size=edges)  # loops too
    if parallel:
        source, target = np.append(source, source[:8]), np.append(target, target[:8])
    spread = SpreadGraph.from_edges(source, target, nodes)
    model = IndependentCascade(Activation(spread, rng.choice([0.2, 0.5, 0.8, 1.0], spread.num_edges)))
    seeds, table = [0, 1 + seed], live_table(model, key, samples)
    before, live = total_reached(spread, table, seeds), live_edges(model)
    by_node, total = saved_reach(live, np.array(seeds), key, samples, *none_blocked(spread), False, 1)
    by_edge, again = saved_reach(live, np.array(seeds), key, samples, *none_blocked(spread), True, 1)
    assert total == again == before
    for v in set(range(nodes)) - set(seeds):
        assert by_node[v] == before - total_reached(spread, table, seeds, without_nodes=[v]), v
    for edge in range(spread.num_edges):
        assert by_edge[edge] == before - total_reached(spread, table, seeds, without_edges=[edge]), edge
    node_blocked, edge_blocked = none_blocked(spread)
    node_blocked[9], edge_blocked[3] = 1, 1
    fewer = saved_reach(live, np.array(seeds), key, samples, node_blocked, edge_blocked, False, 1)[1]
    assert fewer == total_reached(spread, table, seeds, without_nodes=[9], without_edges=[3])


def test_deep_graphs_of_many_nodes_and_threads() -> None:
    rng = np.random.default_rng(1)
    nodes, samples, key = 400, 48, 2
    near = np.arange(nodes - 1)
    source = np.concatenate([near, rng.integers(nodes, size=500)])
    target = np.concatenate([near + 1, rng.integers(nodes, size=500)])
    spread = SpreadGraph.from_edges(source, target, nodes)
    model = IndependentCascade(Activation.uniform(spread, 0.7))
    live, table = live_edges(model), live_table(model, key, samples)
    one, three = (
        saved_reach(live, np.array([0]), key, samples, *none_blocked(spread), False, threads) for threads in (1, 3)
    )
    assert (one[0] == three[0]).all() and one[1] == three[1] == total_reached(spread, table, [0])
    for v in (1, 2, 50, 200, 399, *np.argsort(-one[0])[1:4].tolist()):
        assert one[0][v] == one[1] - total_reached(spread, table, [0], without_nodes=[v])


@pytest.mark.parametrize("kind", ["even", "threshold"])
@pytest.mark.parametrize("seed", [3, 4, 6])
def test_one_block_is_the_best_and_two_are_near_it(kind: str, seed: int) -> None:
    model = small_model(kind, seed, edges=8)
    exact = ExactReach(model)
    start = max(range(6), key=lambda v: exact.spread([v]))
    others = [v for v in range(6) if v != start]

    def left(nodes: tuple[int, ...] = (), edges: tuple[int, ...] = ()) -> float:
        return ExactReach(blocked_model(model, nodes=nodes, edges=edges)).spread([start])

    for k, slack in ((1, 0.03), (2, 0.15)):
        found = block_nodes(model, [start], k, rng=1, samples=8_000, runs=4_000, level=0.999993, threads=1)
        best = min(left(nodes=choice) for choice in combinations(others, k))
        true = left(nodes=found.blocked)
        assert best - 1e-6 <= true <= best + slack
        low, high = found.before_interval
        assert low - 1e-6 <= exact.spread([start]) <= high + 1e-6
        assert found.after_interval[0] - 1e-6 <= true <= found.after_interval[1] + 1e-6
        low, high = found.difference_interval
        assert low - 1e-6 <= exact.spread([start]) - true <= high + 1e-6
        assert found.saved[0] == pytest.approx(exact.spread([start]) - left(nodes=found.blocked[:1]), abs=0.1)
    cut = block_edges(model, [start], 1, rng=1, samples=8_000, runs=1_000, threads=1)
    pairs = list(zip(model.spread.source.tolist(), model.spread.target.tolist(), strict=True))
    assert left(edges=(pairs.index(cut.blocked[0]),)) <= min(left(edges=(e,)) for e in range(len(pairs))) + 0.03


def test_sure_impossible_and_disconnected() -> None:
    spread = SpreadGraph.from_edges([0, 0, 1, 1, 2, 5], [1, 2, 3, 4, 4, 6], ids=list("abcdefg"))
    sure = IndependentCascade(Activation.uniform(spread, 1.0))
    found = block_nodes(sure, ["a"], 3, rng=1, samples=5, runs=5)
    # b keeps d away, e is reached by c too; then c keeps e away; then nobody is left
    assert found.blocked == ("b", "c") and found.saved.tolist() == [2.0, 2.0]
    assert (found.before, found.after) == (5.0, 1.0) and simulate(found.model, ["a"], 1, rng=1).size[0] == 1
    assert block_nodes(sure, ["a"], 1, rng=1, candidates=["d", "c"], samples=5, runs=5).blocked == ("c",)
    cut = block_edges(sure, ["a"], 1, rng=1, samples=5, runs=5)
    assert (
        cut.blocked == (("a", "b"),) and cut.after == 3.0 and cut.to_polars().columns == ["source", "target", "saved"]
    )
    never = IndependentCascade(Activation.uniform(spread, 0.0))
    nothing = block_nodes(never, ["a"], 2, rng=1, samples=5, runs=5)
    assert nothing.blocked == () and nothing.before == nothing.after == 1.0 and "0 nodes blocked" in repr(nothing)
    assert block_edges(never, ["a"], 2, rng=1, samples=5, runs=5).blocked == ()


def test_deterministic_and_independent_of_threads() -> None:
    rng = np.random.default_rng(7)
    spread = SpreadGraph.from_edges(rng.integers(300, size=1_200), rng.integers(300, size=1_200), 300)
    model = IndependentCascade(Activation.weighted_cascade(spread))
    for block in (block_nodes, block_edges):
        one, three = (block(model, [0, 1, 2], 4, rng=3, samples=200, runs=500, threads=threads) for threads in (1, 3))
        assert (one.blocked, one.before, one.after) == (three.blocked, three.before, three.after)
        assert one.after <= one.degree_after + 0.5 and one.difference_interval[0] > 0
        assert isinstance(one.model, IndependentCascade) and not one.model.coupled


def test_blocked_models_keep_what_they_are() -> None:
    model = small_model("threshold", 1)
    edge = int(np.flatnonzero(model.spread.target == 2)[0])
    left = blocked_model(model, edges=[edge])
    assert left.influence.weight[edge] == 0 and (np.delete(left.influence.weight, edge) > 0).all()
    assert replace(left, influence=model.influence).influence is model.influence


@pytest.mark.parametrize("block", [block_nodes, block_edges])
def test_bad_input(block) -> None:  # type: ignore[no-untyped-def]
    model = small_model("even", 1)
    for wrong, message in (
        ({"k": 0}, "got k=0"),
        ({"k": 77}, "got k=77, but there are only"),
        ({"seeds": []}, "seed set is empty"),
        ({"seeds": [0, 0]}, "seed 0 stands twice"),
        ({"samples": 0}, "got samples=0"),
        ({"runs": 1}, "got runs=1, expected a whole number, at least 2"),
        ({"level": 2.0}, "got level=2.0"),
    ):
        with pytest.raises(SchemaError, match=message):
            block(model, **{"seeds": [0], "k": 1, "rng": 1, **wrong})
    with pytest.raises(UnknownNodeError):
        block(model, [99], 1, rng=1)
    with pytest.raises(SchemaError, match="no candidates"):
        block_nodes(model, [0], 1, rng=1, candidates=[0])
    with pytest.raises(SchemaError, match="blocked edges got 99, expected 0 to 8"):
        blocked_model(model, edges=[99])

"""Spread on a device: run for run what the coupled simulation on the CPU finds."""

import numpy as np
import pytest

from graphsocial.diffusion import (
    Activation,
    IndependentCascade,
    Influence,
    LinearThreshold,
    SpreadGraph,
    spread_summary,
)
from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.scale.device_spread import spread_on_device
from tests.interpreted_kernels import run_check


def random_graph(nodes: int = 300, edges: int = 2_000, seed: int = 1) -> SpreadGraph:
    rng = np.random.default_rng(seed)
    pairs = np.unique(rng.integers(nodes, size=(edges, 2)), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    hub = np.stack([np.zeros(nodes - 1, dtype=np.int64), np.arange(1, nodes)], axis=1)  # a row of many stretches
    pairs = np.unique(np.concatenate([pairs, hub]), axis=0)
    return SpreadGraph.from_edges(pairs[:, 0], pairs[:, 1], nodes)


def activations(spread: SpreadGraph) -> dict[str, Activation]:
    drawn = np.random.default_rng(2).random(spread.num_edges).astype(np.float32)
    return {
        "uniform": Activation.uniform(spread, 0.1),
        "weighted_cascade": Activation.weighted_cascade(spread),
        "given": Activation(spread, drawn**4),
        "none": Activation.uniform(spread, 0.0),
        "sure": Activation.uniform(spread, 1.0),
        "tiny": Activation(spread, np.where(drawn < 0.5, 1e-12, drawn)),
    }


def assert_same(ours, truth) -> None:
    assert ours.size.tolist() == truth.size.tolist()
    assert ours.times.tolist() == truth.times.tolist()
    assert ours.growth.tolist() == truth.growth.tolist()
    assert ours.growth_deviation.tolist() == truth.growth_deviation.tolist()
    assert ours.node_share.tolist() == truth.node_share.tolist()
    assert ours.censored == truth.censored


@pytest.mark.parametrize("kind", ["uniform", "weighted_cascade", "given", "none", "sure", "tiny"])
@pytest.mark.parametrize("horizon", [None, 0, 2])
def test_every_run_is_that_of_the_coupled_cascade(kind, horizon):
    spread = random_graph()
    activation = activations(spread)[kind]
    truth = spread_summary(
        IndependentCascade(activation, coupled=True), [5, 9], 60, rng=3, horizon=horizon, per_node=True
    )
    ours = spread_on_device(
        IndependentCascade(activation), [5, 9], 60, rng=3, device="cpu", horizon=horizon, per_node=True
    )
    assert_same(ours, truth)


def test_runs_side_by_side_or_one_by_one_are_the_same():
    model = IndependentCascade(activations(random_graph())["given"])
    many = spread_on_device(model, [5], 30, rng=3, device="cpu", per_node=True)
    few = spread_on_device(model, [5], 30, rng=3, device="cpu", per_node=True, most_bytes=33 * 300 * 7)
    assert_same(few, many)


def test_edges_in_small_parts_are_the_same(monkeypatch):
    from graphsocial.scale.device_spread import row_edges

    model = IndependentCascade(activations(random_graph())["given"])
    whole = spread_on_device(model, [5], 30, rng=3, device="cpu", per_node=True)
    monkeypatch.setattr(row_edges.row_edges, "__defaults__", (37,))
    assert_same(spread_on_device(model, [5], 30, rng=3, device="cpu", per_node=True), whole)


def test_progress_counts_runs():
    told = []
    model = IndependentCascade(Activation.uniform(random_graph(), 0.1))
    spread_on_device(
        model, [5], 20, rng=3, device="cpu", most_bytes=33 * 300 * 8, progress=lambda *it: told.append(it[:2])
    )
    assert told == [(8, 20), (16, 20), (20, 20)]


def test_bad_input():
    spread = random_graph()
    model = IndependentCascade(Activation.uniform(spread, 0.1))
    with pytest.raises(SchemaError, match=r"got LinearThreshold.*spread_summary\(\)"):
        spread_on_device(LinearThreshold(Influence.even(spread)), [0], rng=1, device="cpu")
    with pytest.raises(UnknownNodeError):
        spread_on_device(model, [300], rng=1, device="cpu")
    with pytest.raises(SchemaError, match="seed set is empty"):
        spread_on_device(model, [], rng=1, device="cpu")
    with pytest.raises(SchemaError, match="runs=0"):
        spread_on_device(model, [0], 0, rng=1, device="cpu")
    with pytest.raises(SchemaError, match="horizon=-1"):
        spread_on_device(model, [0], rng=1, device="cpu", horizon=-1)
    with pytest.raises(SchemaError, match=r"one run over this graph takes 9,900 bytes, got most_bytes=100"):
        spread_on_device(model, [0], rng=1, device="cpu", most_bytes=100)
    with pytest.raises(SchemaError, match="unknown device 'gpu9'"):
        spread_on_device(model, [0], rng=1, device="gpu9")


TRITON_CHECK = """
import sys
sys.path.insert(0, {tests!r})
import torch
from test_spread_on_device import activations, assert_same, random_graph
from graphsocial.diffusion import IndependentCascade, spread_summary
from graphsocial.scale.device_spread import spread_on_device as room
import graphsocial.scale.device_spread.spread_on_device
spread_on_device = sys.modules["graphsocial.scale.device_spread.spread_on_device"]
from graphsocial.scale.device_spread.triton_steps import TritonSteps
spread_on_device._steps_on = lambda where: TritonSteps
graph = random_graph(90, 200)
kinds = activations(graph)
for kind, horizon in (("uniform", None), ("uniform", 2), ("given", None), ("tiny", 2), ("none", None), ("sure", None)):
    activation = kinds[kind]
    asked = dict(rng=3, horizon=horizon, per_node=True)
    truth = spread_summary(IndependentCascade(activation, coupled=True), [31, 32, 63], 5, **asked)
    ours = room(IndependentCascade(activation), [31, 32, 63], 5, device={device!r}, **asked)
    assert_same(ours, truth)
    assert truth.size.max() > 3 or kind == "none"
print("same")
"""


def test_the_compiled_steps_interpreted_on_the_cpu_are_the_same():
    pytest.importorskip("triton")
    assert run_check(TRITON_CHECK, __file__, "cpu", interpret=True).endswith("same\n")


@pytest.mark.gpu
def test_the_compiled_steps_on_the_card_are_the_same():
    assert run_check(TRITON_CHECK, __file__, "cuda", interpret=False).endswith("same\n")

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion import SpreadGraph, simulate
from graphsocial.diffusion.epidemics.compartment_curves import compartment_curves
from graphsocial.diffusion.epidemics.compartments import SEIR, SI, SIR, SIS
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet


def two_runs(censored=(False, False)) -> CascadeSet:
    """In run 0, a is infectious at 0 and recovers at 2, b is exposed at 1 and infectious at 3; in run 1, a alone."""
    marks = {"infectious": [0, 3, 0], "recovered": [2, np.inf, 5]}
    return CascadeSet(["a", "b", "a"], [-1, 0, -1], [0.0, 1.0, 0.0], [0, 2, 3], [0, 1], list(censored), marks)


def test_by_hand():
    curves = compartment_curves(two_runs(), [-1, 0, 1, 2, 3, 9], 4)
    assert curves.susceptible.tolist() == [[4, 3, 2, 2, 2, 2], [4, 3, 3, 3, 3, 3]]
    assert curves.exposed.tolist() == [[0, 0, 1, 1, 0, 0], [0] * 6]
    assert curves.infectious.tolist() == [[0, 1, 1, 0, 1, 1], [0, 1, 1, 1, 1, 0]]
    assert curves.recovered.tolist() == [[0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 1]]
    mean = curves.mean()
    assert mean.infectious.tolist() == [0, 1, 1, 0.5, 1, 0.5] and "a mean at 6 times" in repr(mean)
    assert repr(curves) == "CompartmentCurves of 2 runs at 6 times"
    assert compartment_curves(two_runs(), [], 4).susceptible.shape == (2, 0)


@pytest.mark.parametrize("clock", ["discrete", "continuous"])
@pytest.mark.parametrize("make", [SI, SIS, SIR, SEIR])
def test_everybody_is_somewhere_as_counted_one_by_one(make, clock):
    draw = np.random.default_rng(3)
    spread = SpreadGraph.from_edges(draw.integers(40, size=200), draw.integers(40, size=200), 40)
    rates = {SI: [0.3], SIS: [0.3, 0.4], SIR: [0.3, 0.4], SEIR: [0.3, 0.5, 0.4]}[make]
    runs = simulate(make(spread, *rates, clock=clock), [0, 1], 25, rng=1, horizon=9)
    times = np.sort(draw.uniform(0, 9, 13).round(1))
    immune = make is not SIS
    curves = compartment_curves(runs, times, 40, immune=immune, horizon=9)
    infectious = runs.marks.get("infectious", runs.time)
    recovered = runs.marks.get("recovered", np.full(len(runs.time), np.inf))
    for i in range(25):
        mine = slice(*runs.offsets[i : i + 2])
        for k, t in enumerate(times):
            state = {}
            for node, a, b, c in zip(runs.node[mine], runs.time[mine], infectious[mine], recovered[mine], strict=True):
                if a <= t:
                    state[node] = ("R" if immune else "S") if c <= t else "I" if b <= t else "E"
            counts = [list(state.values()).count(c) for c in "EIR"]
            got = [curves.exposed[i, k], curves.infectious[i, k], curves.recovered[i, k]]
            assert got == counts and curves.susceptible[i, k] == 40 - sum(counts)


def test_what_came_after_the_horizon_is_not_known():
    with pytest.raises(
        SchemaError, match=r"got time 6 after 5, the last event on record .* 1 of 2 runs were cut short"
    ):
        compartment_curves(two_runs((True, False)), [0, 6], 4)
    assert compartment_curves(two_runs((True, False)), [0, 6], 4, horizon=7).infectious.tolist() == [[1, 1], [1, 0]]
    with pytest.raises(SchemaError, match="got time 8 after 7, the horizon"):
        compartment_curves(two_runs((True, False)), [0, 8], 4, horizon=7)
    assert compartment_curves(two_runs(), [100], 4).recovered.tolist() == [[1], [1]]


@pytest.mark.parametrize(
    ("times", "nodes", "message"),
    [
        ([2, 1], 4, "expected ascending numbers"),
        ([np.nan], 4, "expected ascending numbers"),
        (["a"], 4, "expected ascending numbers"),
        ([[1, 2]], 4, "expected ascending numbers"),
        ([0, 1], 1, "got num_nodes=1, but 2 are infected"),
        ([0, 1], 0, "num_nodes=0, expected a whole number"),
    ],
)
def test_what_is_wrong_is_said(times, nodes, message):
    with pytest.raises(SchemaError, match=message):
        compartment_curves(two_runs(), times, nodes)


def test_sis_taken_for_sir_is_refused():
    pair = SpreadGraph.from_edges([0, 1], [1, 0])
    runs = simulate(SIS(pair, 1.0, 1.0), [0], 2, rng=1, horizon=4)
    with pytest.raises(SchemaError, match="infected twice in run 0, so recovery does not last, expected immune=False"):
        compartment_curves(runs, [0, 4], 2)
    assert compartment_curves(runs, [0, 4], 2, immune=False).infectious.tolist() == [[1, 1]] * 2

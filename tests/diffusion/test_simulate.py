"""Simulation: independent of threads, repeatable, and plain about what it cannot do."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph, simulate, spread_summary
from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph import CascadeSet


def random_spread(nodes: int = 60, edges: int = 300, seed: int = 0) -> SpreadGraph:
    rng = np.random.default_rng(seed)
    return SpreadGraph.from_edges(rng.integers(nodes, size=edges), rng.integers(nodes, size=edges), nodes)


def cascade_model(p: float = 0.2, seed: int = 0, coupled: bool = False) -> IndependentCascade:
    spread = random_spread(seed=seed)
    rng = np.random.default_rng(seed)
    return IndependentCascade(Activation(spread, np.minimum(p * 2 * rng.random(spread.num_edges), 1)), coupled)


def same(one: CascadeSet, other: CascadeSet) -> bool:
    names = [f.name for f in fields(one) if f.name not in ("marks", "known_until")]
    return all(np.array_equal(getattr(one, n), getattr(other, n)) for n in names)


@pytest.mark.parametrize("coupled", [False, True])
def test_threads_change_nothing(coupled: bool) -> None:
    model = cascade_model(coupled=coupled)
    one = simulate(model, [1, 2], 700, rng=3, threads=1)
    for threads in (2, 3, 7):
        assert same(one, simulate(model, [1, 2], 700, rng=3, threads=threads))


def test_a_longer_simulation_begins_like_a_shorter_one() -> None:
    model = cascade_model()
    few, many = simulate(model, [1], 50, rng=3), simulate(model, [1], 500, rng=3)
    assert np.array_equal(few.size, many.size[:50])
    assert few.node.tolist() == many.node[: len(few.node)].tolist()


def test_rng_decides_and_is_not_touched_elsewhere() -> None:
    model = cascade_model()
    np.random.seed(5)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # type: ignore[index] # noqa: NPY002
    one = simulate(model, [1], 100, rng=3)
    assert same(one, simulate(model, [1], 100, rng=3))
    assert not same(one, simulate(model, [1], 100, rng=4))
    generator = np.random.default_rng(3)
    drawn = simulate(model, [1], 100, rng=generator)
    assert not same(drawn, simulate(model, [1], 100, rng=generator)), "a generator moves on"
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index] # noqa: NPY002


def test_runs_that_do_not_fit_the_first_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    model = cascade_model(0.4)
    whole = simulate(model, [1, 2], 300, rng=3)
    monkeypatch.setattr("graphsocial.diffusion.run_blocks.ROOM", 80)
    assert same(whole, simulate(model, [1, 2], 300, rng=3, threads=2))


def test_the_horizon_stops_and_marks() -> None:
    chain = SpreadGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 4])
    model = IndependentCascade(Activation.uniform(chain, 1.0))
    cut = simulate(model, [0], 3, rng=1, horizon=2)
    assert cut.node.tolist() == [0, 1, 2] * 3 and cut.censored.all()
    whole = simulate(model, [0], 3, rng=1, horizon=4)
    assert whole.size.tolist() == [5, 5, 5] and not whole.censored.any()
    assert simulate(model, [0], 2, rng=1, horizon=0).node.tolist() == [0, 0]
    assert not simulate(model, [4], 2, rng=1, horizon=0).censored.any(), "nobody left to reach"


def test_progress_is_told_and_names_are_the_runs() -> None:
    told: list[tuple[int, int, str]] = []
    runs = simulate(cascade_model(), [1], 100, rng=3, threads=2, progress=lambda *said: told.append(said))
    assert told[-1] == (100, 100, "runs") and [t[0] for t in told] == sorted(t[0] for t in told)
    assert runs.names.tolist() == list(range(100))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seeds": []}, "seed set is empty"),
        ({"seeds": [1, 2, 1]}, "seed 1 stands twice"),
        ({"seeds": "12"}, "expected a list of nodes"),
        ({"seeds": 1}, "expected a list of nodes"),
        ({"runs": 0}, "runs=0, expected a whole number, at least 1"),
        ({"runs": 2.5}, "runs=2.5"),
        ({"runs": True}, "runs=True"),
        ({"rng": -1}, "rng=-1"),
        ({"rng": "7"}, "rng='7'"),
        ({"rng": None}, "rng=None"),
        ({"horizon": -1}, "horizon=-1"),
        ({"horizon": float("nan")}, "horizon=nan"),
        ({"most_members": 10}, "more than 10 members; spread_summary()"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, Any], message: str) -> None:
    asked = {"seeds": [1], "runs": 50, "rng": 1, **arguments}
    with pytest.raises(SchemaError) as error:
        simulate(cascade_model(), **asked)
    assert message in str(error.value)


@pytest.mark.parametrize("seed", [60, -1, "1", None, 1.0, True, ("user", 99)])
def test_seeds_that_are_not_there(seed: object) -> None:
    with pytest.raises(UnknownNodeError, match="no node"):
        simulate(cascade_model(), [seed], 5, rng=1)


# ---- sums


def test_the_summary_is_that_of_the_cascades() -> None:
    model = cascade_model(0.4)
    runs = simulate(model, [1, 2], 600, rng=3)
    run = np.repeat(np.arange(600), runs.size)
    curve = np.array([np.bincount(run[runs.time <= t], minlength=600) for t in range(runs.time.max() + 1)])
    for threads in (1, 3):
        found = spread_summary(model, [1, 2], 600, rng=3, per_node=True, threads=threads)
        assert np.array_equal(found.size, runs.size)
        assert found.times.tolist() == list(range(runs.time.max() + 1))
        assert np.allclose(found.growth, curve.mean(axis=1)) and np.allclose(
            found.growth_deviation, curve.std(axis=1, ddof=1)
        )
        assert np.allclose(found.node_share, np.bincount(runs.node.astype(int), minlength=60) / 600)
        half = 1.959964 * runs.size.std(ddof=1) / np.sqrt(600)
        assert found.interval == pytest.approx((runs.size.mean() - half, runs.size.mean() + half))
    at = spread_summary(model, [1, 2], 600, rng=3, times=[0.5, 2, 99])
    assert np.allclose(at.growth, [curve[0].mean(), curve[2].mean(), runs.size.mean()])
    assert "over 600 runs" in repr(at) and at.to_polars().shape == (3, 3)


def test_a_summary_of_one_run_has_no_interval() -> None:
    found = spread_summary(cascade_model(), [1], 1, rng=3)
    assert np.isnan(found.interval).all() and found.growth_deviation.tolist() == [0.0] * len(found.times)


@pytest.mark.parametrize("times", [[], [1, 1], [2, 1], "1", [float("nan")]])
def test_times_that_do_not_ascend(times: object) -> None:
    with pytest.raises(SchemaError, match="expected ascending numbers"):
        spread_summary(cascade_model(), [1], 5, rng=1, times=times)  # type: ignore[arg-type]

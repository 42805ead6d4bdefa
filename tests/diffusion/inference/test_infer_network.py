"""Networks inferred from times: by hand, by an independent optimiser, and what was planted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize

from graphsocial.diffusion.inference.infer_network import infer_network
from graphsocial.diffusion.inference.inferred_network import InferredNetwork
from graphsocial.diffusion.inference.transmission import (
    ExponentialTransmission,
    PowerLawTransmission,
    RayleighTransmission,
    Transmission,
)
from graphsocial.errors import SchemaError
from tests.diffusion.inference.cascade_worlds import Run, cascades_of, continuous_cascade

SHAPES = [ExponentialTransmission(), PowerLawTransmission(0.3), RayleighTransmission()]


def rates(network: InferredNetwork) -> dict[tuple[object, object], float]:
    ids, spread = network.spread.ids, network.spread
    return {
        (ids[a], ids[b]): float(r)
        for a, b, r in zip(spread.source, spread.target, spread.edge_value("rate"), strict=True)
    }


# ---- by hand


def test_one_edge_is_transmissions_over_exposure() -> None:
    # ann reaches bob after 1 and after 3; twice not within 10 and 6
    runs: list[Run] = [[("ann", 0.0), ("bob", 1.0)], [("ann", 5.0), ("bob", 8.0)], [("ann", 0.0)], [("ann", 4.0)]]
    network = infer_network(cascades_of(runs), observed_until=10)
    assert rates(network) == {("ann", "bob"): pytest.approx(2 / (1 + 3 + 10 + 6))}
    assert network.log_likelihood == pytest.approx(2 * np.log(0.1) - 20 * 0.1)
    assert rates(infer_network(cascades_of(runs), observed_until=10, penalty=5)) == {
        ("ann", "bob"): pytest.approx(0.08)
    }
    squares = (1 + 9 + 100 + 36) / 2
    assert rates(infer_network(cascades_of(runs), RayleighTransmission(), observed_until=10)) == {
        ("ann", "bob"): pytest.approx(2 / squares)
    }
    logs = np.log([2 * 1, 2 * 3, 2 * 10, 2 * 6]).sum()
    assert rates(infer_network(cascades_of(runs), PowerLawTransmission(0.5), observed_until=10)) == {
        ("ann", "bob"): pytest.approx(2 / logs)
    }


def test_who_was_active_already_was_not_exposed() -> None:
    # in the last two cascades bob was first, or at the same moment
    runs: list[Run] = [[("ann", 0.0), ("bob", 2.0)], [("bob", 0.0), ("ann", 1.0)], [("ann", 0.0), ("bob", 0.0)]]
    assert rates(infer_network(cascades_of(runs), window=10)) == {
        ("ann", "bob"): pytest.approx(1 / 2),
        ("bob", "ann"): pytest.approx(1 / 1),
    }


def test_a_window_leaves_later_members_out() -> None:
    runs: list[Run] = [[("ann", 7.0), ("bob", 9.0), ("cy", 20.0)], [("bob", 30.0), ("ann", 38.0), ("bob", 39.0)]]
    network = infer_network(cascades_of(runs), window=5)
    assert rates(network) == {("ann", "bob"): pytest.approx(1 / 2)}
    assert network.notes == ("3 members came after their cascade's window and were left out",)
    assert network.spread.num_nodes == 3


def test_the_table_is_ranked() -> None:
    runs: list[Run] = [[("a", 0.0), ("b", 4.0)], [("c", 0.0), ("d", 1.0)], [("e", 0.0), ("f", 2.0)]]
    table = infer_network(cascades_of(runs), window=10).to_polars()
    assert table["source"].to_list() == ["c", "e", "a"] and table["target"].to_list() == ["d", "f", "b"]
    assert table["rate"].to_list() == pytest.approx([1, 1 / 2, 1 / 4])
    assert table["transmissions"].to_list() == pytest.approx([1] * 3) and table["together"].to_list() == [1, 1, 1]


def test_what_nobody_can_have_caused_is_counted() -> None:
    runs: list[Run] = [[("a", 0.0), ("b", 0.1)], [("a", 0.0), ("b", 3.0)]]
    network = infer_network(cascades_of(runs), PowerLawTransmission(1.0), window=10)
    assert network.notes == ("1 activations could not have been caused by anybody active before",)
    assert rates(network) == {("a", "b"): pytest.approx(1 / np.log(3))}


# ---- against an optimiser that knows only the likelihood


def spelled_out(runs: list[Run], shape: Transmission, rate: dict[tuple[int, int], float], window: float) -> float:
    total, nodes = 0.0, {v for run in runs for v, _ in run}
    for run in runs:
        when = dict(run)
        first = min(when.values())
        for v in nodes:
            stop = when.get(v, first + window)
            delays = {u: stop - t for u, t in when.items() if t < stop and u != v}
            total -= sum(rate.get((u, v), 0) * float(shape.cumulative(np.array([d]))[0]) for u, d in delays.items())
            if v in when and when[v] > first:
                hazard = sum(rate.get((u, v), 0) * float(shape.hazard(np.array([d]))[0]) for u, d in delays.items())
                total += np.log(hazard) if hazard > 0 else 0.0
    return total


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: type(s).__name__)
def test_the_maximum_of_the_likelihood(shape: Transmission) -> None:
    rng = np.random.default_rng(4)
    rate = rng.uniform(0.2, 1, (4, 4)) * (rng.random((4, 4)) < 0.6)
    np.fill_diagonal(rate, 0)
    runs = [continuous_cascade(rng, 4, rate, lambda r: 0.31 + rng.exponential(1 / r), i % 4, 3.0) for i in range(60)]
    network = infer_network(cascades_of(runs), shape, window=3, least=0, tolerance=1e-13, most_iterations=50_000)
    told = rates(network)
    assert network.log_likelihood == pytest.approx(spelled_out(runs, shape, told, 3), abs=1e-6)
    pairs = [(a, b) for a in range(4) for b in range(4) if a != b]
    best = minimize(
        lambda x: -spelled_out(runs, shape, dict(zip(pairs, x, strict=True)), 3),
        np.full(len(pairs), 0.3),
        method="L-BFGS-B",
        bounds=[(1e-9, None)] * len(pairs),
    )
    assert network.log_likelihood == pytest.approx(-best.fun, abs=1e-3)
    for pair, x in zip(pairs, best.x, strict=True):
        assert told.get(pair, 0.0) == pytest.approx(x, abs=0.01), pair


# ---- what was planted comes back


def planted(nodes: int, edges: int, rng: np.random.Generator) -> np.ndarray:
    rate = np.zeros((nodes, nodes))
    every = [(a, b) for a in range(nodes) for b in range(nodes) if a != b]
    for a, b in (every[i] for i in rng.choice(len(every), edges, replace=False)):
        rate[a, b] = rng.uniform(0.3, 1.5)
    return rate


def area(score: np.ndarray, truth: np.ndarray) -> float:
    """Chance that an edge scores above a pair that is none, ties half (Mann and Whitney 1947)."""
    off = ~np.eye(len(truth), dtype=bool)
    yes, no = score[off & (truth > 0)], score[off & (truth == 0)]
    return float(((yes[:, None] > no) + 0.5 * (yes[:, None] == no)).mean())


def matrix(network: InferredNetwork, name: str, nodes: int) -> np.ndarray:
    found = np.zeros((nodes, nodes))
    ids = network.spread.ids.astype(int)
    found[ids[network.spread.source], ids[network.spread.target]] = network.spread.edge_value(name)
    return found


def delays(shape: Transmission, rng: np.random.Generator) -> Callable[[float], float]:
    if isinstance(shape, ExponentialTransmission):
        return lambda r: rng.exponential(1 / r)
    if isinstance(shape, RayleighTransmission):
        return lambda r: float(np.sqrt(2 * rng.exponential(1 / r)))
    return lambda r: 0.3 * float(np.exp(min(rng.exponential(1 / r), 50)))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: type(s).__name__)
def test_a_planted_network_comes_back(shape: Transmission) -> None:
    rng = np.random.default_rng(7)
    truth = planted(20, 50, rng)
    runs = [continuous_cascade(rng, 20, truth, delays(shape, rng), i % 20, 4.0) for i in range(600)]
    network = infer_network(cascades_of(runs), shape, window=4)
    rate = matrix(network, "rate", 20)
    together = np.zeros((20, 20))  # the floor: how often one came before the other
    for run in runs:
        for u, a in run:
            for v, b in run:
                together[u, v] += a < b
    assert area(rate, truth) > 0.97 and area(rate, truth) > area(together, truth) + 0.04
    top = np.argsort(-rate, axis=None)[:50]
    precision = (truth.ravel()[top] > 0).mean()
    floor = (truth.ravel()[np.argsort(-together, axis=None)[:50]] > 0).mean()
    assert precision > 0.9 and precision > floor + 0.1 and floor > 50 / 380  # chance


def test_errors_shrink_as_data_grow() -> None:
    rng = np.random.default_rng(3)
    truth = planted(10, 25, rng)
    error = []
    for count in (100, 400, 1600):
        runs = [continuous_cascade(rng, 10, truth, lambda r: rng.exponential(1 / r), i % 10, 3.0) for i in range(count)]
        rate = matrix(infer_network(cascades_of(runs), window=3), "rate", 10)
        error.append(float(np.sqrt(((rate - truth) ** 2).mean())))
    assert error[1] < 0.75 * error[0] and error[2] < 0.75 * error[1]


def test_unreached_nodes_count_until_the_end_of_observation() -> None:
    rng = np.random.default_rng(12)
    truth = np.array([[0.0, 0.2], [0.0, 0.0]])
    runs = [continuous_cascade(rng, 2, truth, lambda r: rng.exponential(1 / r), 0, 2.0) for _ in range(3_000)]
    reached = sum(len(run) == 2 for run in runs)
    told = rates(infer_network(cascades_of(runs), window=2))[(0, 1)]
    assert abs(told - 0.2) < 4.5 * 0.2 / np.sqrt(reached)
    # a fit that takes the last activation for the end of observation makes it far too fast
    naive = rates(infer_network(cascades_of([run for run in runs if len(run) == 2]), window=2))[(0, 1)]
    assert naive > 0.2 + 4.5 * 0.2 / np.sqrt(reached)


def test_the_penalty_shrinks_what_rests_on_little() -> None:
    # ann reached bob once within 0.1; dee reached eve ten times within 1
    runs: list[Run] = [[("ann", 0.0), ("bob", 0.1)], *([[("dee", 0.0), ("eve", 1.0)]] * 10)]
    plain, shrunk = (rates(infer_network(cascades_of(runs), window=2, penalty=p)) for p in (0, 1))
    assert plain == {("ann", "bob"): pytest.approx(10), ("dee", "eve"): pytest.approx(1)}
    assert shrunk == {("ann", "bob"): pytest.approx(1 / 1.1), ("dee", "eve"): pytest.approx(10 / 11)}


def test_edges_that_hardly_pass_on_are_left_out() -> None:
    runs: list[Run] = [[("a", 0.0), ("b", 1.0)]] * 99 + [[("a", 0.0), ("c", 0.5), ("b", 1.0)]] + [[("c", 0.0)]] * 50
    assert set(rates(infer_network(cascades_of(runs), window=2))) == {("a", "b"), ("a", "c")}
    assert set(rates(infer_network(cascades_of(runs), window=2, least=2))) == {("a", "b")}


def test_threads_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    runs: list[Run] = [[(int(v), float(t)) for t, v in enumerate(rng.permutation(600)[:12])] for _ in range(200)]
    one, three = (infer_network(cascades_of(runs), window=20, threads=t) for t in (1, 3))
    assert one.spread.edge_value("rate").tobytes() == three.spread.edge_value("rate").tobytes()
    assert one.log_likelihood == three.log_likelihood


# ---- honesty and bad input


def test_known_until_goes_along() -> None:
    runs: list[Run] = [[("ann", 0), ("bob", 2)]]
    network = infer_network(cascades_of(runs, True, known_until=10))
    assert network.spread.known_until == 10 and rates(network) == {("ann", "bob"): pytest.approx(1 / 2)}
    assert "edges were inferred from times of activation" in network.spread.assumptions


GOOD: list[Run] = [[("ann", 0), ("bob", 2)]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "1 cascades have no end of observation, such as 'c0'"),
        ({"window": 0}, "window=0"),
        ({"window": np.inf}, "window=inf"),
        ({"window": 5, "penalty": -1}, "penalty=-1"),
        ({"window": 5, "least": float("nan")}, "least=nan"),
        ({"window": 5, "tolerance": -1}, "tolerance=-1"),
        ({"window": 5, "most_iterations": 0}, "most_iterations=0"),
        ({"window": 5, "most_pairs": 0}, "hold 1 pairs of members, expected at most 0"),
        ({"window": 1}, "no member came after another"),
        ({"window": 5, "transmission": RayleighTransmission}, "got transmission="),
        ({"window": 5, "transmission": "exponential"}, "got transmission='exponential'"),
    ],
)
def test_bad_settings(settings: dict, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        infer_network(cascades_of(GOOD), **settings)


def test_bad_data() -> None:
    with pytest.raises(SchemaError, match="got dict, expected a CascadeSet"):
        infer_network({}, window=1)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="got 0 cascades"):
        infer_network(cascades_of([]), window=1)
    for shortest in (0, -1, float("nan"), "1", True):
        with pytest.raises(SchemaError, match="got shortest="):
            PowerLawTransmission(shortest)  # type: ignore[arg-type]

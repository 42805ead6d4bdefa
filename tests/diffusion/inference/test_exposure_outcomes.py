"""Exposures and their outcomes, against the rule read edge by edge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.diffusion import SpreadGraph
from graphsocial.diffusion.inference.exposure_outcomes import exposure_outcomes
from graphsocial.diffusion.inference.observation_end import observation_end
from graphsocial.errors import SchemaError
from tests.diffusion.inference.cascade_worlds import Run, cascades_of, random_graph


def told(spread: SpreadGraph, runs: list[Run], window: float, end: float) -> tuple[list, list, set, int, int]:
    trials, failures = [0] * spread.num_edges, [0] * spread.num_edges
    events, alone, opened = set(), 0, 0
    for i, run in enumerate(runs):
        when: dict[object, float] = {}
        for name, moment in run:
            when[name] = min(moment, when.get(name, np.inf))
        first = min(moment for _, moment in run)
        for e in range(spread.num_edges):
            u, v = int(spread.source[e]), int(spread.target[e])
            if u not in when or when.get(v, np.inf) <= when[u]:
                continue
            hit = v in when and when[v] - when[u] <= window
            closed = end == np.inf or when[u] + window < end
            trials[e] += closed
            opened += not closed
            failures[e] += closed and not hit
            if hit:
                events.add((i, v, e, not closed))
        exposed = {(i, v) for i, v, _, _ in events}
        alone += sum(moment > first and (i, v) not in exposed and v < spread.num_nodes for v, moment in when.items())
    return trials, failures, events, alone, opened


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1.0, 2.0, 3.5, np.inf]), st.sampled_from([7.0, 9.0, np.inf]))
def test_every_exposure_as_read_edge_by_edge(seed: int, window: float, end: float) -> None:
    rng = np.random.default_rng(seed)
    spread = random_graph(rng, 6, 14)
    # ids 6 and 7 are not in the graph, ties and repeated members occur
    runs: list[Run] = [
        [(int(v), float(rng.integers(7))) for v in rng.integers(0, 8, rng.integers(1, 9))] for _ in range(4)
    ]
    runs.append([(0, 0.0)])
    outcomes = exposure_outcomes(cascades_of(runs), spread, window, None if end == np.inf else end)
    trials, failures, events, alone, opened = told(spread, runs, window, end)
    assert outcomes.trials.tolist() == trials and outcomes.failures.tolist() == failures
    assert (outcomes.alone, outcomes.censored) == (alone, opened)
    found = sorted(zip(outcomes.edge.tolist(), outcomes.still_open.tolist(), strict=True))
    assert found == sorted((e, still) for _, _, e, still in events)
    groups = [sorted(outcomes.edge[a:b].tolist()) for a, b in zip(outcomes.event[:-1], outcomes.event[1:], strict=True)]
    expected: dict[tuple[int, int], list[int]] = {}
    for i, v, e, _ in events:
        expected.setdefault((i, v), []).append(e)
    assert sorted(groups) == sorted(sorted(g) for g in expected.values())


def test_the_window_is_guessed_from_steps_alone() -> None:
    spread = SpreadGraph.from_edges([0, 1], [1, 2])
    in_steps = cascades_of([[(0, 0), (1, 1), (2, 2)]], steps=True)
    assert exposure_outcomes(in_steps, spread).window == 1
    assert exposure_outcomes(cascades_of([[(0, 0), (1, 1), (2, 2)]]), spread).window == np.inf
    assert exposure_outcomes(in_steps, spread, window=5).window == 5


def test_the_end_of_observation() -> None:
    runs: list[Run] = [[(0, 0), (1, 4)], [(0, 3)]]
    assert observation_end(cascades_of(runs))[0].tolist() == [np.inf, np.inf]
    assert observation_end(cascades_of(runs, True, known_until=9))[0].tolist() == [9, 9]
    assert observation_end(cascades_of(runs), np.array([5, 4]))[0].tolist() == [5, 4]
    end, notes = observation_end(cascades_of(runs, True))
    assert (end > [4, 3]).all() and (end < [4.1, 3.1]).all() and "2 censored cascades of unknown end" in notes[0]
    # of a run cut after step 4, exposures that began at 3 are known to have failed, those at 4 are not
    star = SpreadGraph.from_edges([0, 1], [2, 2])
    cut = exposure_outcomes(cascades_of([[(0, 3), (1, 4)]], True), star, window=1)
    assert cut.trials.tolist() == [1, 0] and cut.censored == 1


@pytest.mark.parametrize(
    ("until", "message"),
    [
        (4, "1 cascades have members at or after observed_until, such as 'c0' at 4, observed until 4"),
        (np.array([5, 5, 5]), "expected a time, or one for each of 2 cascades"),
        ("soon", "observed_until='soon'"),
        (float("nan"), "observed_until=nan"),
    ],
)
def test_an_end_that_makes_no_sense(until: object, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        observation_end(cascades_of([[(0, 0), (1, 4)], [(0, 3)]]), until)  # type: ignore[arg-type]

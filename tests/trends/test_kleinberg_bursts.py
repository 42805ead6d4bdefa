"""Kleinberg's automaton against every path, and planted bursts."""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, expon

from graphsocial import SocialGraph
from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.schema import Schema
from graphsocial.trends import burst_states, count_costs, gap_costs, kleinberg_bursts, level_bursts
from graphsocial.trends.top_per_window import TAG


def cheapest_by_enumeration(costs: np.ndarray, gamma: float) -> float:
    return min(path_cost(costs, path, gamma) for path in product(range(costs.shape[1]), repeat=len(costs)))


def path_cost(costs: np.ndarray, path, gamma: float) -> float:
    up = gamma * np.log(len(costs))
    rises = sum(max(after - before, 0) for before, after in zip((0, *path), path, strict=False))
    return float(sum(costs[step, state] for step, state in enumerate(path)) + up * rises)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=5),
    st.sampled_from([1.3, 2.0, 3.0]),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.integers(2, 3),
)
def test_no_path_is_cheaper_than_the_one_found(pairs, s, gamma, states):
    counts = np.array([min(pair) for pair in pairs])
    totals = np.array([max(pair) for pair in pairs])
    costs = count_costs(counts, totals, s, states)
    found = burst_states(costs, gamma)
    assert path_cost(costs, found, gamma) == pytest.approx(cheapest_by_enumeration(costs, gamma), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=6), st.sampled_from([1.5, 2.0]))
def test_no_path_over_gaps_is_cheaper(gaps, s):
    costs = gap_costs(np.array(gaps), s, states=3)
    found = burst_states(costs, 1.0)
    assert path_cost(costs, found, 1.0) == pytest.approx(cheapest_by_enumeration(costs, 1.0), abs=1e-9)


def test_costs_are_the_log_probabilities():
    counts, totals = np.array([1, 0, 4]), np.array([5, 2, 8])
    share = 5 / 15
    expected = [[-binom.logpmf(c, t, p) for p in (share, 2 * share)] for c, t in zip(counts, totals, strict=True)]
    assert count_costs(counts, totals) == pytest.approx(np.array(expected))
    gaps = np.array([2.0, 4.0, 6.0])
    expected = [[-expon.logpdf(gap, scale=4 / rate) for rate in (1, 3)] for gap in gaps]
    assert gap_costs(gaps, s=3, states=2) == pytest.approx(np.array(expected))


def test_a_burst_inside_a_burst_is_found():
    rng = np.random.default_rng(5)
    gaps = np.concatenate([rng.exponential(mean, size) for mean, size in [(600, 80), (60, 60), (6, 60), (600, 80)]])
    costs = gap_costs(gaps, s=3)
    found = level_bursts(costs, burst_states(costs))
    first = [(burst.first, burst.last) for burst in found if burst.level == 1]
    assert any(abs(start - 80) <= 6 and abs(end - 199) <= 6 for start, end in first)
    deepest = max(found, key=lambda burst: burst.level)
    assert abs(deepest.first - 140) <= 12 and deepest.last <= 200 and deepest.level >= 3
    assert all(burst.weight > 0 for burst in found)


def test_steady_counts_and_a_rise_of_everything_are_no_burst():
    totals = np.array([10, 10, 100, 100, 10])
    costs = count_costs(totals // 5, totals)
    assert burst_states(costs).tolist() == [0] * 5 and level_bursts(costs, burst_states(costs)) == []
    assert burst_states(count_costs(np.zeros(4), np.zeros(4))).tolist() == [0] * 4
    assert burst_states(np.zeros((0, 2))).tolist() == []


def graph_of(times_by_tag):
    rows = [(tag, time) for tag, times in times_by_tag.items() for time in times]
    table = pa.table(
        {"src": [f"p{i}" for i in range(len(rows))], "dst": [tag for tag, _ in rows], "time": [t for _, t in rows]}
    )
    return SocialGraph.build(Schema({"post": {}, "hashtag": {}}, {TAG: {}}), {}, {TAG: table})


def test_a_planted_burst_of_a_hashtag_is_the_heaviest_and_erasing_the_future_changes_nothing():
    rng = np.random.default_rng(2)
    usual = {tag: rng.integers(0, 100 * 60, 100).tolist() for tag in ("sun", "moon", "rain")}
    usual["rain"] += rng.integers(40 * 60, 45 * 60, 60).tolist()
    graph = graph_of(usual)
    found = kleinberg_bursts(graph, 0, 100 * 60, width_seconds=60)
    assert found.node[0] == "rain" and abs(found.start[0] - 2400) <= 60 and abs(found.end[0] - 2700) <= 60
    assert len(found.to_polars()) == len(found) and "as of" in repr(found)
    assert found.plot() is not None
    cut = 60 * 60
    earlier = graph_of({tag: [time for time in times if time < cut] for tag, times in usual.items()})
    seen, erased = (kleinberg_bursts(view, 0, cut, width_seconds=60) for view in (graph.as_of(cut), earlier))
    assert repr(seen) == repr(erased) and seen.weight.tolist() == erased.weight.tolist()


def test_bad_input_is_named():
    with pytest.raises(SchemaError, match="count <= total"):
        count_costs(np.array([3]), np.array([2]))
    with pytest.raises(SchemaError, match="s above 1"):
        count_costs(np.array([1]), np.array([2]), s=1)
    with pytest.raises(SchemaError, match="gaps >= 0"):
        gap_costs(np.array([-1.0]))
    with pytest.raises(SchemaError, match="gamma"):
        burst_states(np.zeros((2, 2)), gamma=-1)
    graph = graph_of({"sun": [1, 2, 3]})
    with pytest.raises(SchemaError, match="minimum"):
        kleinberg_bursts(graph, 0, 10, width_seconds=10, minimum=0)
    with pytest.raises(TimeWindowError):
        kleinberg_bursts(graph.as_of(5), 0, 10, width_seconds=10)

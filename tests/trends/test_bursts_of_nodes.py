"""Bursts as a table against dense counts and scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.trends import Bursts, bursts, counts_per_window, find_bursts
from tests.graph.worlds import TAG, random_world
from tests.trends.test_top_per_window import random_tags, tagged


def rows(found: Bursts) -> list[tuple]:
    return [tuple(row) for row in found.to_polars().rows()]


def test_golden() -> None:
    """ice: 1, then 3 and 4 where the windows before had 1 and 2 on average; fog comes once, out of nothing."""
    times = [(0, "ice"), *((t, "ice") for t in (10, 11, 12)), *((t, "ice") for t in (20, 21, 22, 23)), (31, "fog")]
    graph = tagged(times)
    # (3 - 1) / sqrt(2) = 1.414; (4 - 2) / sqrt(3) = 1.155; fog: (1 - 0) / 1 = 1
    found = rows(bursts(graph, TAG, 10, threshold=1.1, minimum=2))
    assert found == [("ice", 10, 30, 7, pytest.approx(2 / 2**0.5))]
    assert rows(bursts(graph, TAG, 10, threshold=1.2, minimum=2)) == [("ice", 10, 20, 3, pytest.approx(2 / 2**0.5))]
    assert [row[0] for row in rows(bursts(graph, TAG, 10, threshold=1.0, minimum=1))] == ["ice", "fog"]


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(0, 120), st.integers(3, 30), st.integers(1, 5),
    st.sampled_from([-0.5, 0.0, 0.7, 1.5]), st.integers(1, 3),
)  # fmt: skip
def test_against_dense_counts(seed: int, count: int, width: int, history: int, threshold: float, minimum: int) -> None:
    graph = random_tags(seed, count)
    end = -(-100 // width) * width
    dense = counts_per_window(graph, TAG, width_seconds=width, start=0, end=end)
    ids = graph.node_ids("hashtag")
    expected = [
        (ids[b.node], b.start, b.end, b.count, pytest.approx(b.score))
        for b in find_bursts(dense, history, threshold, minimum)
    ]
    assert rows(bursts(graph, TAG, width, 0, end, "dst", history, threshold, minimum)) == expected


@pytest.mark.parametrize("t", [30, 50, 90])
def test_what_comes_later_changes_nothing(t: int) -> None:
    for seed in range(12):
        world = random_world(seed, edges=40)
        views = world.graph().as_of(t), world.erased(t).graph().as_of(t)
        ours, theirs = (rows(bursts(view, TAG, 7, threshold=0.5, minimum=1)) for view in views)
        assert ours == theirs


def test_wrong_requests_say_what_is_wrong() -> None:
    graph = tagged([(0, "sun"), (12, "sun")])
    with pytest.raises(SchemaError, match="threshold='high', expected a number"):
        bursts(graph, TAG, threshold="high")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="minimum=0, expected a whole number of at least 1"):
        bursts(graph, TAG, minimum=0)
    with pytest.raises(SchemaError, match="unknown edge type"):
        bursts(graph, ("post", "tags", "hashtag"))
    with pytest.raises(TimeWindowError, match="lies after this view's own end"):
        bursts(graph.as_of(10), TAG, 10, 0, 20)
    nothing = bursts(graph.as_of(0), TAG, 10)
    assert len(nothing) == 0 and nothing.to_polars().is_empty()
    assert np.issubdtype(nothing.count.dtype, np.integer)


def test_the_plot_names_the_nodes() -> None:
    graph = tagged([(0, "ice"), (10, "ice"), (11, "ice"), (12, "ice")])
    axes = bursts(graph, TAG, 10, threshold=1, minimum=2).plot()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["ice"]

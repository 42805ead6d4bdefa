"""Edges in order of time, source, target and whether the time was recorded, whatever shares a moment."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.graph import build
from graphsocial.graph.build import _time_order

NODES = 5


@given(st.data(), st.sampled_from([1, 2, 10, 100, 1000]), st.integers(0, 60))
def test_is_that_of_comparing_all_keys(data: st.DataObject, moments: int, count: int) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    time, src, dst = rng.integers(0, moments, count), rng.integers(0, NODES, count), rng.integers(0, NODES, count)
    recorded = rng.random(count) < data.draw(st.sampled_from([0.0, 0.5, 1.0]))
    expected = np.lexsort((recorded, dst, src, time))
    assert _time_order(src, dst, time, recorded, NODES, NODES).tolist() == expected.tolist()


def test_the_ends_decide_only_among_edges_of_one_moment() -> None:
    src, dst, time = np.array([3, 2, 1, 1, 0]), np.array([0, 0, 4, 1, 0]), np.array([7, 5, 5, 5, 9])
    recorded = np.ones(5, dtype=bool)
    order = _time_order(src, dst, time, recorded, NODES, NODES)
    assert order.tolist() == [3, 2, 1, 0, 4]
    assert build.SHARED == 0.5  # three of five share a moment: all were sorted by their ends
    longer = np.arange(10, 20)
    order = _time_order(np.r_[src, np.zeros(10, int)], np.r_[dst, np.zeros(10, int)], np.r_[time, longer],
                        np.ones(15, dtype=bool), NODES, NODES)  # fmt: skip
    assert order.tolist() == [3, 2, 1, 0, *range(4, 15)]

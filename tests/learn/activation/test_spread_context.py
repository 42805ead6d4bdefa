"""What is known of a spread so far, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import LeakageError
from graphsocial.learn.activation.candidate_edges import USER_CHANNELS, candidate_edges
from graphsocial.learn.activation.exposure_rows import Windows
from graphsocial.learn.activation.spread_context import SPREAD_CHANNELS, spread_context
from tests.learn.activation.worlds import DAY, THREE, record_of


def test_three_cascades_by_hand() -> None:
    record = record_of(THREE)
    edges = candidate_edges(record, 3 * DAY, {})  # dee is not known, nor that she acted
    asked = Windows([0, 0, 2], [3 * DAY, 4 * DAY, 8 * DAY + 3600], [9 * DAY] * 3)
    context = spread_context(record, edges, asked)
    assert context.shape == (3, len(SPREAD_CHANNELS) + 2 * len(USER_CHANNELS)) and context.dtype == np.float32
    ann, bob, cy = edges.user[:3]
    log = np.log
    expected = [
        [log(3), log(73), log(49), 0, *ann, *(ann + bob + cy) / 3],
        [log(4), log(97), log(25), 1 / 4, *ann, *(ann + bob + cy) / 3],
        [log(3), log(50), log(2), 1 / 3, *cy, *(cy + bob) / 2],
    ]
    assert context == pytest.approx(np.array(expected), rel=1e-5, abs=1e-6)


def test_a_root_that_nobody_knows_has_no_channels() -> None:
    record = record_of({"p": [("ann", 0)], "q": [("new", 50), ("ann", 60)], "r": [("newer", 55)]})
    edges = candidate_edges(record, 10, {})
    context = spread_context(record, edges, Windows([1, 2], [70, 70], [99, 99]))
    assert (context[0, 4:12] == 0).all() and context[0, 12:].tolist() == edges.user[0].tolist()
    assert context[:, 3].tolist() == [0.5, 1.0] and (context[1, 4:] == 0).all()


def test_before_anybody_acted_all_is_zero() -> None:
    record = record_of(THREE)
    context = spread_context(record, candidate_edges(record, DAY, {}), Windows([1], [4 * DAY], [5 * DAY]))
    assert (context == 0).all()
    assert spread_context(record, candidate_edges(record, 0, {}), Windows([], [], [])).shape == (0, 20)


def test_a_graph_that_knows_more_is_refused() -> None:
    record = record_of(THREE)
    with pytest.raises(LeakageError, match="the candidate edges know what came before"):
        spread_context(record, candidate_edges(record, DAY, {}), Windows([0], [DAY - 1], [DAY]))

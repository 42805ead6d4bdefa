"""Ranks, lists and metrics, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.learn.recommendation.evidence import Candidates
from graphsocial.learn.recommendation.evidence_kernel import CHANNELS
from graphsocial.learn.recommendation.ranked import METRICS, coverage, ranked


def three_targets() -> Candidates:
    """Posts 0-3, of which the right ones are post 2, none of the candidates, and post 1; the last has one choice."""
    post = np.array([0, 1, 2, 3, 0, 1, 1])
    channel = np.zeros((7, len(CHANNELS)), dtype=np.float32)
    channel[:, 0] = np.log(1 + np.array([3, 0, 0, 3, 0, 0, 5]))
    return Candidates(
        offsets=np.array([0, 4, 6, 7]),
        post=post,
        weight=np.zeros(7, dtype=np.float32),
        channel=channel,
        right=np.array([2, -1, 6]),
        own_offsets=np.zeros(4, dtype=np.int64),
        own=np.zeros(0, dtype=np.int64),
    )


def test_middle_ranks_a_miss_and_a_single_candidate() -> None:
    found = ranked(three_targets(), np.array([5.0, 1.0, 1.0, 1.0, 2.0, 3.0, 0.0]))
    assert found.rank.tolist() == [3.0, np.inf, 1.0]  # one above, then places 2, 3 and 4 shared
    assert found.gains[:, METRICS.index("hr@10")].tolist() == [1, 0, 1]
    assert found.gains[:, METRICS.index("ndcg@10")] == pytest.approx([0.5, 0, 1])
    assert found.gains[:, METRICS.index("hr@1")].tolist() == [0, 0, 1]
    assert found.gains[:, METRICS.index("mrr")] == pytest.approx([1 / 3, 0, 1])


def test_lists_show_the_best_first_and_of_level_ones_the_latest() -> None:
    found = ranked(three_targets(), np.array([5.0, 1.0, 1.0, 2.0, 2.0, 3.0, 0.0]))
    assert found.shown[0, :5].tolist() == [0, 3, 2, 1, -1]
    assert found.shown[1, :3].tolist() == [1, 0, -1] and found.shown[2, :2].tolist() == [1, -1]
    # shares 4, 1, 1, 4 of 10; two halves; all there is
    bits = [(2 * np.log2(10 / 4) + 2 * np.log2(10)) / 4, 1.0, 0.0]
    assert found.surprise == pytest.approx(bits, abs=1e-6)
    assert coverage(found.shown, three_targets()) == 1.0
    assert coverage(found.shown[:, :1], three_targets()) == 0.5


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(SchemaError, match="1 of them no number"):
        ranked(three_targets(), np.array([5.0, np.nan, 1.0, 2.0, 2.0, 3.0, 0.0]))
    with pytest.raises(SchemaError, match="expected 7 finite"):
        ranked(three_targets(), np.zeros(3))

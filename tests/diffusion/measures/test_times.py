from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.diffusion.measures.ages import ages, durations
from graphsocial.diffusion.measures.inter_event_times import inter_event_times
from graphsocial.diffusion.measures.time_to_share import time_to_share
from graphsocial.errors import SchemaError
from graphsocial.schema import UNKNOWN_TIME
from tests.diffusion.measures.forests import EMPTY, cascades_of, forests


def test_golden_with_ties_and_members_out_of_order() -> None:
    cascades = cascades_of([[-1, 0, 0, 1, 0], [-1], [-1, 0]], [[100, 130, 110, 130, 103], [7], [5, 5]])
    assert ages(cascades).tolist() == [0, 30, 10, 30, 3, 0, 0, 0]
    assert durations(cascades).tolist() == [30, 0, 0]
    gaps = inter_event_times(cascades)
    assert gaps.tolist() == pytest.approx([np.nan, 20, 7, 0, 3, np.nan, np.nan, 0], nan_ok=True)
    assert time_to_share(cascades).tolist() == [10, 0, 0]  # the third of five
    assert time_to_share(cascades, 1).tolist() == [30, 0, 0]
    assert time_to_share(cascades, 0.4).tolist() == [3, 0, 0]  # the second
    assert time_to_share(cascades, 0.01).tolist() == [0, 0, 0]


def test_rounding_of_the_share_adds_no_member() -> None:
    assert 0.28 * 25 > 7
    assert time_to_share(cascades_of([[-1] * 25], [list(range(25))]), 0.28).tolist() == [6], "the seventh"


def test_times_of_rates_stay_fractions() -> None:
    cascades = cascades_of([[-1, 0, 1]], [[0.0, 0.25, 1.75]])
    assert inter_event_times(cascades).tolist() == pytest.approx([np.nan, 0.25, 1.5], nan_ok=True)
    assert time_to_share(cascades).tolist() == [0.25]


def test_half_of_a_censored_cascade_is_not_known() -> None:
    cascades = cascades_of([[-1, 0, 0, 0]] * 2, [[0, 1, 5, 9]] * 2, censored=[True, False])
    assert time_to_share(cascades).tolist() == pytest.approx([np.nan, 1], nan_ok=True)
    assert time_to_share(cascades, lower_bound=True).tolist() == [1, 1]


def test_a_root_without_a_time_was_there_from_the_start_and_others_make_a_cascade_unknown() -> None:
    unknown = UNKNOWN_TIME
    cascades = cascades_of([[-1, 0, 0], [-1, 0, 0], [-1]], [[unknown, 50, 80], [10, unknown, 30], [unknown]])
    assert ages(cascades).tolist() == pytest.approx([0, 0, 30, 0, np.nan, 20, np.nan], nan_ok=True)
    assert durations(cascades).tolist() == pytest.approx([30, np.nan, np.nan], nan_ok=True)
    assert time_to_share(cascades, 1).tolist() == pytest.approx([30, np.nan, np.nan], nan_ok=True)
    assert time_to_share(cascades).tolist() == pytest.approx([0, np.nan, np.nan], nan_ok=True)
    assert inter_event_times(cascades).tolist() == pytest.approx(
        [np.nan, 0, 30, np.nan, np.nan, 20, np.nan], nan_ok=True
    )


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=8), min_size=1, max_size=4), st.floats(0.01, 1))
def test_equals_a_loop(clocks: list[list[int]], share: float) -> None:
    cascades = cascades_of([[-1] * len(clock) for clock in clocks], clocks)
    gaps = inter_event_times(cascades)
    for i, clock in enumerate(clocks):
        ordered = sorted(clock)
        assert time_to_share(cascades, share)[i] == ordered[math.ceil(share * len(clock) - 1e-9) - 1] - ordered[0]
        mine = gaps[cascades.offsets[i] : cascades.offsets[i + 1]]
        assert sorted(mine[~np.isnan(mine)]) == sorted(np.diff(ordered))


@given(forests())
def test_times_do_not_depend_on_when_a_cascade_began(parents: list[int]) -> None:
    clock = np.random.default_rng(len(parents)).integers(0, 99, len(parents)).tolist()
    now, later = cascades_of([parents], [clock]), cascades_of([parents], [[t + 1_000 for t in clock]])
    for measure in (ages, durations, inter_event_times, time_to_share):
        np.testing.assert_array_equal(measure(now), measure(later))


def test_no_cascade_and_no_member() -> None:
    for measure in (ages, durations, inter_event_times, time_to_share):
        assert measure(EMPTY).shape == (0,)
    assert durations(cascades_of([[], [-1]])).tolist() == pytest.approx([np.nan, 0], nan_ok=True)
    assert time_to_share(cascades_of([[], [-1], []])).tolist() == pytest.approx([np.nan, 0, np.nan], nan_ok=True)


@pytest.mark.parametrize("share", [0, -0.1, 1.1, float("nan"), "half", True])
def test_shares_that_make_no_sense(share: object) -> None:
    with pytest.raises(SchemaError, match=r"expected a number in \(0, 1\]"):
        time_to_share(cascades_of([[-1]]), share)  # type: ignore[arg-type]

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.diffusion.measures.growth import growth
from graphsocial.diffusion.measures.mean_growth import mean_growth
from graphsocial.diffusion.measures.seen_by_age import seen_by_age
from graphsocial.diffusion.measures.watched_lengths import watched_lengths
from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet
from graphsocial.schema import UNKNOWN_TIME
from tests.diffusion.measures.forests import EMPTY, cascades_of


@given(
    st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=8), min_size=1, max_size=4),
    st.lists(st.integers(0, 25), min_size=1, max_size=6, unique=True).map(sorted),
)
def test_counts_who_came_by_each_time(clocks: list[list[int]], times: list[int]) -> None:
    found = growth(cascades_of([[-1] * len(c) for c in clocks], clocks), times)
    expected = [[sum(t - min(clock) <= moment for t in clock) for moment in times] for clock in clocks]
    assert found.tolist() == expected


def test_a_view_watches_a_cascade_from_its_start_to_what_the_view_knows() -> None:
    cascades = cascades_of([[-1, 0], [-1, 0]], [[10, 14], [17, 18]], [True, True], known_until=21)
    assert watched_lengths(cascades).tolist() == [10, 3]  # nothing of second 21 is known
    assert growth(cascades, [0, 3, 4, 10, 11]).tolist() == pytest.approx(
        np.array([[1, 1, 2, 2, np.nan], [1, 2, np.nan, np.nan, np.nan]]), nan_ok=True
    )


def test_beyond_the_horizon_nobody_is_at_risk_not_even_the_finished() -> None:
    cascades = cascades_of([[-1, 0], [-1]], [[0, 5], [0]], [True, False])
    found = growth(cascades, [5, 6], watched=5)
    assert found.tolist() == pytest.approx(np.array([[2, np.nan], [1, np.nan]]), nan_ok=True)
    assert growth(cascades, [5]).tolist() == [[2], [1]]  # the last member was certainly seen
    with pytest.raises(SchemaError, match=r"1 of 2 cascades are censored.*pass watched="):
        growth(cascades, [5, 6])


def test_mean_is_plain_without_censoring() -> None:
    cascades = cascades_of([[-1, 0, 0], [-1, 0], [-1]], [[0, 2, 9], [5, 6], [1]])
    found = mean_growth(cascades, [0, 1, 2, 9], rng=0)
    assert found.mean.tolist() == pytest.approx([1, 4 / 3, 5 / 3, 2])
    assert found.at_risk.tolist() == [3, 3, 3, 3]
    assert (found.low <= found.mean).all() and (found.mean <= found.high).all()


def test_nelson_s_mean_cumulative_function_by_hand() -> None:
    # by 2: 1, 2 and 4 more; the third is watched to 3 only: by 6, 2 and 0 more of the others
    clocks = [[0, 1, 5, 6], [0, 1, 2], [0, 1, 1, 2, 2]]
    cascades = cascades_of([[-1, *[0] * (len(c) - 1)] for c in clocks], clocks, [True, True, True])
    found = mean_growth(cascades, [0, 2, 6, 7], rng=0, watched=np.array([6.0, 6.0, 3.0]))
    assert found.mean.tolist() == pytest.approx([1, 1 + 7 / 3, 1 + 7 / 3 + 2 / 2, np.nan], nan_ok=True)
    assert found.at_risk.tolist() == [3, 3, 2, 0]
    assert np.isnan(found.high[-1])


def test_censoring_that_knows_nothing_of_sizes_does_not_shift_the_mean() -> None:
    rng, count = np.random.default_rng(4), 6_000
    rate = rng.choice([0.2, 4.0], count)  # small and large cascades
    clocks = [np.cumsum(rng.exponential(1 / r, 60)) for r in rate]
    length = rng.uniform(1, 6, count)
    seen = [[0.0, *clock[clock <= end].tolist()] for clock, end in zip(clocks, length, strict=True)]
    cascades = cascades_of([[-1, *[0] * (len(s) - 1)] for s in seen], seen, [True] * count)
    found = mean_growth(cascades, [1, 2, 3, 4, 5], rng=0, watched=length, resamples=200)
    truth = 1 + 2.1 * found.time
    spread = (found.high - found.low) / (2 * 1.96)
    assert (np.abs(found.mean - truth) < 4.5 * spread).all()
    last_seen = np.array([len(s) for s in seen]).mean()
    assert last_seen < truth[-1] - 20 * spread[-1], "the sizes as seen would be far off"


def test_members_without_a_time_take_their_cascade_out() -> None:
    cascades = cascades_of([[-1, 0], [-1, 0]], [[0, UNKNOWN_TIME], [0, 1]])
    assert growth(cascades, [0, 1]).tolist() == pytest.approx(np.array([[np.nan] * 2, [1, 2]]), nan_ok=True)
    assert mean_growth(cascades, [0, 1], rng=0).mean.tolist() == [1, 2]


def test_no_cascade() -> None:
    assert growth(EMPTY, [0, 1]).shape == (0, 2)
    assert np.isnan(mean_growth(EMPTY, [0, 1], rng=0).mean).all()
    assert len(seen_by_age(EMPTY, 3)) == 0


def test_seen_by_age_cuts_members_with_all_who_descend_from_them() -> None:
    cascades = CascadeSet(
        [*"abcdef"],
        [-1, 0, 0, 1, 2, -1],
        [0, 9, 2, 3, 5, 7],
        [0, 5, 6],
        ["x", "y"],
        [False, False],
        marks={"recovered": np.arange(6.0)},
    )
    early = seen_by_age(cascades, 3)
    assert early.node.tolist() == ["a", "c", "f"], "d came at 3, but through b"
    assert early.parent.tolist() == [-1, 0, -1] and early.censored.tolist() == [True, False]
    assert early.marks["recovered"].tolist() == [0, 2, 5]
    assert seen_by_age(cascades, 99).size.tolist() == [5, 1]


def test_seen_by_age_leaves_out_what_was_watched_for_less() -> None:
    cascades = cascades_of([[-1, 0], [-1, 0], [-1]], [[10, 14], [17, 18], [19]], [True] * 3, known_until=21)
    assert seen_by_age(cascades, 3).names.tolist() == ["c0", "c1"]
    assert seen_by_age(cascades, 4).names.tolist() == ["c0"]
    assert seen_by_age(cascades, 3).censored.all()


@pytest.mark.parametrize("times", [[], [1, 1], [2, 1], [-1], [np.nan], [np.inf], "ab", [[1]]])
def test_times_that_make_no_sense(times: object) -> None:
    with pytest.raises(SchemaError, match="got times"):
        growth(cascades_of([[-1]]), times)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("watched", "said"),
    [
        (-1.0, "at least 0"),
        ([1.0, 2.0], "one number, or 1"),
        (np.nan, "at least 0"),
        ("long", "expected a number"),
        (3.0, "cascade 'c0' has a member 5 after its start, but watched says 3"),
    ],
)
def test_lengths_that_make_no_sense(watched: object, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        growth(cascades_of([[-1, 0]], [[0, 5]]), [1], watched=watched)  # type: ignore[arg-type]

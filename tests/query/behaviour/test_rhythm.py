from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.query import activity_rhythm
from graphsocial.query.behaviour.activity_rhythm import hour_of_week
from graphsocial.query.behaviour.burstiness import burstiness
from tests.query.behaviour.small_world import AUTHOR, FOLLOW, REPLY, REPOST, graph_of


@given(st.integers(-(10**10), 10**11), st.sampled_from([0, 8, -3.5, 5.75]))
def test_hours_are_those_of_the_calendar(time: int, offset: float) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time, hours=offset)
    assert hour_of_week(np.array([time]), offset)[0] == moment.weekday() * 24 + moment.hour


def test_acts_are_counted_once_a_second_and_only_with_their_time() -> None:
    day = 86_400
    graph = graph_of(
        [("p", "ann", 4 * day, "x"), ("q", "ann", 4 * day + 3_700, "x"), ("r", "ann", 11 * day, "x")],
        {REPLY: [("ann", "bob", 4 * day)], REPOST: [("ann", "p", None)], FOLLOW: [("ann", "bob", 77)]},
    )
    found = activity_rhythm(graph, "ann")
    assert found.acts == 3 and found.untimed == 1
    assert found.count[0, 0] == 2 and found.count[0, 1] == 1 and found.count.sum() == 3
    assert found.gap.tolist() == [3_700, 7 * day - 3_700]
    assert found.to_polars().rows() == [("Monday", 0, 2), ("Monday", 1, 1)]
    share = np.array([2, 1]) / 3
    assert found.entropy == pytest.approx(-(share * np.log2(share)).sum() + 1 / (6 * np.log(2)))
    assert "2 gaps are few" in repr(found) and "(UTC)" in repr(found) and "1 acts without a time" in repr(found)
    assert activity_rhythm(graph, "ann", utc_offset=-1).count[6, 23] == 2
    assert "UTC-1 h" in repr(activity_rhythm(graph, "ann", utc_offset=-1))
    assert activity_rhythm(graph.as_of(5 * day), "ann").acts == 2
    assert activity_rhythm(graph, "ann", [AUTHOR]).untimed == 0
    silent = activity_rhythm(graph, "bob")
    assert silent.acts == 0 and np.isnan(silent.entropy) and "too few acts" in repr(silent)


def test_burstiness_of_a_clock_of_chance_and_of_bursts() -> None:
    assert burstiness(np.full(9, 60)).plain == -1
    rng = np.random.default_rng(0)
    few = [burstiness(np.diff(np.sort(rng.uniform(0, 1, 11)), prepend=0, append=1)[1:-1]) for _ in range(1_000)]
    plain, corrected = (np.mean([getattr(b, name) for b in few]) for name in ("plain", "corrected"))
    assert plain < -0.08 and abs(corrected) < 0.05  # so few gaps look regular
    heavy = burstiness(rng.pareto(1.2, 5_000))
    assert heavy.plain > 0.4 and heavy.corrected == pytest.approx(heavy.plain, abs=0.05)
    gaps = np.array([1, 5, 2, 8, 3])
    ratio = gaps.std() / gaps.mean()
    assert burstiness(gaps).plain == pytest.approx((ratio - 1) / (ratio + 1))
    assert burstiness(gaps).memory == pytest.approx(np.corrcoef(gaps[:-1], gaps[1:])[0, 1])
    for nothing in ([], [3], [0, 0]):
        assert np.isnan(burstiness(np.array(nothing)).plain)


def test_questions_that_make_no_sense() -> None:
    graph = graph_of([("p", "ann", 1, "x")], {})
    with pytest.raises(UnknownNodeError, match="near ones: 'ann'"):
        activity_rhythm(graph, "anna")
    with pytest.raises(SchemaError, match="utc_offset"):
        activity_rhythm(graph, "ann", utc_offset=99)
    with pytest.raises(SchemaError, match="expected some that start at users"):
        activity_rhythm(graph, "ann", [])

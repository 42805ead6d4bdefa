"""Observed sequences: clocks, roots, ties, cuts, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet


def cascades(*times: list[int], known_until: int | None = None) -> CascadeSet:
    flat = [t for one in times for t in one]
    offsets = np.cumsum([0, *(len(one) for one in times)])
    names = [f"c{i}" for i in range(len(times))]
    nodes = [f"u{i}" for i in range(len(flat))]
    return CascadeSet(nodes, [-1] * len(flat), flat, offsets, names, [True] * len(names), known_until=known_until)


def test_plain_times() -> None:
    events = EventTimes.of([[1.0, 4.0], [], [2.5]], until=[5.0, 6.0, 7.0])
    assert events.age.tolist() == [1.0, 4.0, 2.5] and events.offsets.tolist() == [0, 2, 2, 3]
    assert events.until.tolist() == [5, 6, 7] and not events.root and events.num_explained == 3
    assert EventTimes.of(np.array([3, 4]), 9, start=1.0).age.tolist() == [2.0, 3.0]
    assert EventTimes.of([], 9).num_explained == 0
    assert EventTimes.of(events) is events


def test_roots_begin_the_clock() -> None:
    events = EventTimes.of([[10.0, 12.0], [20.0]], until=30.0, root=True)
    assert events.age.tolist() == [0.0, 2.0, 0.0] and events.until.tolist() == [20, 10] and events.num_explained == 1


def test_observed_cascades_are_sorted_clamped_and_end_where_they_are_known() -> None:
    found = EventTimes.of(cascades([100, 130, 90, 110], [500], known_until=600))
    assert found.root and found.until.tolist() == [500, 100] and found.known_until == 600
    # the member before the root counts at its time, half a second after it on a clock of whole seconds
    assert found.age.tolist() == [0.0, 0.5, 10.0, 30.0, 0.0]
    assert found.order.tolist() == [0, 2, 3, 1, 4]
    assert found.began is not None and found.began.tolist() == [100, 500]


def test_ties_are_spread_over_a_step_of_the_clock() -> None:
    found = EventTimes.of(cascades([0, 5, 5, 5, 5, 6]), until=6.5)
    assert found.age.tolist() == [0.0, 5.0, 5.25, 5.5, 5.75, 6.0]
    assert EventTimes.of([1.0, 1.0], 1.1, resolution=10.0).age.tolist() == pytest.approx([1.0, 1.05])
    with pytest.raises(
        SchemaError, match=r"events 0 and 1 of sequence 1 got the same time, 3 after its start; .*resol"
    ):
        EventTimes.of([[1.0], [3.0, 3.0]], 9.0)


def test_cut_is_what_was_known_at_an_age() -> None:
    events = EventTimes.of([[10.0, 12.0, 18.0], [20.0]], until=30.0, root=True)
    short = events.cut(8.0)
    assert short.age.tolist() == [0, 2, 0] and short.until.tolist() == [8, 8]  # the event at 8 is not before it
    assert events.cut(np.array([1.0, 99.0])).until.tolist() == [1, 10]
    with pytest.raises(SchemaError, match="cut at 0, expected seconds, more than 0"):
        events.cut(0)


def test_before_is_what_was_known_at_a_time() -> None:
    events = EventTimes.of(cascades([100, 110, 150], [140], [200, 210]), until=300)
    early = events.before(150)
    assert len(early) == 2 and early.age.tolist() == [0, 10, 0] and early.until.tolist() == [50, 10]
    assert early.known_until == 150 and events.known_until is None
    assert early.before(145).known_until == 145 and early.before(900).known_until == 150
    with pytest.raises(SchemaError, match="clock of their own, not UTC"):
        EventTimes.of([1.0], 2.0).before(1)


def test_erased_future_changes_no_bit() -> None:
    whole = cascades([100, 110, 150, 151], [140, 160], [200, 210])
    known = cascades([100, 110], [140])
    a, b = EventTimes.of(whole, until=300).before(150), EventTimes.of(known, until=150).before(150)
    for name in ("age", "offsets", "until", "order"):
        assert np.array_equal(getattr(a, name), getattr(b, name)) or name == "order"
    assert a.known_until == b.known_until


@pytest.mark.parametrize(
    ("times", "until", "message"),
    [
        ([1.0, 3.0, 2.0], 9.0, "event 2 of sequence 0 got time 2 after 3, expected ascending times"),
        ([1.0, math.nan], 9.0, "event 1 of sequence 0 got time nan, expected a finite number"),
        ([[1.0], [-2.0, 1.0]], 9.0, "event 0 of sequence 1 got time -2, expected at least 0, its start"),
        ([1.0, 9.0], 9.0, "event 1 of sequence 0 got time 9, expected less than 9, its until; EventTimes.cut"),
        ([1.0], None, "got no until="),
        ([1.0], 0.0, "until of sequence 0 got 0, expected more than 0"),
        ([1.0], math.nan, "got until=nan, expected a number, or 1 of them"),
        ([1.0], [1.0, 2.0], "expected a number, or 1 of them, one per sequence"),
        ("12", 9.0, "got str, expected times"),
        ([["a"]], 9.0, "sequence 0 of event times got list"),
        (7, 9.0, "got int, expected times"),
    ],
)
def test_bad_times(times: object, until: object, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        EventTimes.of(times, until)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_contradictions() -> None:
    events = EventTimes.of([1.0], 2.0)
    with pytest.raises(SchemaError, match="pass them alone"):
        EventTimes.of(events, 3.0)
    with pytest.raises(SchemaError, match="a clock begins at the root"):
        EventTimes.of([1.0], 2.0, root=True, start=0.0)
    with pytest.raises(SchemaError, match="sequence 1 has no event, expected its root first"):
        EventTimes.of([[1.0], []], 2.0, root=True)
    with pytest.raises(SchemaError, match="without roots got no start="):
        EventTimes.of(cascades([100, 110]), 200, root=False)
    with pytest.raises(SchemaError, match="say themselves what they know"):
        EventTimes.of(cascades([100], known_until=200), known_until=150)
    with pytest.raises(SchemaError, match="got resolution=-1"):
        EventTimes.of([1.0], 2.0, resolution=-1.0)

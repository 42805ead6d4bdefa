"""Reading, target, parts: by hand on a few cascades."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.graph import CascadeSet
from graphsocial.learn.cascade_size.duration import parse_duration
from graphsocial.learn.cascade_size.examples import size_examples
from graphsocial.learn.cascade_size.observed_events import observed_events
from graphsocial.learn.cascade_size.record import SizeRecord
from graphsocial.learn.cascade_size.split import REFITS, size_splits
from tests.learn.cascade_size.worlds import DAY, HOUR, random_record, record_of


def test_events_are_put_in_order_and_early_ones_count_at_the_root() -> None:
    ids = np.array(["r", "late", "early", "before"], dtype=object)
    record = SizeRecord.of(CascadeSet(ids, [-1, 0, 0, 2], [100, 160, 130, 90], [0, 4], ["x"], [False]))
    assert record.time.tolist() == [100, 130, 160]
    assert record.parent.tolist() == [1, -1, -1]
    assert record.events_before(np.array([160])).tolist() == [2]


def test_target_counts_between_window_and_horizon_half_open() -> None:
    record = record_of((0, [10, 3599, 3600, DAY - 1, DAY, 5 * DAY]))
    within, whole = size_examples(record, HOUR, DAY), size_examples(record, HOUR, None)
    assert within.observed.tolist() == [2]
    assert within.target.tolist() == [np.log2(3)]
    assert whole.target.tolist() == [np.log2(5)]


def test_a_parent_outside_the_window_counts_as_the_root() -> None:
    ids = np.array(["r", "a", "b", "c"], dtype=object)
    record = SizeRecord.of(CascadeSet(ids, [-1, 0, 1, 2], [0, 10, 20, 30], [0, 4], ["x"], [False]))
    events = observed_events(size_examples(record, 25, None))
    assert events.depth.tolist() == [1, 2]
    assert events.parent.tolist() == [-1, 0]


def test_legacy_uses_every_cascade_70_15_15() -> None:
    record = record_of(*[(i * HOUR, [1]) for i in range(20)])
    (split,) = size_splits(record, "legacy", 60, DAY)
    assert [len(split.train), len(split.valid), len(split.test)] == [14, 3, 3]
    assert split.immature == 0


def test_strict_keeps_only_answers_that_were_complete_and_counts_the_rest() -> None:
    record = record_of(*[(i * 10 * HOUR, [1]) for i in range(20)], (10**7, []))
    (split,) = size_splits(record, "strict", 60, DAY)
    starts = record.start
    assert split.valid.cascade.tolist() == [14]  # 15 and 16 end after test cascade 17 starts
    assert (split.train.end <= starts[14]).all() and len(split.train) == 12
    assert split.immature == 4
    assert split.censored == 1  # the very last cascade: nothing after it is recorded
    assert (split.test.known_before <= split.fitted_at).all()
    assert split.known_until <= split.fitted_at


def test_prequential_refits_at_the_start_of_each_block() -> None:
    record = random_record(100)
    splits = size_splits(record, "prequential", HOUR, DAY)
    assert len(splits) == REFITS
    whole = np.concatenate([split.test.cascade for split in splits])
    assert whole.tolist() == list(range(85, 85 + len(whole)))
    for split in splits:
        assert split.fitted_at == record.start[split.test.cascade[0]]
        assert max(split.train.end.max(), split.valid.end.max()) <= split.fitted_at
        assert split.train.end.max() <= record.start[split.valid.cascade[0]]
        assert (split.test.known_before == split.test.as_of).all()


def test_bad_input_is_named() -> None:
    record = record_of(*[(i, [1]) for i in range(20)], (10**7, []))
    with pytest.raises(SchemaError, match="Did you mean 'strict'"):
        size_splits(record, "strickt", HOUR, DAY)
    with pytest.raises(SchemaError, match="at least 4"):
        size_splits(record_of((0, [1]), (5, [2])), "legacy", HOUR, DAY)
    with pytest.raises(TimeWindowError, match="nothing to predict"):
        size_splits(record, "strict", DAY, HOUR)
    with pytest.raises(SchemaError, match="no cascade"):
        SizeRecord.of(CascadeSet(np.zeros(0, dtype=object), [], [], [0], [], []))


# 20 cascades 10 h apart: 14 train, 3 validate from 140 h on, the test part starts at 170 h and the record ends at 191 h
@pytest.mark.parametrize(
    ("protocol", "observe", "horizon", "said"),
    [
        ("strict", HOUR, 31 * HOUR, "for validation: got 0 of 3 whose answer, 111600 s after their start, is complete"),
        ("strict", HOUR, 31 * HOUR, f"the test part starts; expected at least 1, .* horizon of at most {30 * HOUR} s$"),
        ("strict", 30 * HOUR, 31 * HOUR, f"at most {30 * HOUR} s and a shorter observation than {30 * HOUR} s$"),
        ("strict", HOUR, 22 * HOUR, f"for test: got 0 of 3 .* the record ends; .* at most {21 * HOUR + 1} s$"),
        ("prequential", HOUR, 151 * HOUR, f"got 2 of 17 .* at least 3, .* at most {150 * HOUR} s$"),
    ],
)
def test_too_long_a_horizon_says_which_one_would_do(protocol: str, observe: int, horizon: int, said: str) -> None:
    record = record_of(*[(i * 10 * HOUR, [HOUR]) for i in range(20)])
    with pytest.raises(SchemaError, match=said):
        size_splits(record, protocol, observe, horizon)


def test_the_longest_horizon_that_an_error_names_is_enough() -> None:
    record = record_of(*[(i * 10 * HOUR, [HOUR]) for i in range(20)], (10**7, []))
    (split,) = size_splits(record, "strict", HOUR, 30 * HOUR)
    assert split.valid.cascade.tolist() == [14]
    with pytest.raises(SchemaError, match=f"at most {30 * HOUR} s$"):
        size_splits(record, "strict", HOUR, 30 * HOUR + 1)


def test_no_horizon_is_named_where_none_would_do() -> None:
    with pytest.raises(SchemaError, match="which no horizon allows"):
        size_splits(record_of(*[(0, [1]) for _ in range(20)], (10**7, [])), "strict", HOUR, DAY)


@pytest.mark.parametrize("text", ["", "soon", "-1h", "0h", "1y", "1h30m", "9" * 40])
def test_an_unreadable_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(TimeWindowError, match="length of time"):
        parse_duration(text)


def test_newest_cascades_keep_their_events_and_parents() -> None:
    record = random_record(12)
    few = record.newest(3)
    whole, part = size_examples(record, HOUR, DAY), size_examples(few, HOUR, DAY)
    assert part.target.tolist() == whole.target[-3:].tolist()
    assert observed_events(part).depth.tolist() == observed_events(whole.take(np.arange(9, 12))).depth.tolist()

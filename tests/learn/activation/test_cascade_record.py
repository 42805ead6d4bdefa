"""Numbers of users and order of cascades, by hand and by definition."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet
from graphsocial.learn.activation.cascade_record import CascadeRecord
from tests.learn.activation.worlds import cascade_set, first_events, random_world, record_of


@pytest.mark.parametrize("seed", range(20))
def test_the_record_is_what_its_definition_says(seed: int) -> None:
    world = random_world(seed)
    record, expected = record_of(world), first_events(world)
    assert record.names.tolist() == list(expected)
    held = [
        [*zip(record.ids[record.user[a:b]], record.time[a:b].tolist(), strict=True)]
        for a, b in zip(record.offsets[:-1], record.offsets[1:], strict=True)
    ]
    assert held == list(expected.values())
    known = {}
    for user, when in sorted((when, user) for members in world.values() for user, when in members):
        known.setdefault(when, user)
    assert record.ids.tolist() == sorted(known, key=lambda user: (known[user], user))
    assert record.first_seen.tolist() == sorted(known.values())
    assert [list(world)[i] for i in record.place] == list(expected)
    assert record.start.tolist() == [members[0][1] for members in expected.values()]
    assert record.cascade.tolist() == [c for c, members in enumerate(expected.values()) for _ in members]


def test_members_of_the_same_second_keep_the_order_they_are_listed_in() -> None:
    record = record_of({"p": [("zoe", 5), ("late", 9), ("ann", 5)]})
    assert record.ids[record.user].tolist() == ["zoe", "ann", "late"]
    assert record.ids.tolist() == ["ann", "zoe", "late"], "numbers go by id where the time is the same"


def test_a_repeated_user_counts_once_with_the_first_event() -> None:
    record = record_of({"p": [("ann", 9), ("bob", 4), ("ann", 2), ("bob", 4)]})
    assert record.ids[record.user].tolist() == ["ann", "bob"] and record.time.tolist() == [2, 4]


def test_others_are_numbered_by_when_they_became_known() -> None:
    world = {"p": [("ann", 10), ("bob", 20)]}
    record = record_of(world, {"zed": 15, "bob": 12, "ann": 99, "amy": 15, 7: 10})
    assert record.ids.tolist() == ["7", "ann", "bob", "amy", "zed"]
    assert record.first_seen.tolist() == [10, 10, 12, 15, 15]
    assert record.ids[record.user].tolist() == ["ann", "bob"] and record.time.tolist() == [10, 20]
    assert [record.known(t) for t in (10, 11, 13, 15, 16)] == [0, 2, 3, 3, 5]
    assert record.numbers(["zed", "nobody", 7]).tolist() == [4, -1, 0]
    assert record_of(world, {}).ids.tolist() == record_of(world).ids.tolist() == ["ann", "bob"]


def test_an_author_nobody_recorded_is_no_user() -> None:
    record = record_of({"p": [("", 1), ("ann", 5), ("", 6)], "nobody": [("", 0)], "q": [("bob", 3)]})
    assert record.ids.tolist() == ["bob", "ann"] and record.names.tolist() == ["q", "p"]
    assert record.place.tolist() == [2, 0]


def test_ids_of_any_kind_are_text() -> None:
    record = CascadeRecord.of(CascadeSet(np.array([10, 9], dtype=object), [-1, 0], [1, 1], [0, 2], ["p"], [False]))
    assert record.ids.tolist() == ["10", "9"] and record.numbers([9, "10"]).tolist() == [1, 0]


def test_an_empty_cascade_is_left_out() -> None:
    record = CascadeRecord.of(CascadeSet(["a"], [-1], [5], [0, 0, 1, 1], ["x", "y", "z"], [False] * 3))
    assert record.names.tolist() == ["y"] and record.place.tolist() == [1] and record.offsets.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("cascades", "says"),
    [
        ([("ann", 1)], "got list, expected a CascadeSet"),
        (CascadeSet([], [], np.zeros(0, int), [0], [], []), "no cascade with a known member"),
        (CascadeSet([""], [-1], [1], [0, 1], ["p"], [False]), "no cascade with a known member"),
        (CascadeSet(["a"], [-1], [0.5], [0, 1], ["p"], [False]), "simulated times"),
    ],
)
def test_what_cannot_be_read(cascades: object, says: str) -> None:
    with pytest.raises(SchemaError, match=says):
        CascadeRecord.of(cascades)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("others", "says"),
    [(["ann"], "others got list"), ({"ann": 1.5}, "1.5 for 'ann'"), ({"ann": True}, "True"), ({"": 3}, "the id ''")],
)
def test_others_that_cannot_be_read(others: object, says: str) -> None:
    with pytest.raises(SchemaError, match=says):
        CascadeRecord.of(cascade_set({"p": [("ann", 1)]}), others)  # type: ignore[arg-type]

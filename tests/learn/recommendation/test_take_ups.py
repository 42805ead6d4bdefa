"""Posts and events in order, what is left out, and who is asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.learn.recommendation.groups import events_before, target_groups
from graphsocial.learn.recommendation.take_ups import TakeUps
from graphsocial.learn.recommendation.targets import recommendation_split
from graphsocial.schema import UNKNOWN_TIME
from tests.learn.recommendation.worlds import Rows, random_rows


def column(text: str) -> np.ndarray:
    return np.array(text.split(), dtype=object)


def test_what_is_left_out_is_counted_by_what_was_wrong() -> None:
    made = TakeUps.of(
        column("p q r"),
        column("ann bob cy"),
        np.array([10, 20, UNKNOWN_TIME]),
        column("dee dee dee dee dee"),
        column("p p q r s"),
        np.array([11, UNKNOWN_TIME, 20, 30, 30]),
    )
    assert made.posts.tolist() == ["p", "q"] and len(made) == 1
    assert made.left_out == {
        "posts without a time": 1,
        "events of a post that is not there": 2,
        "events without a time": 1,
        "events not after the start of their post": 1,
    }


def test_nothing_left_is_said_with_what_was_wrong() -> None:
    with pytest.raises(SchemaError, match="1 events without a time"):
        TakeUps.of(column("p"), column("ann"), np.array([1]), column("bob"), column("p"), np.array([UNKNOWN_TIME]))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_first_and_earlier_agree_with_their_definitions(seed: int) -> None:
    made = random_rows(seed).record
    had: dict[str, dict[str, int]] = {}
    for name, author in zip(made.posts, made.author, strict=True):
        if author >= 0:
            had.setdefault(made.users[author], {})[name] = -1
    earlier = made.earlier()
    for e in range(len(made)):
        user, post, time = made.users[made.user[e]], made.posts[made.post[e]], int(made.time[e])
        mine = had.setdefault(user, {})
        assert made.first[e] == (post not in mine)
        if made.first[e]:
            assert earlier[e] == sum(0 <= when < time for when in mine.values())
            mine[post] = time


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(40, 110))
def test_an_earlier_record_is_the_front_of_the_whole_one(seed: int, hours: int) -> None:
    rows, now = random_rows(seed), hours * 3600
    whole = rows.record
    front = Rows(*rows).until(now)
    if not ((front.time != UNKNOWN_TIME) & np.isin(front.dst, front.post)).any():
        return
    part = front.record
    count = len(part)
    assert part.posts.tolist() == whole.posts[: len(part.posts)].tolist()
    assert part.users[part.user].tolist() == whole.users[whole.user[:count]].tolist()
    assert part.post.tolist() == whole.post[:count].tolist() and part.first.tolist() == whole.first[:count].tolist()
    assert part.earlier().tolist() == whole.earlier()[:count].tolist()


def test_the_parts_do_not_share_a_moment() -> None:
    made = random_rows(3, events=400).record
    split = recommendation_split(made)
    assert split.train.time.max() < split.valid_from <= split.valid.time.min()
    assert split.valid.time.max() < split.test_from == split.test.time.min()
    assert (split.test.earlier >= 2).all() and made.first[split.test.event].all()


def test_too_few_targets_are_refused_with_their_number() -> None:
    with pytest.raises(SchemaError, match="got 0"):
        recommendation_split(random_rows(0, events=400).record, earlier=50)


def test_groups_hold_every_target_once_and_cold_counts_what_came_before() -> None:
    made = random_rows(5, events=400).record
    asked = recommendation_split(made).test
    groups = target_groups(made, asked)
    assert np.sum([rows for name, rows in groups.items() if name.startswith("reposts=")], axis=0).tolist() == [1] * len(
        asked
    )
    brute = [
        int(((made.post == post) & (made.time < time)).sum()) for post, time in zip(asked.post, asked.time, strict=True)
    ]
    assert events_before(made, asked).tolist() == brute
    assert groups["cold"].tolist() == [count < 10 for count in brute]

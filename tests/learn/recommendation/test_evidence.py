"""Candidates and their evidence: against their definitions, and only from what came before the target."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.learn.recommendation.evidence import Candidates, affordable, read_candidates
from graphsocial.learn.recommendation.evidence_kernel import CHANNELS
from graphsocial.learn.recommendation.floors import FLOORS, floor_scores
from graphsocial.learn.recommendation.take_ups import TakeUps
from graphsocial.learn.recommendation.targets import AskedMoments, recommendation_split
from graphsocial.learn.recommendation.words import words_of_candidates
from tests.learn.recommendation.worlds import HOUR, random_rows

WINDOW = 20 * HOUR


def asked_of(record: TakeUps, earlier: int = 2) -> AskedMoments:
    past = record.earlier()
    event = np.flatnonzero(record.first & (past >= earlier))
    return AskedMoments(event, record.user[event], record.post[event], record.time[event], past[event])


def of_target(found: Candidates, target: int) -> slice:
    return slice(int(found.offsets[target]), int(found.offsets[target + 1]))


def brute(record: TakeUps, user: int, now: int) -> dict[int, dict[str, float]]:
    """Candidates of a user as of a time with some of their channels, written down as they are defined."""
    before = record.time < now
    mine = {p: int(t) for p, t in _firsts(record, before, user)}
    had = set(mine) | {int(p) for p in np.flatnonzero((record.author == user) & (record.start < now))}
    members = {
        p: {int(u) for u in record.user[before & record.first & (record.post == p)]} for p in range(len(record.posts))
    }
    out = {}
    for p in range(len(record.posts)):
        times = record.time[before & (record.post == p)]
        last = max([int(record.start[p]), *times.tolist()])
        if record.start[p] >= now or last < now - WINDOW or p in had:
            continue
        knn = [
            len((members[q] & members[p]) - {user}) / math.sqrt(len(members[q]) * len(members[p]))
            for q in mine
            if members[p]
        ]
        faded = [math.exp(-(now - t) / HOUR) for t in record.time[before & record.first & (record.post == p)].tolist()]
        authors = {int(record.author[q]) for q in mine} - {-1}
        out[p] = {
            "popularity": math.log(1 + int((times >= now - WINDOW).sum())),
            "start": -math.log(1 + (now - int(record.start[p])) / 60),
            "activity": -math.log(1 + (now - last) / 60),
            "ever": math.log(1 + len(times)),
            "fading_hour": math.log(1 + sum(faded)),
            "item_knn": math.log(1e-3 + sum(knn)),
            "knn_best": math.log(1e-3 + max(knn, default=0)),
            "by_authors": math.log(1 + sum(a in members[p] for a in authors)),
            "author_taken": math.log(1 + sum(int(record.author[q]) == int(record.author[p]) != -1 for q in mine)),
            "past": math.log(1 + len(mine)),
        }
    for channels in out.values():
        channels["choice"] = math.log(1 + len(out))
    return out


def _firsts(record: TakeUps, before: np.ndarray, user: int) -> list[tuple[int, int]]:
    rows = np.flatnonzero(before & record.first & (record.user == user))
    return [(int(record.post[row]), int(record.time[row])) for row in rows]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_candidates_and_channels_are_what_they_are_said_to_be(seed: int) -> None:
    record = random_rows(seed).record
    asked = asked_of(record, 1)
    found = read_candidates(record, asked, window=WINDOW)
    for target in range(len(asked)):
        rows = of_target(found, target)
        expected = brute(record, int(asked.user[target]), int(asked.time[target]))
        assert found.post[rows].tolist() == sorted(expected)
        assert (found.right[target] >= 0) == (int(asked.post[target]) in expected)
        for row, post in zip(range(rows.start, rows.stop), found.post[rows].tolist(), strict=True):
            for name, value in expected[post].items():
                assert found.channel[row, CHANNELS.index(name)] == pytest.approx(value, abs=1e-5), name


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(60, 110))
def test_erasing_the_future_changes_nothing_to_the_bit(seed: int, hours: int) -> None:
    rows, now = random_rows(seed), hours * HOUR
    whole = rows.record
    asked = asked_of(whole)
    early = np.flatnonzero(asked.time < now)
    if not len(early):
        return
    part = rows.until(now).record
    same = asked_of(part)
    assert len(same) == len(early)
    one = read_candidates(whole, asked.rows(early), window=WINDOW)
    other = read_candidates(part, same, window=WINDOW)
    for name in ("offsets", "post", "channel", "right", "own"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_target_s_own_event_and_all_of_its_second_never_count(seed: int) -> None:
    rows = random_rows(seed)
    whole = rows.record
    asked = asked_of(whole)
    if not len(asked):
        return
    now = int(asked.time[-1])
    one = read_candidates(whole, asked.rows(np.array([len(asked) - 1])), window=WINDOW)
    past = rows.until(now).record
    user = past.users.tolist().index(whole.users[asked.user[-1]])
    alone = AskedMoments(np.array([-1]), np.array([user]), asked.post[-1:], np.array([now]), asked.earlier[-1:])
    if asked.post[-1] >= len(past.posts):
        return
    other = read_candidates(past, alone, window=WINDOW)
    assert one.channel.tobytes() == other.channel.tobytes() and one.post.tolist() == other.post.tolist()


def test_what_is_read_does_not_depend_on_which_other_targets_are() -> None:
    record = random_rows(1, events=300).record
    asked = asked_of(record)
    all_of_them, last = read_candidates(record, asked), read_candidates(record, asked.rows(np.array([len(asked) - 1])))
    rows = of_target(all_of_them, len(asked) - 1)
    assert all_of_them.channel[rows].tobytes() == last.channel.tobytes()


def test_a_sample_holds_the_right_post_and_stands_for_all() -> None:
    record = random_rows(2, posts=40, events=600).record
    asked = asked_of(record)
    full, some = read_candidates(record, asked), read_candidates(record, asked, most=8, rng=3)
    again = read_candidates(record, asked, most=8, rng=3)
    assert some.post.tolist() == again.post.tolist()
    assert some.post.tolist() != read_candidates(record, asked, most=8, rng=4).post.tolist()
    assert (some.size == np.minimum(full.size, 8)).all() and (full.size > 8).any()
    assert ((some.right >= 0) == (full.right >= 0)).all()
    for target in range(len(asked)):
        rows, every = of_target(some, target), of_target(full, target)
        post = some.post[rows]
        assert len(set(post.tolist())) == len(post)
        assert np.exp(some.weight[rows]).sum() == pytest.approx(full.size[target], rel=1e-5)
        place = np.searchsorted(full.post[every], post)
        assert np.array_equal(full.channel[every][place], some.channel[rows])


def test_a_sample_or_a_window_of_nothing_is_refused() -> None:
    record = random_rows(2).record
    with pytest.raises(SchemaError, match="sample of 3"):
        read_candidates(record, asked_of(record), most=3)


def test_floors_are_known_by_name() -> None:
    record = random_rows(2).record
    found = read_candidates(record, asked_of(record))
    assert all(len(floor_scores(name, found)) == len(found.post) for name in FLOORS)
    with pytest.raises(SchemaError, match="Did you mean 'item_knn'"):
        floor_scores("item_knm", found)


def test_as_many_targets_as_can_be_afforded() -> None:
    record = random_rows(2, posts=40, events=600).record
    asked = recommendation_split(record).test
    rows = len(read_candidates(record, asked).post)
    assert len(affordable(record, asked, rows)) == len(asked)
    fewer = affordable(record, asked, rows // 3)
    assert 0 < len(fewer) <= -(-len(asked) // 3) and set(fewer.event) <= set(asked.event)


def test_words_are_compared_with_the_posts_that_the_user_took_up() -> None:
    record = random_rows(4).record
    asked = asked_of(record)
    found = read_candidates(record, asked)
    words = np.random.default_rng(0).standard_normal((len(record.posts), 3)).astype(np.float32)
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    said = words_of_candidates(words, found)
    for target in range(len(asked)):
        before = record.first & (record.user == asked.user[target]) & (record.time < asked.time[target])
        own = record.post[before][::-1]
        assert found.own[found.own_offsets[target] : found.own_offsets[target + 1]].tolist() == own.tolist()
        rows = of_target(found, target)
        like = words[found.post[rows]] @ words[own].T
        weight = 0.8 ** np.arange(len(own))
        expected = np.stack([like.mean(1), like.max(1), like @ weight / weight.sum(), like[:, 0]], axis=1)
        assert said.channel[rows] == pytest.approx(expected, abs=1e-5)
        assert said.profile[target] == pytest.approx(weight @ words[own] / weight.sum(), abs=1e-5)

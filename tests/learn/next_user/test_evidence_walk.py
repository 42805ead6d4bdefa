"""The walk that is carried along a cascade: against walking every prefix anew, whatever was walked before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.learn.next_user.evidence import Evidence, EvidenceReader, Questions, history_of, new_counts
from graphsocial.learn.next_user.evidence_choice_kernel import first_few
from graphsocial.learn.next_user.evidence_kernel import advance
from graphsocial.learn.next_user.evidence_walk_kernel import Walk, new_walk, walk_to
from graphsocial.learn.next_user.split import PROTOCOLS, NextUserSplit, next_user_split
from tests.learn.next_user.brute_force import random_table
from tests.learn.next_user.planted import table_of

USERS = 9
POWERS = 0.9 ** np.arange(200)
SHORT = 0.5 ** np.arange(200)


def world(seed: int = 0) -> NextUserSplit:
    return next_user_split(random_table(np.random.default_rng(seed), 30, USERS), "users_only")


def in_time(split: NextUserSplit) -> np.ndarray:
    return np.argsort(split.table.time, kind="stable")


def brute_walk(split: NextUserSplit, until: int, first: int, length: int) -> np.ndarray:
    """Forward and backward, short forward, users that it followed, and the last user's weight, [user, 5]."""
    table = split.table
    weight = np.zeros((USERS, USERS))
    counted = np.zeros(len(table.user), dtype=bool)
    counted[in_time(split)[:until]] = True
    for later in np.flatnonzero(counted):
        for earlier in range(max(later - 20, table.offsets[table.cascade[later]]), later):
            if counted[earlier]:
                weight[table.user[earlier], table.user[later]] += 1 / (later - earlier)
    prefix = table.user[first : first + length]
    fading, short = POWERS[:length][::-1], SHORT[:length][::-1]
    return np.stack(
        [
            fading @ weight[prefix],
            fading @ weight[:, prefix].T,
            short @ weight[prefix],
            (weight[prefix] > 0).sum(axis=0),
            weight[prefix[-1]],
        ],
        axis=1,
    )


def read(walk: Walk, length: int) -> np.ndarray:
    """The same from the slots."""
    out = np.zeros((USERS, 5))
    for slot in range(walk.at[3]):
        total, user = walk.sums[slot], walk.user[slot]
        assert walk.slot[user] == slot
        power = POWERS[length - 1]
        last = total[8] if walk.last[slot] == length - 1 else 0.0
        out[user] = total[0] * power, total[3] * power, total[7] * SHORT[length - 1], total[6], last
    assert (walk.slot >= 0).sum() == walk.at[3]
    return out


def places(split: NextUserSplit, rng: np.random.Generator, number: int) -> list[tuple[int, int]]:
    """First event and length of prefixes in any order: on, back, with gaps, from one cascade to another."""
    table = split.table
    cascade = np.repeat(rng.integers(0, len(table), number), rng.integers(1, 5, number))
    size = np.diff(table.offsets)[cascade]
    return list(zip(table.offsets[cascade].tolist(), rng.integers(1, size + 1).tolist(), strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_a_carried_walk_is_the_walk_from_the_start_for_prefixes_in_any_order(seed: int) -> None:
    split, rng = world(seed), np.random.default_rng(seed)
    event = in_time(split)
    history = history_of(split, event, None)
    counts, walk = new_counts(history, split), new_walk(USERS)
    carried = repeated = 0
    for until in (len(event) // 4, len(event) // 2, len(event)):
        advance(history, counts, until)
        for first, length in places(split, rng, 12):
            carried += bool(walk.at[0] == first and walk.at[1] == until and 0 < walk.at[2] < length)
            prefix = split.table.user[first : first + length]
            repeated += len(set(prefix.tolist())) < length
            walk_to(history, counts, walk, first, length, until, POWERS)
            np.testing.assert_allclose(read(walk, length), brute_walk(split, until, first, length), rtol=1e-13)
            anew = new_walk(USERS)
            walk_to(history, counts, anew, first, length, until, POWERS)
            seen = walk.at[3]
            assert np.array_equal(anew.at, walk.at) and np.array_equal(anew.slot, walk.slot)
            for mine, theirs in ((walk.user, anew.user), (walk.sums, anew.sums), (walk.last, anew.last)):
                assert np.array_equal(mine[:seen], theirs[:seen])
    assert carried >= 3 and repeated >= 3


def test_a_walk_is_not_carried_to_where_more_is_counted() -> None:
    """The same cascade, one place on, but another one has been counted meanwhile."""
    split = next_user_split(table_of([[0, 1, 2, 3], [0, 1, 4, 5], *[[6, 7]] * 10], USERS), "users_only")
    history = history_of(split, in_time(split), None)
    counts, walk = new_counts(history, split), new_walk(USERS)
    for until, length in ((4, 1), (8, 2)):
        advance(history, counts, until)
        walk_to(history, counts, walk, 4, length, until, POWERS)
        np.testing.assert_allclose(read(walk, length), brute_walk(split, until, 4, length), rtol=1e-13)
    assert walk.slot[5] >= 0


def test_a_long_prefix_does_not_wear_the_sums_out() -> None:
    """200 places on, the first user's share is what the decay leaves of it, and the last one's is whole."""
    rows = [[0, 1], *[[2, 3]] * 20, [0, *[2] * 199], [6, 7]]
    split = next_user_split(table_of(rows, USERS, step=1000), "users_only")
    history = history_of(split, np.arange(42), None)
    counts, walk = new_counts(history, split), new_walk(USERS)
    advance(history, counts, 42)
    for length in range(1, 201):
        walk_to(history, counts, walk, 42, length, 42, POWERS)
    wanted = np.zeros((USERS, 2))
    wanted[1] = 0.9**199, 0.5**199
    wanted[3] = 20 * (1 - 0.9**199) / 0.1, 20 * (1 - 0.5**199) / 0.5
    np.testing.assert_allclose(read(walk, 200)[:, [0, 2]], wanted, rtol=1e-12)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("part", ["train", "test"])
def test_evidence_of_a_place_does_not_depend_on_the_places_read_before_it(protocol: str, part: str) -> None:
    split = next_user_split(random_table(np.random.default_rng(5), 40, USERS), protocol)
    questions = Questions.to_train(split, 4) if part == "train" else Questions.to_predict(split, "test")
    rng = np.random.default_rng(0)
    rows = rng.permutation(len(questions.targets))[:60]
    reader = EvidenceReader(split, questions)
    together = {int(row): (block, i) for block in reader.everyone(rows, 7) for i, row in enumerate(block.row)}
    for row in rows[:20].tolist():
        (alone,) = reader.everyone(np.array([row]))
        block, i = together[row]
        assert _same(alone, 0, block, i)


def _same(one: Evidence, i: int, two: Evidence, j: int) -> bool:
    return all(np.array_equal(getattr(one, x)[i], getattr(two, x)[j]) for x in ("score", "channel", "weight"))


@given(
    st.lists(st.one_of(st.integers(0, 5).map(float), st.just(np.inf)), max_size=40),
    st.integers(0, 12),
    st.integers(0, 3),
)
def test_the_first_few_are_those_of_a_stable_sort(keys: list[float], most: int, beyond: int) -> None:
    key = np.array([*keys, *[-1.0] * beyond])  # room that must not be looked at
    order = np.argsort(key[: len(keys)], kind="stable")
    wanted = order[np.isfinite(key[order])][:most]
    assert first_few(key, len(keys), most).tolist() == wanted.tolist()

"""The evidence of a target: against its definition, and only from events before it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.evidence import Evidence, EvidenceReader, Questions, part_rows
from graphsocial.learn.next_user.evidence_kernel import CHANNELS
from graphsocial.learn.next_user.split import PROTOCOLS, NextUserSplit, next_user_split
from tests.learn.next_user.brute_evidence import brute_channels
from tests.learn.next_user.brute_force import Event, all_events, allowed, random_table

BLOCKS = 4


def everyone(split: NextUserSplit, questions: Questions, links: np.ndarray | None = None) -> Evidence:
    """Evidence of every user for every target, in order of the targets."""
    blocks = list(EvidenceReader(split, questions, links).everyone(np.arange(len(questions.targets))))
    order = np.argsort(np.concatenate([block.row for block in blocks]))
    names = ("row", "candidate", "score", "channel", "weight")
    return Evidence(*(np.concatenate([getattr(block, name) for block in blocks])[order] for name in names))


def before_training_target(split: NextUserSplit, cascade: int, moment: int) -> tuple[list[Event], int]:
    """What a training target may count, in the words of the brief, and as of when that is all."""
    table = split.table
    if split.protocol == "strict":  # the start of its block of cascades
        first = [split.train_end * block // BLOCKS for block in range(BLOCKS)]
        moment = int(table.start[max(c for c in first if c <= cascade)])
    events = [e for e in all_events(table) if e[0] < split.train_end and e[3] < moment]
    if split.protocol in ("strict", "prequential"):
        events = [e for e in events if e[3] < split.cut("valid")]
    return events, moment


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("part", ["train", "valid", "test"])
def test_channels_are_those_of_the_definition(protocol: str, part: str) -> None:
    split = next_user_split(random_table(np.random.default_rng(1), 40, 9), protocol)
    table = split.table
    questions = (
        Questions.to_train(split, BLOCKS) if part == "train" else Questions.to_predict(split, part)  # type: ignore[arg-type]
    )
    links = np.array([[0, 1], [2, 0], [1, 0], [4, 7]])
    both = {(int(a), int(b)) for a, b in np.concatenate([links, links[:, ::-1]])}
    found = everyone(split, questions, links)
    targets = questions.targets
    for i in range(0, len(targets), 1 + len(targets) // 20):
        cascade, moment = int(targets.cascade[i]), int(targets.time[i])
        if part == "train":
            events, as_of = before_training_target(split, cascade, moment)
        else:
            events = allowed(split, part, moment)
            as_of = moment if protocol == "prequential" else split.cut(part)  # type: ignore[arg-type]
        seen = slice(table.offsets[cascade], table.offsets[cascade] + targets.position[i])
        prefix, prefix_time = table.user[seen].tolist(), table.time[seen].tolist()
        if part != "train" and protocol in ("legacy", "users_only"):  # whole cascades are counted: no time is theirs
            as_of = prefix_time[-1]
        wanted = brute_channels(split, events, as_of, cascade, prefix, prefix_time, both)
        assert questions.until[i] == len(events)
        for c, name in enumerate(CHANNELS):
            np.testing.assert_allclose(found.channel[i, :, c], wanted[:, c], rtol=1e-5, atol=1e-5, err_msg=name)
        assert np.isneginf(found.weight[i]).nonzero()[0].tolist() == sorted(set(prefix))
        assert np.isfinite(found.score[i]).all()


def test_a_repeated_cascade_is_not_evidence_for_itself() -> None:
    """The same five users in the same order, 20 times: before the n-th time each step was seen n - 1 times."""
    times = np.add.outer(np.arange(20) * 100, np.arange(5))
    table = CascadeTable(
        user=np.tile(np.arange(5), 20),
        time=times.ravel(),
        offsets=np.arange(0, 101, 5),
        users=np.array(list("abcde"), dtype=object),
        names=np.array([str(i) for i in range(20)], dtype=object),
    )
    at = [CHANNELS.index(name) for name in ("last_user_next", "popularity")]
    for protocol in ("legacy", "users_only", "prequential", "strict"):
        split = next_user_split(table, protocol)
        questions = Questions.to_train(split, BLOCKS)
        found, targets = everyone(split, questions), questions.targets
        rows = np.flatnonzero(targets.user >= 0)
        right = found.channel[rows, targets.user[rows]][:, at]
        number = targets.cascade[rows] if protocol != "strict" else targets.cascade[rows] // 4 * 4  # 16 in 4 blocks
        np.testing.assert_allclose(np.exp(right) - 1, np.stack([number, number], axis=1), atol=1e-4)
    at_once = replace(table, time=np.tile(np.arange(5), 20))  # all at the same five moments: pairs known to step p
    questions = Questions.to_train(next_user_split(at_once, "users_only"), BLOCKS)
    found, targets = everyone(next_user_split(at_once, "users_only"), questions), questions.targets
    right = found.channel[np.arange(len(targets)), targets.user]
    assert (right[:, at] == 0).all()  # nobody has come to the place of the target yet
    assert (right[:, CHANNELS.index("nearest")] == np.float32(np.log(1e-3))).all()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_other_users_from_the_target_on_change_nothing(protocol: str) -> None:
    """The right user, and all that comes at its time or later, as other users: the evidence stays to the bit."""
    rng = np.random.default_rng(2)
    split = next_user_split(random_table(rng, 40, 10), protocol)
    questions = Questions.to_train(split, BLOCKS)
    found = everyone(split, questions)
    for i in rng.choice(len(questions.targets), 10, replace=False):
        changed = replace(split, table=_scrambled(split, _visible(split, questions, int(i)), rng))
        again = Questions.to_train(changed, BLOCKS)
        assert (again.targets.cascade[i], again.targets.position[i]) == (
            questions.targets.cascade[i],
            questions.targets.position[i],
        )
        other = everyone(changed, again)
        assert np.array_equal(other.score[i], found.score[i])
        assert np.array_equal(other.channel[i], found.channel[i], equal_nan=True)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("part", ["train", "test"])
def test_erasing_what_must_not_be_seen_changes_nothing(protocol: str, part: str) -> None:
    """Other cascades lose every event that the target must not see, but the first, whose time is the cascade's."""
    rng = np.random.default_rng(4)
    split = next_user_split(random_table(rng, 40, 10), protocol)
    table = split.table
    place = np.arange(len(table.user)) - table.offsets[table.cascade]

    def asked(split: NextUserSplit) -> Questions:
        return Questions.to_train(split, BLOCKS) if part == "train" else Questions.to_predict(split, "test")

    questions = asked(split)
    targets = questions.targets
    found = everyone(split, questions)
    for i in rng.permutation(np.flatnonzero(targets.user >= 0))[:10]:
        own = (table.cascade == targets.cascade[i]) & (place <= targets.position[i])
        kept = _visible(split, questions, int(i), part) | own | (place == 0)
        gone = CascadeTable(
            table.user[kept],
            table.time[kept],
            np.concatenate([[0], np.cumsum(np.bincount(table.cascade[kept], minlength=len(table)))]),
            table.users,
            table.names,
        )
        erased = replace(split, table=gone)
        again = asked(erased)
        (j,) = np.flatnonzero(
            (again.targets.cascade == targets.cascade[i]) & (again.targets.position == targets.position[i])
        )
        other = everyone(erased, again)
        assert np.array_equal(other.score[j], found.score[i])
        differing = [
            name
            for c, name in enumerate(CHANNELS)
            if not np.array_equal(other.channel[j, :, c], found.channel[i, :, c], equal_nan=True)
        ]
        assert differing == []


def _visible(split: NextUserSplit, questions: Questions, i: int, part: str = "train") -> np.ndarray:
    """Events that a target may see, its prefix among them, from the words of the protocols, bool [event]."""
    table, targets = split.table, questions.targets
    cascade, moment = int(targets.cascade[i]), int(targets.time[i])
    if part == "train":
        events, _ = before_training_target(split, cascade, moment)
    else:
        events = allowed(split, part, moment)
    seen = np.zeros(len(table.user), dtype=bool)
    seen[[table.offsets[c] + place for c, place, _, _ in events]] = True
    seen[table.offsets[cascade] : table.offsets[cascade] + targets.position[i]] = True
    return seen


def _scrambled(split: NextUserSplit, seen: np.ndarray, rng: np.random.Generator) -> CascadeTable:
    users = len(split.table.users)
    other = (split.table.user + rng.integers(1, users, len(seen))) % users
    return replace(split.table, user=np.where(seen, split.table.user, other))


def test_evidence_is_finite_when_cascades_outlast_the_span_of_their_starts() -> None:
    """All start within two seconds and run for days; some events come long after the cut."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(2, 7, 30)
    starts = np.sort(rng.integers(0, 3, 30))
    table = CascadeTable(
        user=np.concatenate([rng.choice(9, size, replace=False) for size in sizes]),
        time=np.concatenate(
            [
                start + np.append(0, np.sort(rng.integers(0, 10**6, size - 1)))
                for start, size in zip(starts, sizes, strict=True)
            ]
        ),
        offsets=np.cumsum([0, *sizes]),
        users=np.array([f"u{i}" for i in range(9)], dtype=object),
        names=np.array([str(i) for i in range(30)], dtype=object),
    )
    for protocol in PROTOCOLS:
        split = next_user_split(table, protocol)
        for questions in (
            Questions.to_train(split, BLOCKS),
            *(Questions.to_predict(split, p) for p in ("valid", "test")),
        ):
            if len(questions.targets):
                assert np.isfinite(everyone(split, questions).channel).all()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_sample_holds_the_right_user_first_and_says_what_everyone_says(protocol: str) -> None:
    split = next_user_split(random_table(np.random.default_rng(1), 30, 24), protocol)
    questions = Questions.to_predict(split, "test")
    full, rows = everyone(split, questions), part_rows(questions.targets)
    reader = EvidenceReader(split, questions, None)
    nothing = np.full((len(rows), 1), -1)
    several = 0
    for at, some in reader.samples(rows, 3, 4, 7, nothing, at_once=5):
        for k, row in enumerate(rows[at]):
            right, first = questions.targets.user[row], split.table.offsets[questions.targets.cascade[row]]
            prefix = set(split.table.user[first : first + questions.targets.position[row]].tolist())
            used = np.isfinite(some.weight[k])
            chosen = some.candidate[k][used].tolist()
            assert chosen[0] == right
            assert len(set(chosen)) == len(chosen)
            assert not prefix & set(chosen)
            assert len(chosen) == min(7, 24 - len(prefix))
            assert np.exp(some.weight[k][used]).sum() == pytest.approx(24 - len(prefix), rel=1e-5)
            assert np.array_equal(some.channel[k][used], full.channel[row, chosen])
            assert np.array_equal(some.score[k][used], full.score[row, chosen])
            several += len(set(some.weight[k][used].tolist())) > 1
    assert several


def test_draws_of_a_target_follow_from_the_seed_alone() -> None:
    split = next_user_split(random_table(np.random.default_rng(1), 30, 24), "strict")
    questions = Questions.to_train(split, BLOCKS)
    rows = part_rows(questions.targets)

    def drawn(rows: np.ndarray, seed: int, at_once: int = 4096) -> np.ndarray:
        reader, out = EvidenceReader(split, questions, None), np.empty((len(rows), 8), dtype=int)
        for at, some in reader.samples(rows, 2, 6, seed, np.full((len(rows), 0), -1), at_once):
            out[at] = some.candidate
        return out

    one = drawn(rows, 3)
    assert np.array_equal(one, drawn(rows, 3, at_once=7))
    assert np.array_equal(one[::3], drawn(rows[::3], 3))
    assert not np.array_equal(one, drawn(rows, 4))


def test_users_named_by_the_content_are_among_the_hard_candidates() -> None:
    split = next_user_split(random_table(np.random.default_rng(1), 30, 24), "strict")
    questions = Questions.to_predict(split, "test")
    rows = part_rows(questions.targets)
    free = [
        min(set(range(24)) - set(split.table.user[split.table.cascade == questions.targets.cascade[row]]))
        for row in rows
    ]
    for at, some in EvidenceReader(split, questions, None).samples(rows, 4, 0, 0, np.array(free)[:, None]):
        assert (some.candidate[:, 1] == np.array(free)[at]).all()

"""What the past says about every candidate of a target, read in one pass over the events in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from graphsocial.learn.next_user.counting import POPULARITY_SHARE, CountingSettings
from graphsocial.learn.next_user.evidence_kernel import CHANNELS, Counts, History, Reading, new_reading, read_targets
from graphsocial.learn.next_user.follow_pairs import UNIT
from graphsocial.learn.next_user.replay import Replay
from graphsocial.learn.next_user.split import POSITIONS, NextUserSplit, Targets

_COUNTING = CountingSettings()


@dataclass(frozen=True, eq=False)
class Questions:
    """Targets with what each may use.

    Attributes:
        targets: Places to predict.
        event: Countable events, the earliest first, as places in the arrays of the table [countable].
        until: How many of them each target may use [target].
        known_time: Time from which the age of what is counted is reckoned, seconds [target]: as of it these events are
            all there are, except where whole cascades are counted, users only and legacy; there it is the last event
            of the prefix.
        settled: How many of the events are known before any of the targets is predicted, all of them in training.
    """

    targets: Targets
    event: np.ndarray
    until: np.ndarray
    known_time: np.ndarray
    settled: int

    @classmethod
    def to_predict(
        cls, split: NextUserSplit, part: Literal["valid", "test"], targets: Targets | None = None
    ) -> Questions:
        """Targets of a part, or other places of it, under the protocol of the split."""
        replay, countable = Replay.of(split, part, targets), split.countable(part)
        targets, table = replay.targets, split.table
        if countable.prequential:
            known_time = targets.time
        elif countable.before is not None:
            known_time = np.full(len(targets), countable.before)
        else:
            known_time = table.time[table.offsets[targets.cascade] + targets.position - 1]
        settled = int(replay.until.min(initial=len(replay.event)))
        return cls(targets, replay.event, replay.until, known_time, settled)

    @classmethod
    def to_train(cls, split: NextUserSplit, blocks: int, targets: Targets | None = None) -> Questions:
        """Targets of the training part, or other places of it: each counts only events that came before it.

        Under strict, where the counts of a part stand still, they stand still in training for blocks of cascades too,
        so that the network learns from counts as old as those that it will be given; else each target counts everything
        before its own time.
        """
        table, targets = split.table, split.targets("train") if targets is None else targets
        allowed = table.cascade < split.train_end
        if split.protocol in ("strict", "prequential"):
            allowed &= table.time < split.cut("valid")
        known_time = targets.time
        if split.protocol == "strict":
            first = split.train_end * np.arange(blocks) // blocks
            known_time = table.start[first[np.searchsorted(first, targets.cascade, side="right") - 1]]
        return cls._counting(split, targets, allowed, known_time)

    @classmethod
    def to_retrain(cls, split: NextUserSplit, before: int) -> Questions:
        """Everything before a time, whichever part it belongs to, each target counting everything before its own."""
        table = split.table
        whole = replace(split, train_end=split.test_end, protocol="users_only")
        targets = whole.targets("train").where(lambda t: t.time < before)
        return cls._counting(split, targets, table.time < before, targets.time)

    @classmethod
    def _counting(
        cls, split: NextUserSplit, targets: Targets, allowed: np.ndarray, known_time: np.ndarray
    ) -> Questions:
        table = split.table
        event = np.flatnonzero(allowed)
        event = event[np.argsort(table.time[event], kind="stable")]
        until = np.searchsorted(table.time[event], known_time, side="left").astype(np.int64)
        return cls(targets, event, until, known_time, len(event))


@dataclass(frozen=True, eq=False)
class Evidence:
    """Candidates of some targets and what is known of them.

    Attributes:
        row: Which targets, int64 [row].
        candidate: Codes of users, int32 [row, candidate].
        score: Of the counting rule, float64 [row, candidate].
        channel: `CHANNELS`, float32 [row, candidate, channel].
        weight: Log of how many users a candidate stands for, -inf for one that must not be ranked [row, candidate].
    """

    row: np.ndarray
    candidate: np.ndarray
    score: np.ndarray
    channel: np.ndarray
    weight: np.ndarray


class EvidenceReader:
    """Reads the evidence of questions in order of what they may use.

    Args:
        split: The cut.
        questions: What to answer.
        links: Pairs of linked users as codes, taken both ways, int64 [link, 2].
    """

    def __init__(self, split: NextUserSplit, questions: Questions, links: np.ndarray | None = None):
        self.split, self.questions = split, questions
        self.history = history_of(split, questions.event, links)
        self._powers = _COUNTING.decay ** np.arange(POSITIONS)

    def samples(
        self, rows: np.ndarray, hard: int, drawn: int, seed: int, extra: np.ndarray, at_once: int = 4096
    ) -> Iterator[tuple[np.ndarray, Evidence]]:
        """Evidence for a sample of candidates, the right one first, in blocks: which of `rows`, and their evidence.

        Args:
            rows: Targets [row].
            hard: Candidates that evidence proposes.
            drawn: Least number drawn at random.
            seed: Of the draws; a target's draws do not depend on the other targets.
            extra: More candidates to take among the hard ones, -1 = none [row, extra].
            at_once: Rows in a block.
        """
        order = np.argsort(self.questions.until[rows], kind="stable")
        counts, reading = self._nothing_read()
        for start in range(0, len(rows), at_once):
            block = order[start : start + at_once]
            yield block, self._read(rows[block], counts, reading, hard, drawn, seed, extra[block])

    def everyone(self, rows: np.ndarray, at_once: int = 32) -> Iterator[Evidence]:
        """Evidence for all users, in blocks of rows ordered by what they may use."""
        rows = rows[np.argsort(self.questions.until[rows], kind="stable")]
        counts, reading = self._nothing_read()
        for start in range(0, len(rows), at_once):
            block = rows[start : start + at_once]
            yield self._read(block, counts, reading, 0, 0, 0, np.full((len(block), 0), -1))

    def _nothing_read(self) -> tuple[Counts, Reading]:
        table = self.split.table
        return new_counts(self.history, self.split), new_reading(len(table.users), len(table))

    def _read(
        self,
        rows: np.ndarray,
        counts: Counts,
        reading: Reading,
        hard: int,
        drawn: int,
        seed: int,
        extra: np.ndarray,
    ) -> Evidence:
        questions, table = self.questions, self.split.table
        targets = questions.targets
        shape = (len(rows), hard + drawn or len(table.users))
        out = Evidence(
            rows,
            np.empty(shape, dtype=np.int32),
            np.empty(shape),
            np.empty((*shape, len(CHANNELS)), dtype=np.float32),
            np.empty(shape, dtype=np.float32),
        )
        read_targets(
            self.history,
            counts,
            reading,
            rows,
            table.offsets[targets.cascade[rows]],
            targets.position[rows],
            targets.user[rows],
            targets.cascade[rows],
            questions.until[rows],
            questions.known_time[rows],
            self._powers,
            POPULARITY_SHARE,
            extra,
            hard,
            drawn,
            seed,
            out.candidate,
            out.score,
            out.channel,
            out.weight,
        )
        return out


def history_of(split: NextUserSplit, event: np.ndarray, links: np.ndarray | None) -> History:
    """Countable events with the places of their pairs.

    Args:
        split: The cut.
        event: Countable events, the earliest first [countable].
        links: Pairs of linked users as codes, taken both ways [link, 2].
    """
    table, window = split.table, _COUNTING.window
    num_users, length = len(table.users), len(table.user)
    known = np.full(length, len(event), dtype=np.int64)
    known[event] = np.arange(len(event))
    forward = np.full((length, window), -1, dtype=np.int32)
    backward = np.full((length, window), -1, dtype=np.int32)
    keys = []
    for gap in range(1, window + 1):
        inside = (table.cascade[:-gap] == table.cascade[gap:]) & (np.maximum(known[:-gap], known[gap:]) < len(event))
        later = np.flatnonzero(inside) + gap
        keys.append((gap, later, table.user[later - gap] * num_users + table.user[later]))
    both = [key for _, _, key in keys] + [key % num_users * num_users + key // num_users for _, _, key in keys]
    distinct = distinct_sorted(np.concatenate(both))
    for gap, later, key in keys:
        forward[later, gap - 1] = np.searchsorted(distinct, key)
        backward[later, gap - 1] = np.searchsorted(distinct, key % num_users * num_users + key // num_users)
    by_user = event[np.argsort(table.user[event], kind="stable")]
    pairs = np.zeros((0, 2), dtype=np.int64) if links is None else np.concatenate([links, links[:, ::-1]])
    pairs = np.unique(pairs, axis=0)
    first, last = int(table.start[0]), int(table.start[split.train_end - 1])
    span = float(max(last - first, 1))
    return History(
        user=table.user,
        time=table.time,
        offsets=table.offsets,
        cascade=table.cascade,
        place=np.arange(length) - table.offsets[table.cascade],
        event=event,
        known=known,
        indptr=np.searchsorted(distinct, np.arange(num_users + 1) * num_users),
        other=distinct % num_users,
        forward=forward,
        backward=backward,
        mine=np.searchsorted(table.user[by_user], np.arange(num_users + 1)),
        mine_event=by_user,
        linked=np.searchsorted(pairs[:, 0], np.arange(num_users + 1)),
        link=np.ascontiguousarray(pairs[:, 1]),
        first_time=first,
        pair_scale=span / 8,
        fast_scale=span / 100,
        slow_scale=span / 10,
        unit=UNIT,
    )


def new_counts(history: History, split: NextUserSplit) -> Counts:
    """Nothing counted yet."""
    users, pairs = len(split.table.users), len(history.other)
    return Counts(
        pair=np.zeros((pairs, 6)),
        follows=np.zeros(users),
        followed=np.zeros(users),
        events=np.zeros(users, dtype=np.int64),
        fast=np.zeros(users),
        slow=np.zeros(users),
        last=np.zeros(users, dtype=np.int64),
        place=np.zeros(users),
        starts=np.zeros(users),
        size=np.zeros(len(split.table), dtype=np.int64),
        progress=np.zeros(2, dtype=np.int64),
    )


def part_rows(targets: Targets) -> np.ndarray:
    """Targets that can be hit: no end token, not in the prefix."""
    return np.flatnonzero((targets.user >= 0) & ~targets.repeated)


def distinct_sorted(values: np.ndarray) -> np.ndarray:
    """Distinct whole numbers, ascending; sorting is several times faster than `np.unique` where most are distinct.

    >>> distinct_sorted(np.array([3, 1, 3, 2])).tolist()
    [1, 2, 3]
    """
    values = np.sort(values)
    return values[np.append(True, values[1:] != values[:-1])] if len(values) else values

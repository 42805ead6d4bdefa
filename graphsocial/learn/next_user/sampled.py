"""Targets with a sample of candidates and all that the network reads of them, ready to be batched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.co_participation import co_participants
from graphsocial.learn.next_user.content_evidence import ContentEvidence
from graphsocial.learn.next_user.evidence import EvidenceReader, Questions
from graphsocial.learn.next_user.evidence_kernel import CHANNELS
from graphsocial.learn.next_user.split import NextUserSplit, Targets

_AT_ONCE = 4096
_CASCADES = 64  # content channels of all users are held for so many cascades


@dataclass(frozen=True, eq=False)
class Sources:
    """What a model may look at besides the cascades.

    Attributes:
        links: Pairs of linked users as codes, taken both ways, int64 [link, 2]; None = none are known.
        content: Content of each cascade of the table by modality, zero where it is missing, float32 [cascade, channel].
        assumptions: What using these takes for granted, a sentence each; the model lists them with its own.
    """

    links: np.ndarray | None
    content: Mapping[str, np.ndarray]
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Neighbourhoods:
    """Co-participants of all users as of a few times.

    Attributes:
        limit: Countable events known at each time, ascending, int64 [time].
        code: Codes [time, user, neighbour].
        closeness: Logs, -inf = none [time, user, neighbour].
    """

    limit: np.ndarray
    code: np.ndarray
    closeness: np.ndarray

    @classmethod
    def of(cls, table: CascadeTable, event: np.ndarray, limits: np.ndarray, most: int) -> Neighbourhoods:
        """Reads the table at every limit; each knows only the events before it."""
        known = np.full(len(table.user), len(event), dtype=np.int64)
        known[event] = np.arange(len(event))
        tables = [co_participants(table, known, int(limit), most) for limit in limits]
        return cls(limits, np.stack([code for code, _ in tables]), np.stack([near for _, near in tables]))

    def latest(self, until: np.ndarray) -> np.ndarray:
        """The latest time each row may use; the first limit must not be later than any of them [row]."""
        return np.searchsorted(self.limit, until, side="right") - 1


@dataclass(frozen=True, eq=False)
class Sampled:
    """Targets and their sampled candidates, the right one first.

    Attributes:
        row: Numbers of the targets, ascending [row].
        candidate: Codes of users, int32 [row, candidate].
        score: Of the counting rule, float64 [row, candidate].
        base: Log of that score, floored, float32 [row, candidate].
        channel: Evidence, float16 [row, candidate, channel].
        weight: Log of how many users a candidate stands for, -inf = unused [row, candidate].
        neighbourhood: Which of the neighbourhoods a row may use, int64 [row].
    """

    row: np.ndarray
    candidate: np.ndarray
    score: np.ndarray
    base: np.ndarray
    channel: np.ndarray
    weight: np.ndarray
    neighbourhood: np.ndarray

    @classmethod
    def of(
        cls,
        split: NextUserSplit,
        questions: Questions,
        rows: np.ndarray,
        sources: Sources,
        neighbourhoods: Neighbourhoods,
        hard: int,
        drawn: int,
        seed: int,
    ) -> Sampled:
        """Reads the evidence of some targets.

        Args:
            split: The cut.
            questions: Targets with what each may use.
            rows: Which of them, ascending [row].
            sources: Links and content.
            neighbourhoods: Co-participants; a cascade uses those known at its first target.
            hard: Candidates that evidence proposes.
            drawn: Least number drawn at random.
            seed: Of the draws.
        """
        targets, earliest = questions.targets, first_until(questions)
        content = ContentEvidence(split.table, questions.event, sources.content, questions.settled)
        extra = np.full((len(rows), 0), -1, dtype=np.int64)
        if content.channels:
            parts = [
                (which, content.proposed(cascades, until)[place])
                for which, cascades, until, place in _by_limit(content, targets.cascade[rows], earliest[rows])
            ]
            extra = np.empty((len(rows), parts[0][1].shape[1]), dtype=np.int64)
            for which, proposed in parts:
                extra[which] = proposed
        shape = (len(rows), hard + drawn)
        out = cls(
            rows,
            np.empty(shape, dtype=np.int32),
            np.empty(shape),
            np.empty(shape, dtype=np.float32),
            np.empty((*shape, len(CHANNELS) + content.channels), dtype=np.float16),
            np.empty(shape, dtype=np.float32),
            neighbourhoods.latest(earliest[rows]),
        )
        for at, evidence in EvidenceReader(split, questions, sources.links).samples(
            rows, hard, drawn, seed, extra, _AT_ONCE
        ):
            out.candidate[at], out.score[at], out.weight[at] = evidence.candidate, evidence.score, evidence.weight
            out.base[at] = evidence.channel[:, :, 0]
            out.channel[at, :, : len(CHANNELS)] = evidence.channel
        if content.channels:
            for which, cascades, until, place in _by_limit(content, targets.cascade[rows], earliest[rows]):
                everyone = content.read(cascades, until)
                out.channel[which, :, len(CHANNELS) :] = everyone[place[:, None], out.candidate[which]]
        return out


def _by_limit(
    content: ContentEvidence, cascade: np.ndarray, until: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray, int, np.ndarray]]:
    """Rows in groups of few cascades with one limit: rows, cascades, limit, and each row's place among the cascades."""
    limit = content.rounded(until)
    groups = []
    for value in np.unique(limit):
        rows = np.flatnonzero(limit == value)
        cascades, place = np.unique(cascade[rows], return_inverse=True)
        for start in range(0, len(cascades), _CASCADES):
            mine = (place >= start) & (place < start + _CASCADES)
            groups.append((rows[mine], cascades[start : start + _CASCADES], int(value), place[mine] - start))
    return groups


def first_until(questions: Questions) -> np.ndarray:
    """What the first target of each target's cascade may use, int64 [target]."""
    cascade = questions.targets.cascade
    if not len(cascade):
        return questions.until
    least = np.full(cascade.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(least, cascade, questions.until)
    return least[cascade]


def prefix_arrays(table: CascadeTable, cascades: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Users and pace of the first `length` events of some cascades, filled up with zeros.

    Returns:
        Codes, int64 [cascade, place]; log(1 + minutes) / 5 since the event before and since the first, float32
        [cascade, place, 2].
    """
    code = np.zeros((len(cascades), length), dtype=np.int64)
    pace = np.zeros((len(cascades), length, 2), dtype=np.float32)
    for i, c in enumerate(cascades):
        first = table.offsets[c]
        events = slice(first, min(table.offsets[c + 1], first + length))
        time, size = table.time[events], events.stop - events.start
        code[i, :size] = table.user[events]
        pace[i, :size, 0] = np.log1p(np.maximum(np.diff(time, prepend=time[0]), 0) / 60) / 5
        pace[i, :size, 1] = np.log1p(np.maximum(time - time[0], 0) / 60) / 5
    return code, pace


def target_context(table: CascadeTable, targets: Targets, known_time: np.ndarray) -> np.ndarray:
    """Length, age and last gap of each prefix and the age of the counts, on log scales, float32 [target, 4]."""
    first = table.offsets[targets.cascade]
    now = table.time[first + targets.position - 1]
    before = table.time[first + np.maximum(targets.position - 2, 0)]
    minutes = [now - table.time[first], now - before, now - known_time]
    logs = [np.log1p(np.maximum(each, 0) / 60) / 5 for each in minutes]
    return np.stack([np.log(targets.position), *logs], axis=1).astype(np.float32)

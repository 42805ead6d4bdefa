"""What events before each target say about its candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.recommendation.take_ups import TakeUps
from graphsocial.learn.recommendation.targets import AskedMoments

if TYPE_CHECKING:
    from graphsocial.learn.recommendation.replay_kernel import Counts, Record

WINDOW = 7 * 86_400
"""Seconds within which a candidate has begun or was taken up."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidates of some targets, row by row, and what is known of them.

    Attributes:
        offsets: First row of each target, int64 [target + 1].
        post: int64 [row].
        weight: Log of how many candidates each stands for, float32 [row].
        channel: Evidence, see `CHANNELS` of `evidence_kernel`, float32 [row, channel].
        right: Row of the right post, -1 where it is no candidate, int64 [target].
        own_offsets: First of each target's rows in `own`, int64 [target + 1].
        own: Posts that the user took up, the latest first, int64 [own].
    """

    offsets: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    channel: np.ndarray
    right: np.ndarray
    own_offsets: np.ndarray
    own: np.ndarray

    def __len__(self) -> int:
        return len(self.right)

    @property
    def size(self) -> np.ndarray:
        """Number of candidates that are there [target]."""
        return np.diff(self.offsets)


def read_candidates(
    record: TakeUps, asked: AskedMoments, most: int | None = None, window: int = WINDOW, rng: int = 0
) -> Candidates:
    """Replays the events and reads every target's candidates as of its time.

    Candidates are posts that began before the target's time and were taken up, or began, within the window before it,
    minus those that the user has. Nothing at or after the target's time is looked at, its own event least of all.

    Args:
        record: Events.
        asked: Targets in order of time.
        most: Candidates beyond which a sample is taken, the right one among it; None = all.
        window: Seconds.
        rng: Seed of what is drawn.

    Raises:
        SchemaError: A sample of fewer than 4, or a window that holds nothing.
    """
    from graphsocial.learn.recommendation.evidence_kernel import CHANNELS, read_targets
    from graphsocial.learn.recommendation.neighbour_kernel import OWN

    if window < 1 or (most is not None and most < 4):
        raise SchemaError(f"got window {window} and a sample of {most}, expected 1 second and 4 or more")
    arrays, targets = _record(record, window), len(asked)
    own, size, among = _sizes(arrays, asked)
    offsets = _offsets(size if most is None else np.minimum(size, most))
    own_offsets = _offsets(np.minimum(own, OWN))
    rows = int(offsets[-1])
    found = Candidates(
        offsets=offsets,
        post=np.empty(rows, dtype=np.int64),
        weight=np.zeros(rows, dtype=np.float32),
        channel=np.zeros((rows, len(CHANNELS)), dtype=np.float32),
        right=np.full(targets, -1, dtype=np.int64),
        own_offsets=own_offsets,
        own=np.empty(int(own_offsets[-1]), dtype=np.int64),
    )
    read_targets(
        arrays, _nothing(arrays), asked.user, asked.post, asked.time, offsets, rows + 1 if most is None else most, rng,
        own_offsets, found.post, found.weight, found.channel, found.own,
    )  # fmt: skip
    target = np.repeat(np.arange(targets), found.size)
    hit = np.flatnonzero(found.post == asked.post[target])
    found.right[target[hit]] = hit
    assert np.array_equal(found.right >= 0, among)
    return found


def affordable(record: TakeUps, asked: AskedMoments, rows: int, window: int = WINDOW) -> AskedMoments:
    """Every so many-th target, so that all of their candidates together are no more than about `rows`.

    Args:
        record: Events.
        asked: Targets in order of time.
        rows: Candidates at most.
        window: Seconds.
    """
    _, size, _ = _sizes(_record(record, window), asked)
    return asked.rows(np.arange(0, len(asked), max(1, -(-int(size.sum()) // rows))))


def _sizes(arrays: Record, asked: AskedMoments) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Posts that the user took up, candidates, and whether the right post is one, [target] each."""
    from graphsocial.learn.recommendation.replay_kernel import count_candidates

    own, size, among = (np.zeros(len(asked), dtype=kind) for kind in (np.int64, np.int64, np.bool_))
    count_candidates(arrays, _nothing(arrays), asked.user, asked.post, asked.time, own, size, among)
    return own, size, among


def _offsets(size: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(size)]).astype(np.int64)


def _grouped(code: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Begin of each group, [group + 1], and the rows, ascending within each."""
    order = np.argsort(code, kind="stable")
    return np.searchsorted(code[order], np.arange(groups + 1)), order


def _record(record: TakeUps, window: int) -> Record:
    from graphsocial.learn.recommendation.replay_kernel import Record

    first = np.flatnonzero(record.first)
    mine, mine_order = _grouped(record.user[first], len(record.users))
    member, member_order = _grouped(record.post[first], len(record.posts))
    signed = np.flatnonzero(record.author >= 0)
    wrote, wrote_order = _grouped(record.author[signed], len(record.users))
    return Record(
        record.user, record.post, record.time, record.first, record.start, record.author,
        mine, first[mine_order], member, first[member_order], wrote, signed[wrote_order], window,
    )  # fmt: skip


def _nothing(arrays: Record) -> Counts:
    from graphsocial.learn.recommendation.replay_kernel import SCALES, Counts

    posts, users = len(arrays.start), len(arrays.mine) - 1

    def zeros(length: int) -> np.ndarray:
        return np.zeros(length, dtype=np.int64)

    return Counts(
        inside=zeros(posts), ever=zeros(posts), size=zeros(posts), last=zeros(posts),
        fading=np.zeros((posts, len(SCALES))), regulars=np.zeros((posts, len(SCALES))), faded_at=zeros(posts),
        past=zeros(users), posts_of=zeros(users), regulars_of=zeros(users), members_of=zeros(users),
        active=zeros(posts), is_active=np.zeros(posts, dtype=np.bool_), progress=zeros(4),
    )  # fmt: skip

"""What the words or the picture of a cascade say about who takes part: who took part in the cascades most like it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graphsocial.learn.cascade_table import CascadeTable

CONTENT_CHANNELS = ("votes", "best", "profile")
"""Sum of the likenesses of the nearest earlier cascades that the user is in, the largest of them, and the likeness to
the mean of all earlier cascades of the user."""
NEAREST, PROPOSED, STEPS = 50, 24, 64


class ContentEvidence:
    """Reads, for each cascade, the channels of all users as of the moment its first target is asked.

    To share work between cascades that moment is rounded down to whole steps, `STEPS` of them in the settled events.

    Args:
        table: The cascades.
        event: Countable events, the earliest first [countable].
        vectors: Content of each cascade by modality, zero where it is missing, float32 [cascade, channel].
        settled: Events known before any question is asked, None = all: how many follow must not move the steps.
    """

    def __init__(
        self, table: CascadeTable, event: np.ndarray, vectors: Mapping[str, np.ndarray], settled: int | None = None
    ):
        self.table, self.event = table, event
        self.vectors = {name: _unit(vectors[name]) for name in sorted(vectors)}
        self._step = max(1, -(-(len(event) if settled is None else settled) // STEPS))
        self._profile: dict[str, tuple[int, np.ndarray]] = {}

    @property
    def channels(self) -> int:
        """Number of channels per candidate."""
        return len(CONTENT_CHANNELS) * len(self.vectors)

    def rounded(self, until: np.ndarray) -> np.ndarray:
        """Countable events that are looked at, [row]."""
        return until // self._step * self._step

    def read(self, cascades: np.ndarray, until: int) -> np.ndarray:
        """Channels of all users, float32 [cascade, user, channel].

        Args:
            cascades: Numbers of cascades [cascade].
            until: Countable events that may be looked at; of them, the share said above.
        """
        limit = int(self.rounded(np.array([until]))[0])
        users = len(self.table.users)
        out = np.zeros((len(cascades), users, self.channels), dtype=np.float32)
        if not limit or not self.vectors:
            return out
        known = self.event[:limit]
        own = self.table.cascade[known]
        started = np.unique(own)
        member_user, member_cascade = self.table.user[known], np.searchsorted(started, own)
        order = np.argsort(member_cascade, kind="stable")
        first = np.searchsorted(member_cascade[order], np.arange(len(started) + 1))
        for m, (name, vector) in enumerate(self.vectors.items()):
            profile = self._profiles(name, vector, limit)
            at = len(CONTENT_CHANNELS) * m
            like = vector[cascades] @ vector[started].T
            like[cascades[:, None] == started] = 0  # its own earlier events are the prefix
            out[:, :, at + 2] = vector[cascades] @ profile.T
            near = np.argpartition(-like, min(NEAREST, len(started) - 1), axis=1)[:, :NEAREST]
            for i, row in enumerate(near):
                row = np.sort(row[like[i, row] > 0])
                places = np.concatenate([order[first[c] : first[c + 1]] for c in row]) if len(row) else order[:0]
                likeness = like[i, member_cascade[places]]
                np.add.at(out[i, :, at], member_user[places], likeness**2)
                np.maximum.at(out[i, :, at + 1], member_user[places], likeness)
        return out

    def proposed(self, cascades: np.ndarray, until: int) -> np.ndarray:
        """Users that the content alone would rank first, -1 where it proposes none, int64 [cascade, PROPOSED]."""
        votes = self.read(cascades, until)[:, :, :: len(CONTENT_CHANNELS)].sum(axis=2)
        best = np.argsort(-votes, axis=1, kind="stable")[:, :PROPOSED]
        return np.where(np.take_along_axis(votes, best, axis=1) > 0, best, -1)

    def _profiles(self, name: str, vector: np.ndarray, limit: int) -> np.ndarray:
        """Mean content of each user's earlier cascades, of length 1 [user, channel]; sums grow with the limit."""
        at, total = self._profile.get(name, (0, np.zeros((0, 0), dtype=np.float32)))
        if not len(total) or at > limit:
            at, total = 0, np.zeros((len(self.table.users), vector.shape[1]), dtype=np.float32)
        new = self.event[at:limit]
        np.add.at(total, self.table.user[new], vector[self.table.cascade[new]])
        self._profile[name] = (limit, total)
        return _unit(total)


class ContentOfCascades:
    """Content channels of all users for the cascades of a part, float16, each read once."""

    def __init__(self, content: ContentEvidence, cascade: np.ndarray, until: np.ndarray):
        self._cascades, first = np.unique(cascade, return_index=True)
        if not content.channels:
            return
        limit = content.rounded(until)[first]
        users = len(content.table.users)
        self._channels = np.empty((len(self._cascades), users, content.channels), dtype=np.float16)
        for value in np.unique(limit):
            rows = np.flatnonzero(limit == value)
            for start in range(0, len(rows), 64):
                some = rows[start : start + 64]
                self._channels[some] = content.read(self._cascades[some], int(value))

    def of(self, cascade: np.ndarray) -> np.ndarray:
        """Channels, float32 [row, user, channel]."""
        return self._channels[np.searchsorted(self._cascades, cascade)].astype(np.float32)


def _unit(x: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1, zero rows left."""
    x = np.asarray(x, dtype=np.float32)
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)

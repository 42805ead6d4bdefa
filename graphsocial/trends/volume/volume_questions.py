"""Questions about coming volume, each with only the past of its own origin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.trends.volume.tag_series import TagSeries

HORIZONS = (1, 3, 6, 24)
"""Windows ahead: 1 is the window that begins at the origin."""


@dataclass(frozen=True, eq=False)
class VolumeQuestions:
    """What was known at each origin, and the answers.

    Attributes:
        horizons: Windows ahead [horizon].
        tag: Row of the series, int64 [question].
        origin: First second that is not known, int64 [question].
        history: Counts of the windows before it, oldest first, 0 before the record begins, int64 [question, window].
        posts: All posts of the same windows, int64 [question, window].
        age: Windows since the tag's first use, int64 [question].
        future: Count of the window at each horizon, int64 [question, horizon].
        width_seconds: Length of a window.
    """

    horizons: tuple[int, ...]
    tag: np.ndarray
    origin: np.ndarray
    history: np.ndarray
    posts: np.ndarray
    age: np.ndarray
    future: np.ndarray
    width_seconds: int

    def __len__(self) -> int:
        return len(self.tag)

    @property
    def known_until(self) -> np.ndarray:
        """When the last answer of each question was complete, int64 [question]."""
        return self.origin + max(self.horizons) * self.width_seconds

    def rows(self, chosen: np.ndarray) -> VolumeQuestions:
        """Some of the questions."""
        return VolumeQuestions(
            self.horizons,
            self.tag[chosen],
            self.origin[chosen],
            self.history[chosen],
            self.posts[chosen],
            self.age[chosen],
            self.future[chosen],
            self.width_seconds,
        )


def volume_questions(
    series: TagSeries,
    horizons: Sequence[int] = HORIZONS,
    past: int = 168,
    minimum: int = 10,
    active: int = 24,
) -> VolumeQuestions:
    """A question per origin and tag that was in `minimum` posts before it, one of them in the last `active` windows.

    Every start of a window is an origin if the record holds the whole longest horizon after it.

    Args:
        series: Counts per window.
        horizons: Windows ahead, ascending.
        past: How many windows of history a question carries.
        minimum: Posts a tag must have been in.
        active: How many windows back the last one may lie.

    Raises:
        SchemaError: Horizons that do not ascend from at least 1, or another number below 1.
    """
    ahead = tuple(int(h) for h in horizons)
    if not ahead or list(ahead) != sorted(set(ahead)) or min(ahead[0], past, minimum, active) < 1:
        raise SchemaError(
            f"got horizons {ahead}, past {past}, minimum {minimum} and active {active}, "
            "expected ascending horizons and numbers of at least 1"
        )
    tags, windows = series.counts.shape
    total = np.concatenate([np.zeros((tags, 1), dtype=np.int64), np.cumsum(series.counts, axis=1)], axis=1)
    origins = np.arange(1, max(windows - ahead[-1] + 1, 1))
    lately = total[:, origins] - total[:, np.maximum(origins - active, 0)]
    at, tag = np.nonzero(((total[:, origins] >= minimum) & (lately > 0)).T)
    origin = origins[at] if len(origins) else at
    padded, posts = np.pad(series.counts, ((0, 0), (past, 0))), np.pad(series.posts, (past, 0))
    back = origin[:, None] + np.arange(past)
    first = np.argmax(series.counts > 0, axis=1) if windows else np.zeros(tags, dtype=np.int64)
    begin = int(series.start[0]) if windows else 0
    return VolumeQuestions(
        ahead,
        tag,
        begin + origin * series.width_seconds,
        padded[tag[:, None], back],
        posts[back],
        origin - first[tag],
        series.counts[tag[:, None], origin[:, None] + np.array(ahead) - 1],
        series.width_seconds,
    )

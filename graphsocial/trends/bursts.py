"""When a count is far above what the windows before it led to expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.trends.window_counts import WindowCounts


@dataclass(frozen=True)
class Burst:
    """A run of windows in which a node's count is far above its recent past.

    Attributes:
        node: Canonical position of the node.
        start: First second of the run.
        end: One past its last second.
        count: Edges in the run.
        score: Highest burst score in the run.
    """

    node: int
    start: int
    end: int
    count: int
    score: float


def burst_scores(counts: np.ndarray, history: int = 24) -> np.ndarray:
    """How far each count lies above the mean m of the windows before it: `(count - m) / sqrt(m + 1)`.

    For Poisson counts this is about a z-score; the 1 keeps a first mention of an unknown word from scoring infinity.
    Only windows strictly before the scored one are used, so a score never changes when the future arrives.

    Args:
        counts: Counts [node, window], oldest first.
        history: Number of windows before the scored one that make up the mean; fewer at the beginning.

    Returns:
        Scores, float64 [node, window]; nan in the first window, which has no past.

    >>> burst_scores(np.array([[3, 3, 3, 11]]), history=2).round(2).tolist()
    [[nan, 0.0, 0.0, 4.0]]
    """
    counts = np.asarray(counts)
    if counts.ndim != 2 or history < 1:
        raise SchemaError(f"got counts {counts.shape} and history {history}, expected [node, window] and at least 1")
    total = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, axis=1, dtype=np.float64)], axis=1)
    place = np.arange(counts.shape[1])
    first = np.maximum(place - history, 0)
    mean = (total[:, place] - total[:, first]) / np.maximum(place - first, 1)
    scores = (counts - mean) / np.sqrt(mean + 1)
    scores[:, :1] = np.nan
    return scores


def find_bursts(windows: WindowCounts, history: int = 24, threshold: float = 3.0, minimum: int = 5) -> list[Burst]:
    """Runs of neighbouring windows that score at least `threshold` and count at least `minimum`, highest score first.

    Args:
        windows: Counts from `counts_per_window`.
        history: See `burst_scores`.
        threshold: Least score of every window in a run.
        minimum: Least count of every window in a run.
    """
    scores = burst_scores(windows.counts, history)
    high = (np.nan_to_num(scores, nan=-np.inf) >= threshold) & (windows.counts >= minimum)
    edge = np.diff(np.pad(high, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    bursts = []
    for row, first in zip(*np.nonzero(edge == 1), strict=True):
        last = first + int(np.argmax(edge[row, first + 1 :] == -1))
        start = int(windows.start[first])
        end = int(windows.start[last]) + windows.width_seconds
        run = slice(first, last + 1)
        count, score = int(windows.counts[row, run].sum()), float(scores[row, run].max())
        bursts.append(Burst(int(windows.node[row]), start, end, count, score))
    return sorted(bursts, key=lambda burst: (-burst.score, burst.start, burst.node))

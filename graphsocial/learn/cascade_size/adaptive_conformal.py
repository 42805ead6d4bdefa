"""Intervals that correct themselves while answers come in."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from graphsocial.learn.cascade_size.group_conformal import GroupConformal, ordered
from graphsocial.learn.cascade_size.size_metrics import third_of

STEP = 0.01
"""How far one miss moves the miss rate that is aimed at."""


@dataclass(frozen=True, eq=False)
class AdaptiveIntervals:
    """Result of `adaptive_intervals`.

    Attributes:
        ends: Lower and upper end, float64 [example, 2].
        miss: Miss rate aimed at when each example was predicted, float64 [example].
        answers: Answers known when each example was predicted, int64 [example].
    """

    ends: np.ndarray
    miss: np.ndarray
    answers: np.ndarray


def adaptive_intervals(
    calibration: GroupConformal,
    ends: np.ndarray,
    target: np.ndarray,
    observed: np.ndarray,
    as_of: np.ndarray,
    known: np.ndarray,
    step: float = STEP,
) -> AdaptiveIntervals:
    """Adaptive conformal inference: each answer that becomes known moves the miss rate aimed at, and joins the scores.

    Gibbs and Candès, "Adaptive conformal inference under distribution shift", NeurIPS 2021, eq. 2:
    a <- a + step (1 - level - missed), one per third of the observed size. An answer is used only for predictions made
    at or after the time it became known.

    Args:
        calibration: Scores to start from.
        ends: Uncalibrated lower and upper end [example, 2].
        target: Answers [example].
        observed: Observed sizes [example].
        as_of: When each prediction is made, int64 seconds [example].
        known: When each answer becomes known, int64 seconds [example].
        step: Size of a correction, 0 = only the scores grow.
    """
    nominal = 1 - calibration.level
    group = third_of(observed, calibration.bounds)
    aim, scores = [nominal] * len(calibration.scores), list(calibration.scores)
    out, aimed = np.empty((len(target), 2)), np.empty(len(target))
    answers, count = np.zeros(len(target), dtype=np.int64), 0
    waiting: list[tuple[int, int]] = []  # when an answer becomes known, and whose
    for i in np.argsort(as_of, kind="stable"):
        while waiting and waiting[0][0] <= as_of[i]:
            _, j = heapq.heappop(waiting)
            g = int(group[j])
            missed = not out[j, 0] <= target[j] <= out[j, 1]
            aim[g] += step * (nominal - missed)
            scores[g] = _insert(scores[g], max(ends[j, 0] - target[j], target[j] - ends[j, 1]))
            count += 1
        g = int(group[i])
        wider = calibration.offset(scores[g], min(max(aim[g], 0.0), 1.0))
        out[i] = ordered(ends[[i]] + np.array([-wider, wider]))[0]
        aimed[i], answers[i] = aim[g], count
        heapq.heappush(waiting, (int(known[i]), int(i)))
    return AdaptiveIntervals(out, aimed, answers)


def _insert(scores: np.ndarray, score: float) -> np.ndarray:
    return np.insert(scores, np.searchsorted(scores, score), score)

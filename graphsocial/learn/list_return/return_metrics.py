"""Numbers that judge chances day by day: a query is a day's list."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from graphsocial.learn.metrics import Metric, Sums

_SMALLEST = 1e-6


def _mean(sums: np.ndarray) -> np.ndarray:
    total, count = sums[..., 0], sums[..., 1]
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def _each(name: str, loss: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Metric:
    """Mean of a loss over rows."""

    def rows(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
        return np.column_stack([loss(prediction, target), np.ones(len(target))])

    return Metric(name, False, lambda p, t, q: float(np.mean(loss(p, t))), Sums(rows, _mean))


def _daily(name: str, score: Callable[[np.ndarray, np.ndarray], float]) -> Metric:
    """Mean over the days that have both answers."""

    def rows(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
        out = np.zeros((len(query), 2))
        order = np.argsort(query, kind="stable")
        starts = np.flatnonzero(np.diff(query[order], prepend=query[order][:1] - 1)) if len(order) else order
        for day in np.split(order, starts[1:]):
            yes = target[day] > 0
            if yes.any() and not yes.all():
                out[day[0]] = score(yes, prediction[day]), 1
        return out

    return Metric(name, True, lambda p, t, q: float(_mean(rows(p, t, q).sum(axis=0))), Sums(rows, _mean))


def _log_loss(prediction: np.ndarray, target: np.ndarray) -> np.ndarray:
    chance = np.clip(prediction, _SMALLEST, 1 - _SMALLEST)
    return -np.where(target > 0, np.log(chance), np.log1p(-chance))


def calibration_error(prediction: np.ndarray, target: np.ndarray, bins: int = 10) -> float:
    """Mean distance between chance and share over groups of as many rows of like chance; nan for no rows.

    >>> calibration_error(np.array([0.1, 0.1, 0.9, 0.9]), np.array([0, 0, 1, 0]), bins=2)
    0.25
    """
    groups = np.array_split(np.argsort(prediction, kind="stable"), bins)
    gaps = [abs(prediction[g].mean() - (target[g] > 0).mean()) * len(g) for g in groups if len(g)]
    return float(sum(gaps) / len(prediction)) if len(prediction) else float("nan")


BRIER = _each("brier", lambda p, t: (p - (t > 0)) ** 2)
LOG_SCORE = _each("log_score", _log_loss)
"""Mean negative log probability of what came, in nats; chances within a millionth of 0 or 1 count as that."""
DAILY_AP = _daily("average_precision", lambda yes, p: float(average_precision_score(yes, p)))
DAILY_AUC = _daily("auc", lambda yes, p: float(roc_auc_score(yes, p)))
RETURN_METRICS = (DAILY_AP, DAILY_AUC, LOG_SCORE, BRIER)

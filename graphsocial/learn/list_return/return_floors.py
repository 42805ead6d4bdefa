"""Chances to be on the list again that need little or no learning."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from graphsocial.errors import NotFittedError
from graphsocial.learn.list_return.list_features import SIMPLE

_BIN = 5
_PLACES = 400


def rate_by(key: np.ndarray, again: np.ndarray, asked: np.ndarray, prior: float = 5.0) -> np.ndarray:
    """Share of training rows of the same key that were there again, float64 [asked row].

    Args:
        key: Whole numbers from 0 on [training row].
        again: Answers [training row].
        asked: Keys [asked row].
        prior: Rows with the mean answer that every key starts with.

    Raises:
        NotFittedError: No training row.

    >>> rate_by(np.array([0, 0, 1]), np.array([True, False, True]), np.array([0, 1, 7]), prior=0.0).round(2).tolist()
    [0.5, 1.0, 0.67]
    """
    if not len(key):
        raise NotFittedError("a rate needs at least one training row, got 0")
    size = int(max(key.max(), asked.max(initial=0))) + 1
    mean = float(np.mean(again))
    count, hits = np.bincount(key, minlength=size), np.bincount(key, again, size)
    rate = np.divide(hits + prior * mean, count + prior, out=np.full(size, mean), where=count + prior > 0)
    return rate[asked]


def place_bin(place: np.ndarray) -> np.ndarray:
    """Places in groups of five; those beyond the 400th together, int64."""
    return np.minimum(place, _PLACES).astype(np.int64) // _BIN


def climatology(features: np.ndarray, again: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """What became of items at the same place of the list, float64 [asked row]; features as of `list_features`."""
    at = SIMPLE.index("place")
    return rate_by(place_bin(features[:, at]), again, place_bin(asked[:, at]))


def persistence(features: np.ndarray, again: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """What became of items that were there as many days on end, up to 7, float64 [asked row]."""
    at = SIMPLE.index("run")
    return rate_by(_run(features, at), again, _run(asked, at))


def _run(features: np.ndarray, at: int) -> np.ndarray:
    return np.minimum(features[:, at], 7).astype(np.int64)


def logistic(features: np.ndarray, again: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Logistic regression on place and days so far, float64 [asked row]."""
    answers = np.asarray(again).astype(np.int64)
    if not len(answers):
        raise NotFittedError("a logistic regression needs at least one training row, got 0")
    if answers.min() == answers.max():
        return np.full(len(asked), (answers.sum() + 1) / (len(answers) + 2))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(_few(features), answers)
    found: np.ndarray = model.predict_proba(_few(asked))[:, 1] if len(asked) else np.zeros(0)
    return found


def _few(features: np.ndarray) -> np.ndarray:
    column = {name: features[:, i] for i, name in enumerate(SIMPLE)}
    rank = np.nan_to_num(column["rank"], nan=0.0)
    return np.column_stack(
        [np.log1p(column["place"]), column["place_share"], np.log1p(rank), rank == 0, np.log(column["days_so_far"]),
         np.log(column["run"]), column["gap"] == 1]
    )  # fmt: skip

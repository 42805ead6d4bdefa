"""What a linear model of a modality's first token says about the class, also about its training posts, out of fold."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from graphsocial.learn.post_labels.grouped_folds import grouped_folds

_FOLDS = 5
_STRENGTH = 0.01
"""Inverse of the regularisation, for channels of variance about 1."""
_LEAST = 1e-3
"""Probabilities below count as this."""


class VectorEvidence:
    """Centred log-probabilities of a logistic regression, classes balanced; its settings are tuned on nothing.

    Zero where a post has no such token, so that nothing seen means no evidence.

    Args:
        vectors: First token of each training post, of variance about 1, float [example, channel].
        there: Which posts have one, bool [example].
        target: Class codes, int64 [example].
        group: What stays in one fold [example].
        classes: Number of classes.
        rng: Deals the folds.

    Attributes:
        out_of_fold: Evidence on the training posts, float32 [example, class].

    >>> vectors, target = np.repeat([[-1.0], [1.0]], 20, axis=0), np.repeat([0, 1], 20)
    >>> found = VectorEvidence(vectors, np.ones(40, dtype=bool), target, np.arange(40), 2, rng=0)
    >>> bool((found.out_of_fold.argmax(axis=1) == target).all())
    True
    """

    def __init__(
        self,
        vectors: np.ndarray,
        there: np.ndarray,
        target: np.ndarray,
        group: np.ndarray,
        classes: int,
        rng: int | np.random.Generator,
    ):
        self._classes = classes
        self._model = _fit(vectors[there], target[there])
        self.out_of_fold = np.zeros((len(target), classes), dtype=np.float32)
        for train, test in grouped_folds(target, group, min(_FOLDS, len(np.unique(group.astype(str)))), rng):
            seen = train[there[train]]
            model = _fit(vectors[seen], target[seen])
            self.out_of_fold[test] = self._evidence(model, vectors[test], there[test])

    def of(self, vectors: np.ndarray, there: np.ndarray) -> np.ndarray:
        """Evidence on other posts, float32 [example, class]."""
        return self._evidence(self._model, vectors, there)

    def _evidence(self, model: LogisticRegression | None, vectors: np.ndarray, there: np.ndarray) -> np.ndarray:
        out = np.zeros((len(vectors), self._classes), dtype=np.float32)
        if model is None or not there.any():
            return out
        probability = np.zeros((int(there.sum()), self._classes))
        probability[:, model.classes_] = model.predict_proba(vectors[there])
        log = np.log(np.maximum(probability, _LEAST))
        out[there] = log - log.mean(axis=1, keepdims=True)
        return out


def _fit(vectors: np.ndarray, target: np.ndarray) -> LogisticRegression | None:
    if len(np.unique(target)) < 2:
        return None
    return LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=200, tol=1e-3).fit(vectors, target)

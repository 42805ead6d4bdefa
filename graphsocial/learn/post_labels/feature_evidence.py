"""What counted features alone say about the class of a post, also about posts it was fitted on, out of their fold."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from graphsocial.learn.post_labels.grouped_folds import grouped_folds

_FOLDS = 5
_FLOOR = 1e-3


class BoostedClassifier:
    """Gradient boosting with few, small trees; its settings are fixed, tuned on nothing.

    Args:
        features: [example, feature].
        target: Class codes, int64 [example].
        classes: Number of classes.
        rng: Seed.

    >>> model = BoostedClassifier(np.arange(80.0)[:, None], np.repeat([0, 1], 40), 2, rng=0)
    >>> model.probability(np.array([[0.0], [79.0]])).argmax(axis=1).tolist()
    [0, 1]
    """

    def __init__(self, features: np.ndarray, target: np.ndarray, classes: int, rng: int):
        self._share = np.bincount(target, minlength=classes) / max(len(target), 1)
        self._model: HistGradientBoostingClassifier | None = None
        if len(np.unique(target)) > 1:
            self._model = HistGradientBoostingClassifier(
                max_iter=100,
                learning_rate=0.05,
                max_leaf_nodes=8,
                min_samples_leaf=20,
                class_weight="balanced",
                random_state=rng % 2**31,
            ).fit(features, target)

    def probability(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities, float64 [example, class]; training frequencies where training had one class."""
        if self._model is None or not len(features):
            return np.tile(self._share, (len(features), 1))
        out = np.zeros((len(features), len(self._share)))
        out[:, self._model.classes_] = self._model.predict_proba(features)
        return out


class FeatureEvidence:
    """Centred log-probabilities of a `BoostedClassifier`; those of its own training posts come from other folds.

    Args:
        features: [example, feature].
        target: Class codes, int64 [example].
        group: What stays in one fold [example].
        classes: Number of classes.
        rng: Deals the folds, and seeds the trees.

    Attributes:
        out_of_fold: Evidence on the training posts, float32 [example, class].
    """

    def __init__(self, features: np.ndarray, target: np.ndarray, group: np.ndarray, classes: int, rng: int):
        self._model = BoostedClassifier(features, target, classes, rng)
        self.out_of_fold = np.zeros((len(target), classes), dtype=np.float32)
        for train, test in grouped_folds(target, group, min(_FOLDS, len(np.unique(group.astype(str)))), rng):
            model = BoostedClassifier(features[train], target[train], classes, rng)
            self.out_of_fold[test] = _evidence(model, features[test])

    def of(self, features: np.ndarray) -> np.ndarray:
        """Evidence on other posts, float32 [example, class]."""
        return _evidence(self._model, features)


def _evidence(model: BoostedClassifier, features: np.ndarray) -> np.ndarray:
    log = np.log(np.maximum(model.probability(features), _FLOOR))
    centred: np.ndarray = (log - log.mean(axis=1, keepdims=True)).astype(np.float32)
    return centred

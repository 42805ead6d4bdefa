"""What words alone say about the class of a post, also about posts it was fitted on, out of their own fold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from graphsocial.errors import SchemaError
from graphsocial.learn.post_labels.grouped_folds import grouped_folds

_FOLDS = 5
_FLOOR = 1e-3
"""Probabilities below count as this: one odd post must not outshout everything else."""


class TfidfClassifier:
    """TF-IDF with a logistic regression, in whose language words have spaces or not.

    Args:
        words: Training texts.
        target: Their classes, int64 [example].
        classes: Number of classes.
        characters: Also 2 to 4 characters inside words, for languages without spaces and for spelling.
        strength: Inverse of the regularisation, C.
        balanced: Weighs classes by the inverse of their frequency.

    >>> model = TfidfClassifier(["good day", "bad day", "good"], np.array([1, 0, 1]), 2)
    >>> model.probability(["good"]).argmax(axis=1).tolist()
    [1]
    """

    def __init__(
        self,
        words: Sequence[str],
        target: np.ndarray,
        classes: int,
        characters: bool = False,
        strength: float = 1.0,
        balanced: bool = True,
    ):
        self._share = np.bincount(target, minlength=classes) / max(len(target), 1)
        self._readers: list[TfidfVectorizer] = []
        self._model: LogisticRegression | None = None
        readers = [TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)]
        if characters:
            readers.append(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=2))
        columns = []
        for reader in readers:
            try:
                columns.append(reader.fit_transform(words))
            except ValueError:  # no term at all
                continue
            self._readers.append(reader)
        if columns and len(np.unique(target)) > 1:
            weight = "balanced" if balanced else None
            self._model = LogisticRegression(C=strength, class_weight=weight, max_iter=300, tol=1e-3)
            self._model.fit(hstack(columns).tocsr(), target)

    def probability(self, words: Sequence[str]) -> np.ndarray:
        """Class probabilities, float64 [example, class]; training frequencies where nothing could be fitted."""
        if self._model is None or not len(words):
            return np.tile(self._share, (len(words), 1))
        vectors: csr_matrix = hstack([reader.transform(words) for reader in self._readers]).tocsr()
        out = np.zeros((len(words), len(self._share)))
        out[:, self._model.classes_] = self._model.predict_proba(vectors)
        return out


class WordEvidence:
    """Centred log-probabilities of a `TfidfClassifier`; those of its own training posts come from other folds.

    Zero where a post has no words, so that no words mean no evidence.

    Args:
        words: Training texts, "" where there is none [example].
        target: Their classes, int64 [example].
        group: What stays in one fold [example].
        classes: Number of classes.
        rng: Deals the folds.
        characters: As in `TfidfClassifier`, and so are the next two.
        strength: Inverse of the regularisation, C.
        balanced: Weighs classes by the inverse of their frequency.

    Attributes:
        out_of_fold: Evidence on the training posts, float32 [example, class].
    """

    def __init__(
        self,
        words: Sequence[str],
        target: np.ndarray,
        group: np.ndarray,
        classes: int,
        rng: int | np.random.Generator,
        characters: bool = True,
        strength: float = 1.0,
        balanced: bool = True,
    ):
        if not len(words) == len(target) == len(group):
            raise SchemaError(
                f"got {len(words)} texts, {len(target)} classes and {len(group)} groups, expected as many of each"
            )
        texts = np.asarray(words, dtype=object)
        self._classes = classes
        self._model = TfidfClassifier(texts.tolist(), target, classes, characters, strength, balanced)
        self.out_of_fold = np.zeros((len(target), classes), dtype=np.float32)
        for train, test in grouped_folds(target, group, min(_FOLDS, len(np.unique(group.astype(str)))), rng):
            model = TfidfClassifier(texts[train].tolist(), target[train], classes, characters, strength, balanced)
            self.out_of_fold[test] = _evidence(model, texts[test])

    def of(self, words: Sequence[str]) -> np.ndarray:
        """Evidence on other posts, float32 [example, class]."""
        return _evidence(self._model, np.asarray(words, dtype=object))


def _evidence(model: TfidfClassifier, words: np.ndarray) -> np.ndarray:
    log = np.log(np.maximum(model.probability(words.tolist()), _FLOOR))
    log -= log.mean(axis=1, keepdims=True)
    return np.where(words.astype(bool)[:, None], log, 0.0).astype(np.float32)

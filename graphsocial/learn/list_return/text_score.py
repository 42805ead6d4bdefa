"""What the words of an item alone say about its fate."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from graphsocial.errors import NotFittedError, SchemaError

FOLDS = 4


def character_vectors(fitted_on: Sequence[str], names: Sequence[str], terms: int = 100_000) -> csr_matrix:
    """TF-IDF of two or three neighbouring characters, which no script needs spaces for, float32 [row, term].

    Args:
        fitted_on: Names that vocabulary and weights come from.
        names: One per row.
        terms: At most so many terms, the most frequent.
    """
    rare = 2 if len(fitted_on) > 1_000 else 1
    vectorizer = TfidfVectorizer(
        analyzer="char", ngram_range=(2, 3), sublinear_tf=True, min_df=rare, max_features=terms, dtype=np.float32
    )
    try:
        vectorizer.fit(fitted_on)
    except ValueError:  # no name has two characters
        return csr_matrix((len(names), 1), dtype=np.float32)
    return vectorizer.transform(names).tocsr()


@dataclass(frozen=True)
class TextScore:
    """Logistic regression on the words; scores of its own training rows come from earlier training rows alone.

    Attributes:
        weight: C of the regression: larger fits closer.
        steps: Most steps of the optimiser.
    """

    weight: float = 1.0
    steps: int = 40

    def scores(
        self,
        vectors: csr_matrix,
        again: np.ndarray,
        day: np.ndarray,
        last: int,
        train: np.ndarray,
        asked: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Log odds of the training rows and of the rows asked about, float64 [training row], [asked row].

        Training rows are dealt to folds of consecutive days and scored by what was known before their fold, as the rows
        asked about are. A model that reads the scores so learns how far to trust them; scored by later days, too, it
        would trust them too far, because a story's next day tells what became of it. The first fold has nan.

        Args:
            vectors: Words [row, term].
            again: Answers [row]; looked at in training rows alone.
            day: Days [row].
            last: Days until an answer is known.
            train: Rows to learn from.
            asked: Rows to score.

        Raises:
            NotFittedError: No training row.
            SchemaError: Arrays do not fit.
        """
        if vectors.shape[0] != len(again) or len(day) != len(again):
            raise SchemaError(
                f"got {vectors.shape[0]} vectors, {len(again)} answers and {len(day)} days, expected as many"
            )
        if not len(train):
            raise NotFittedError("a text score needs at least one training row, got 0")
        days = np.unique(day[train])
        fold = np.searchsorted(days, day[train]) * min(FOLDS, len(days)) // len(days)
        own = np.full(len(train), np.nan)
        for one in np.unique(fold)[1:]:
            mine = fold == one
            before = train[day[train] + last < day[train[mine]].min()]
            if len(before):
                own[mine] = self._fit(vectors, again, before, train[mine])
        return own, self._fit(vectors, again, train, asked)

    def _fit(self, vectors: csr_matrix, again: np.ndarray, train: np.ndarray, asked: np.ndarray) -> np.ndarray:
        answers = again[train].astype(np.int64)
        if answers.min() == answers.max():
            rate = (answers.sum() + 1) / (len(answers) + 2)
            return np.full(len(asked), np.log(rate / (1 - rate)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is a part of the model
            model = LogisticRegression(C=self.weight, max_iter=self.steps).fit(vectors[train], answers)
        found: np.ndarray = model.decision_function(vectors[asked]) if len(asked) else np.zeros(0)
        return found

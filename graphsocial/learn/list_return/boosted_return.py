"""Gradient boosting of chances and of ranks; the number of rounds is chosen on the newest days before the cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss

from graphsocial.errors import NotFittedError

_UNKNOWN = -999.0


@dataclass(frozen=True)
class BoostedReturn:
    """Settings of the boosting.

    Attributes:
        rounds: At most so many trees.
        leaves: Leaves of a tree.
        rate: Learning rate.
        least: Training rows in a leaf.
    """

    rounds: int = 100
    leaves: int = 15
    rate: float = 0.1
    least: int = 40

    def chances(
        self, train: np.ndarray, again: np.ndarray, valid: np.ndarray, asked: np.ndarray, rng: int = 0
    ) -> np.ndarray:
        """Chances of the rows asked about, float64 [asked row].

        Rounds are chosen by the log loss of the validation rows, then all rows are fitted with as many.

        Args:
            train: Features [row, feature].
            again: Answers [row].
            valid: Which rows are held out to choose the rounds, bool [row].
            asked: Features [asked row, feature].
            rng: Seed.

        Raises:
            NotFittedError: No row to learn from.
        """
        answers = np.asarray(again).astype(np.int64)
        if not len(answers):
            raise NotFittedError("boosting needs at least one training row, got 0")
        if not len(asked) or answers.min() == answers.max():
            return np.full(len(asked), (answers.sum() + 1) / (len(answers) + 2))
        train, asked = _filled(train), _filled(asked)
        fit, rounds = ~valid, self.rounds
        if valid.any() and fit.any() and np.ptp(answers[fit]):
            model = self._classifier(self.rounds, len(answers), rng).fit(train[fit], answers[fit])
            stages = model.staged_predict_proba(train[valid])
            losses = [log_loss(answers[valid], chance[:, 1], labels=[0, 1]) for chance in stages]
            rounds = int(np.argmin(losses)) + 1
        found: np.ndarray = self._classifier(rounds, len(answers), rng).fit(train, answers).predict_proba(asked)[:, 1]
        return found

    def quantiles(
        self, train: np.ndarray, target: np.ndarray, asked: np.ndarray, levels: tuple[float, ...], rng: int = 0
    ) -> np.ndarray:
        """Quantiles of a number, ascending, float64 [asked row, quantile]; arguments as in `chances`.

        Raises:
            NotFittedError: No row to learn from.
        """
        if not len(target):
            raise NotFittedError("boosting needs at least one training row, got 0")
        train, asked = _filled(train), _filled(asked)
        out = np.empty((len(asked), len(levels)))
        for i, level in enumerate(levels):
            model = HistGradientBoostingRegressor(
                loss="quantile", quantile=level, max_iter=self.rounds // 2, learning_rate=self.rate,
                max_leaf_nodes=self.leaves, min_samples_leaf=self._least(len(target)), l2_regularization=1.0,
                early_stopping=False, random_state=rng,
            )  # fmt: skip
            out[:, i] = model.fit(train, target).predict(asked) if len(asked) else 0.0
        return np.sort(out, axis=1)

    def _classifier(self, rounds: int, rows: int, rng: int) -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(
            max_iter=rounds, learning_rate=self.rate, max_leaf_nodes=self.leaves, min_samples_leaf=self._least(rows),
            l2_regularization=1.0, early_stopping=False, random_state=rng,
        )  # fmt: skip

    def _least(self, rows: int) -> int:
        return int(np.clip(rows // 50, 2, self.least))


def _filled(features: np.ndarray) -> np.ndarray:
    """Features whose unknown values are a number below all others: a column without any known one cannot be binned."""
    return np.nan_to_num(features, nan=_UNKNOWN)

"""Gradient boosting on the last counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.trends.volume.forecaster import LEVELS
from graphsocial.trends.volume.known_answers import check_known
from graphsocial.trends.volume.quantile_boosting import boosted_quantiles
from graphsocial.trends.volume.volume_questions import VolumeQuestions

LAGS = (1, 2, 3, 4, 6, 12, 24)


@dataclass(frozen=True)
class BoostedVolume:
    """Boosted quantiles of log1p counts from log1p of earlier ones and the hour of the day: the usual floor.

    Attributes:
        rounds: Trees of each model.
        name: As it stands in reports.
    """

    rounds: int = 60
    name: str = "gradient_boosting"

    def forecast(
        self, train: VolumeQuestions, asked: VolumeQuestions, levels: tuple[float, ...] = LEVELS
    ) -> np.ndarray:
        """See `VolumeForecaster`."""
        check_known(self.name, train, asked)
        found = boosted_quantiles(lags(train), np.log1p(train.future), lags(asked), levels, self.rounds, rng=0)
        return np.maximum(np.sort(found, axis=2), 0.0)


def lags(questions: VolumeQuestions) -> np.ndarray:
    """log1p of single earlier counts, and the hour of the day, float64 [question, feature]."""
    hour = (questions.origin // 3_600) % 24
    return np.column_stack([np.log1p(questions.history[:, [-lag for lag in LAGS]]), hour])

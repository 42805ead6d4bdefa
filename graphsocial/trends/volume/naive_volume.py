"""The coming window will be like an earlier one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.trends.residual_quantiles import ResidualQuantiles
from graphsocial.trends.volume.forecaster import LEVELS
from graphsocial.trends.volume.known_answers import check_known
from graphsocial.trends.volume.volume_questions import VolumeQuestions


@dataclass(frozen=True)
class NaiveVolume:
    """The last window again, or the last at the same place of a period, with quantiles of its errors in training.

    Attributes:
        period: Windows after which things repeat, 24 for days of hours; 0 for the last window.
        name: As it stands in reports.
    """

    period: int = 0
    name: str = "naive"

    def forecast(
        self, train: VolumeQuestions, asked: VolumeQuestions, levels: tuple[float, ...] = LEVELS
    ) -> np.ndarray:
        """See `VolumeForecaster`."""
        check_known(self.name, train, asked)
        known_until, first = int(train.known_until.max()), int(asked.origin.min()) if len(asked) else 0
        out = np.empty((len(asked), len(asked.horizons), len(levels)))
        for i, horizon in enumerate(asked.horizons):
            answer = np.log1p(train.future[:, i])
            errors = ResidualQuantiles.fit(self._point(train, horizon), answer, levels, known_until)
            if len(asked):
                out[:, i] = errors.around(self._point(asked, horizon), as_of=first)
        return np.maximum(out, 0.0)

    def _point(self, questions: VolumeQuestions, horizon: int) -> np.ndarray:
        back = 1 if self.period == 0 else self.period - (horizon - 1) % self.period
        if questions.history.shape[1] < back:
            raise SchemaError(f"{self.name} looks {back} windows back, got a history of {questions.history.shape[1]}")
        return np.log1p(questions.history[:, -back])

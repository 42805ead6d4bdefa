"""What every forecaster of volume does."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from graphsocial.trends.volume.volume_questions import VolumeQuestions

LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Levels of the quantiles; the outer pair is the 90 % interval."""


class VolumeForecaster(Protocol):
    """Quantiles of log1p of coming counts."""

    name: str

    def forecast(
        self, train: VolumeQuestions, asked: VolumeQuestions, levels: tuple[float, ...] = LEVELS
    ) -> np.ndarray:
        """Quantiles of log1p counts, ascending and at least 0, float64 [question, horizon, quantile].

        Args:
            train: Questions with answers that were complete before any origin of `asked`.
            asked: Questions; their answers are not looked at.
            levels: Levels of the quantiles.
        """

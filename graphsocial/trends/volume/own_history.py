"""The part of a question's history in which its tag was there."""

from __future__ import annotations

import numpy as np

from graphsocial.trends.volume.volume_questions import VolumeQuestions

_SHORTEST = 8


def own_history(questions: VolumeQuestions, row: int) -> np.ndarray:
    """log1p counts since the tag's first use, at least the last 8 windows, float64 [window]."""
    length = min(max(int(questions.age[row]), _SHORTEST), questions.history.shape[1])
    return np.log1p(questions.history[row, questions.history.shape[1] - length :].astype(np.float64))


def normal_quantiles(mean: np.ndarray, deviation: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Quantiles of normal forecasts on the log1p scale, at least 0, float64 [..., quantile]."""
    from scipy.stats import norm

    return np.maximum(mean[..., None] + deviation[..., None] * norm.ppf(levels), 0.0)

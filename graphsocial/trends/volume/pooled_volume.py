"""One model for all tags, of jittered counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.trends.volume.boosted_volume import lags
from graphsocial.trends.volume.dequantised import counted, dequantised
from graphsocial.trends.volume.forecaster import LEVELS
from graphsocial.trends.volume.known_answers import check_known
from graphsocial.trends.volume.quantile_boosting import boosted_quantiles
from graphsocial.trends.volume.volume_questions import VolumeQuestions

SPANS = (1, 2, 3, 6, 12, 24, 48, 168)
"""Windows back from the origin whose mean counts are read."""
_HALF_LIVES = (2.0, 8.0)


@dataclass(frozen=True)
class PooledVolume:
    """Boosted quantiles of jittered counts, learned from what the bursts of all tags did before.

    Two boostings are averaged quantile by quantile: one reads single earlier counts, as the floor does, the other means
    over several spans, decayed means, when the peak was and how far below it the tag is. Jittering is what makes them
    better than the floor, see `dequantised`. What was tried besides and made forecasts of later events worse: the
    change against the tag's level as the target, age and silence of the tag, and the volume of all posts.

    Attributes:
        rounds: Trees of each model.
        name: As it stands in reports.
        rng: Seed.
    """

    rounds: int = 60
    name: str = "pooled"
    rng: int = 0

    def forecast(
        self, train: VolumeQuestions, asked: VolumeQuestions, levels: tuple[float, ...] = LEVELS
    ) -> np.ndarray:
        """See `VolumeForecaster`."""
        check_known(self.name, train, asked)
        answers = dequantised(train.future, self.rng)
        found = [
            counted(
                np.sort(boosted_quantiles(read(train), answers, read(asked), levels, self.rounds, self.rng), axis=2)
            )
            for read in (lags, features)
        ]
        mean: np.ndarray = np.mean(found, axis=0)
        return mean


def features(questions: VolumeQuestions) -> np.ndarray:
    """What is known at the origin, float64 [question, feature]."""
    history, width = questions.history.astype(np.float64), questions.history.shape[1]
    means = [np.log1p(history[:, -span:].mean(axis=1)) for span in SPANS if span <= width]
    decayed = [np.log1p(_decayed(history, half_life)) for half_life in _HALF_LIVES]
    peak = history.max(axis=1)
    since_peak = np.argmax(history[:, ::-1], axis=1)
    return np.column_stack(
        [*means, *decayed, means[0] - decayed[-1], np.log1p(peak), np.log1p(peak) - decayed[0], since_peak]
    )


def _decayed(history: np.ndarray, half_life: float) -> np.ndarray:
    """Mean count with weights that halve every `half_life` windows, float64 [question]."""
    weight = 0.5 ** (np.arange(history.shape[1] - 1, -1, -1) / half_life)
    return history @ weight / weight.sum()

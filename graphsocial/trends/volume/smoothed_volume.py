"""Exponential smoothing of each tag's own history, with the intervals of its state-space form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import MissingExtraError
from graphsocial.trends.volume.forecaster import LEVELS
from graphsocial.trends.volume.own_history import normal_quantiles, own_history
from graphsocial.trends.volume.volume_questions import VolumeQuestions


@dataclass(frozen=True)
class SmoothedVolume:
    """ETS(A,N,N): simple exponential smoothing of log1p counts, fitted anew at every origin (statsmodels).

    The variance h windows ahead is `sigma**2 * (1 + (h - 1) * alpha**2)` (Hyndman, Koehler, Ord and Snyder,
    "Forecasting with Exponential Smoothing", 2008, table 6.1).

    Attributes:
        name: As it stands in reports.
    """

    name: str = "ets"

    def forecast(
        self, train: VolumeQuestions, asked: VolumeQuestions, levels: tuple[float, ...] = LEVELS
    ) -> np.ndarray:
        """See `VolumeForecaster`; nothing is learned from the training questions.

        Raises:
            MissingExtraError: statsmodels is not installed.
        """
        try:
            from statsmodels.tsa.holtwinters import SimpleExpSmoothing
        except ImportError as error:
            raise MissingExtraError("ETS needs statsmodels: pip install 'graphsocial[forecast]'") from error
        import warnings

        ahead = np.array(asked.horizons) - 1
        mean, deviation = np.empty((2, len(asked), len(ahead)))
        for row in range(len(asked)):
            values = own_history(asked, row)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of an optimiser at a bound: alpha of 0 or 1 is a fine answer
                fitted = SimpleExpSmoothing(values, initialization_method="estimated").fit()
            alpha = float(np.clip(np.nan_to_num(fitted.params["smoothing_level"], nan=1.0), 0.0, 1.0))
            sigma = float(np.sqrt(np.mean(np.square(fitted.resid))))
            mean[row] = np.nan_to_num(fitted.forecast(1)[0], nan=float(values[-1]))
            deviation[row] = sigma * np.sqrt(1 + ahead * alpha**2)
        return normal_quantiles(mean, deviation, levels)

"""ARIMA of each tag's own history, with its own intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import MissingExtraError
from graphsocial.trends.volume.forecaster import LEVELS
from graphsocial.trends.volume.own_history import normal_quantiles, own_history
from graphsocial.trends.volume.volume_questions import VolumeQuestions


@dataclass(frozen=True)
class ArimaVolume:
    """ARIMA of log1p counts, fitted anew at every origin by maximum likelihood (statsmodels).

    Attributes:
        order: Autoregressive terms, differences, moving-average terms; a constant where nothing is differenced.
        steps: Most steps of the optimiser for one series.
        name: As it stands in reports.
    """

    order: tuple[int, int, int] = (1, 0, 1)
    steps: int = 25
    name: str = "arima"

    def forecast(
        self, train: VolumeQuestions, asked: VolumeQuestions, levels: tuple[float, ...] = LEVELS
    ) -> np.ndarray:
        """See `VolumeForecaster`; nothing is learned from the training questions.

        A series that does not vary, or that no model can be fitted to, is forecast as its mean and deviation.

        Raises:
            MissingExtraError: statsmodels is not installed.
        """
        try:
            from statsmodels.tsa.arima.model import ARIMA
        except ImportError as error:
            raise MissingExtraError("ARIMA needs statsmodels: pip install 'graphsocial[forecast]'") from error
        import warnings

        at = np.array(asked.horizons) - 1
        mean, deviation = np.empty((2, len(asked), len(at)))
        for row in range(len(asked)):
            values = own_history(asked, row)
            mean[row], deviation[row] = values.mean(), values.std()
            if np.ptp(values) == 0:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of an optimiser that stops early: it is judged all the same
                try:
                    fitted = ARIMA(values, order=self.order).fit(method_kwargs={"maxiter": self.steps, "disp": 0})
                    found = fitted.get_forecast(int(at[-1]) + 1)
                    each, spread = found.predicted_mean[at], found.se_mean[at]
                except (np.linalg.LinAlgError, ValueError):
                    continue
            if np.isfinite(each).all() and np.isfinite(spread).all():
                mean[row], deviation[row] = each, spread
        return normal_quantiles(mean, deviation, levels)

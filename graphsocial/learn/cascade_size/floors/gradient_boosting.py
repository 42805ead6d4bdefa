"""Gradient-boosted trees on simple features, for the answer and for its quantiles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor

from graphsocial.learn.cascade_size.examples import SizeExamples
from graphsocial.learn.cascade_size.simple_features import simple_features
from graphsocial.learn.metrics import QUANTILE_LEVELS

EXACT_ROWS = 20_000
"""Above it, splits are searched on histograms: exact search takes minutes."""


class GradientBoosting:
    """100 trees of depth 3, learning rate 0.1 (the library's own settings), on `simple_features`.

    Friedman, "Greedy function approximation", Annals of Statistics 29(5), 2001.

    Args:
        features: Examples to columns [example, column].
        name: As it stands in tables.
    """

    def __init__(
        self, features: Callable[[SizeExamples], np.ndarray] = simple_features, name: str = "gradient_boosting"
    ):
        self.features, self.name = features, name

    def predict(self, train: SizeExamples, test: SizeExamples) -> np.ndarray:
        """[example]."""
        model = _regressor(len(train), None).fit(self.features(train), train.target)
        return model.predict(self.features(test)).astype(np.float64)

    def quantiles(
        self, train: SizeExamples, test: SizeExamples, levels: tuple[float, ...] = QUANTILE_LEVELS
    ) -> np.ndarray:
        """The same trees with the quantile loss, one ensemble per level, sorted, float64 [example, quantile]."""
        x, at = self.features(train), self.features(test)
        columns = [_regressor(len(train), level).fit(x, train.target).predict(at) for level in levels]
        return np.sort(np.stack(columns, axis=1), axis=1)


def _regressor(rows: int, level: float | None) -> GradientBoostingRegressor | HistGradientBoostingRegressor:
    if rows > EXACT_ROWS:
        loss = "squared_error" if level is None else "quantile"
        return HistGradientBoostingRegressor(loss=loss, quantile=level, max_depth=3, random_state=0)
    if level is None:
        return GradientBoostingRegressor(random_state=0)
    return GradientBoostingRegressor(loss="quantile", alpha=level, random_state=0)

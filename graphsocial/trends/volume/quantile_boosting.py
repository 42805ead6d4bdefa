"""Gradient boosting, one model per horizon and quantile."""

from __future__ import annotations

import numpy as np


def boosted_quantiles(
    features: np.ndarray, change: np.ndarray, asked: np.ndarray, levels: tuple[float, ...], rounds: int, rng: int
) -> np.ndarray:
    """Quantiles for the rows asked about, not yet sorted, float64 [question, horizon, quantile].

    Args:
        features: Of the training questions [question, feature].
        change: What to forecast [question, horizon].
        asked: Features [question, feature].
        levels: Levels of the quantiles.
        rounds: Trees of each model.
        rng: Seed.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor  # slow to import, needed only here

    out = np.empty((len(asked), change.shape[1], len(levels)))
    leaf = int(np.clip(len(features) // 50, 1, 20))
    for horizon in range(change.shape[1]):
        for i, level in enumerate(levels):
            model = HistGradientBoostingRegressor(
                loss="quantile", quantile=level, max_iter=rounds, learning_rate=0.08, max_leaf_nodes=12,
                min_samples_leaf=leaf, l2_regularization=1.0, early_stopping=False, random_state=rng,
            )  # fmt: skip
            model.fit(features, change[:, horizon])
            out[:, horizon, i] = model.predict(asked) if len(asked) else 0.0
    return out

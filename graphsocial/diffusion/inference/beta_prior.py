"""How far the probability of an edge with few trials is drawn to that of all edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError

SUCCESSES = 0.1
"""Successes that the pseudo-trials hold where nobody says how many trials."""


@dataclass(frozen=True)
class BetaPrior:
    """Trials that every edge is taken to have seen beforehand: a Beta distribution, as pseudo-counts.

    An edge with s successes in n trials gets (s + trials * mean) / (n + trials): one without trials gets the mean, one
    with many its own share. It is the most probable value under a Beta(1 + trials * mean, 1 + trials * (1 - mean)).

    Attributes:
        trials: How many; 0 for none, and then only an edge never tried gets the mean. None: as many as hold a tenth of
            a success, .1 / mean, that is 50 where the mean is .002 and a third of one where it is .3: how much the
            probabilities of edges differ is taken to be in proportion to their mean.
        mean: Share of them that succeeded; None: that of all edges, as if they shared one probability.

    >>> BetaPrior(trials=2).shrunk(np.array([0.0, 3.0]), np.array([0, 4]), mean=0.5).round(3).tolist()
    [0.5, 0.667]
    """

    trials: float | None = None
    mean: float | None = None

    def __post_init__(self) -> None:
        for name, value, most in (("trials", self.trials, np.inf), ("mean", self.mean, 1.0)):
            number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            if value is not None and not (number and 0 <= value <= most and value < np.inf):
                bound = "of [0, 1]" if name == "mean" else "at least 0"
                raise SchemaError(f"prior got {name}={value!r}, expected a number {bound}, or None")

    def weight(self, mean: float) -> float:
        """How many pseudo-trials there are when this is their mean."""
        if self.trials is not None:
            return float(self.trials)
        return SUCCESSES / mean if mean > 0 else 0.0

    def shrunk(self, successes: np.ndarray, trials: np.ndarray, mean: float) -> np.ndarray:
        """Probabilities of edges with so many successes in so many trials, float64 [edge]."""
        extra = self.weight(mean)
        known = trials + extra > 0
        return np.where(known, (successes + extra * mean) / np.where(known, trials + extra, 1), mean).clip(0, 1)

    def log_density(self, probability: np.ndarray, mean: float) -> float:
        """Sum over edges of the logarithm of the prior density, up to a constant."""
        from scipy.special import xlog1py, xlogy

        good, bad = self.weight(mean) * mean, self.weight(mean) * (1 - mean)
        return float((xlogy(good, probability) + xlog1py(bad, -probability)).sum())

"""Intervals for any point forecast: its own past errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import LeakageError, NotFittedError, SchemaError
from graphsocial.graph import format_time


@dataclass(frozen=True)
class ResidualQuantiles:
    """Empirical quantiles of a forecast's errors, added to its later points.

    Attributes:
        levels: Levels of the quantiles [quantile].
        offsets: Quantiles of target minus point on the training examples [quantile].
        known_until: The answers it was fitted on were complete at this time, int64 seconds.

    >>> past = ResidualQuantiles.fit(np.zeros(3), np.array([-1.0, 0.0, 2.0]), (0.0, 0.5, 1.0), known_until=100)
    >>> past.around(np.array([5.0]), as_of=100).tolist()
    [[4.0, 5.0, 7.0]]
    """

    levels: tuple[float, ...]
    offsets: tuple[float, ...]
    known_until: int

    @classmethod
    def fit(
        cls, point: np.ndarray, target: np.ndarray, levels: tuple[float, ...], known_until: int
    ) -> ResidualQuantiles:
        """Quantiles of `target - point`, both [example] and on one scale.

        Raises:
            NotFittedError: There is no example.
            SchemaError: Arrays differ in length or levels do not ascend within [0, 1].
        """
        if np.shape(point) != np.shape(target):
            raise SchemaError(f"got points {np.shape(point)} and targets {np.shape(target)}, expected [example] twice")
        if not levels or any(not 0 <= q <= 1 for q in levels) or list(levels) != sorted(set(levels)):
            raise SchemaError(f"quantile levels {levels}, expected ascending numbers in [0, 1]")
        if not len(point):
            raise NotFittedError("intervals from past errors need at least one training example, got 0")
        offsets = np.quantile(np.asarray(target, dtype=np.float64) - point, levels)
        return cls(tuple(levels), tuple(float(o) for o in offsets), int(known_until))

    def around(self, point: np.ndarray, as_of: int, allow_future_model: bool = False) -> np.ndarray:
        """Quantiles of each forecast, float64 [example, quantile].

        Args:
            point: Forecasts [example].
            as_of: Earliest time the forecasts are made at, int64 seconds.
            allow_future_model: Use errors that were not known yet at `as_of`.

        Raises:
            LeakageError: The errors were not known at `as_of`.
        """
        if as_of < self.known_until and not allow_future_model:
            raise LeakageError(
                f"errors known until {format_time(self.known_until)} would be used as of {format_time(as_of)}; "
                "pass allow_future_model=True to do so all the same"
            )
        return np.asarray(point, dtype=np.float64)[:, None] + np.asarray(self.offsets)

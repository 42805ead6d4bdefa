"""Forecasts of how many further events come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class SizeForecast:
    """Further events of some sequences between the end of their observation and a horizon.

    Attributes:
        observed: Events so far, roots included, int64 [sequence].
        expected: Expected further events; infinite where nothing bounds them, float64 [sequence].
        median: Simulated median, float64 [sequence].
        low: Lower end of the simulated interval [sequence].
        high: Upper end; infinite where that share of the runs had no end in sight [sequence].
        level: Share of the runs that the interval holds. It holds for the parameters as they are: that they were
            estimated widens nothing.
        infectiousness: Direct answers per unit of degree, float64 [sequence].
        branching: Direct answers per event that is still to come, float64 [sequence].
        horizon: Seconds after the observation's end.
        future_model: Whether the model knew what was not known when the forecast is made, which was allowed.
    """

    observed: np.ndarray
    expected: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float
    infectiousness: np.ndarray
    branching: np.ndarray
    horizon: float
    future_model: bool = False

    @property
    def supercritical(self) -> np.ndarray:
        """True where an event triggers one or more on average, so that growth has no bound of its own [sequence]."""
        return self.branching >= 1

    def __len__(self) -> int:
        return len(self.observed)

    def __repr__(self) -> str:
        late = " by a model that knew later events" if self.future_model else ""
        middle = f", median {np.median(self.median):,.4g} further events" if len(self) else ""
        return (
            f"SizeForecast of {len(self):,} sequences over {self.horizon:g} s{middle}, "
            f"{int(self.supercritical.sum()):,} supercritical{late}"
        )

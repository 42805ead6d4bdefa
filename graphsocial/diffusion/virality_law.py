"""How much better or worse a post may travel than its edges say: a law of one factor on all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.time import format_time


@dataclass(frozen=True, eq=False)
class ViralityLaw:
    """A finite law of the factor that all edges of a run share: what `DelayedCascade` takes as its `virality`.

    Attributes:
        factor: Values that the factor takes, ascending, at least 0, float64 [point]; 0 = nothing is passed on.
        weight: Chance of each, float64 [point].
        origin: Where the numbers come from, a few words.
        known_until: What they were fitted on came before this second; None for numbers that saw no data, or all.
        fitted: Whether they were fitted on data.

    Raises:
        SchemaError: No point, one weight per factor missing, factors that do not ascend from 0 or above, or weights
            that do not sum to 1.

    >>> law = ViralityLaw([0, 1, 4], [0.5, 0.25, 0.25])
    >>> law.mean, law.cumulative.tolist()
    (1.25, [0.5, 0.75, 1.0])
    >>> ViralityLaw([1, 2], [0.5, 0.6])
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: virality law got weights that sum to 1.1, expected 1
    """

    factor: np.ndarray
    weight: np.ndarray
    origin: str = "given"
    known_until: int | None = None
    fitted: bool = False

    def __post_init__(self) -> None:
        factor, weight = _numbers("factors", self.factor), _numbers("weights", self.weight)
        if not len(factor) or len(factor) != len(weight):
            raise SchemaError(
                f"virality law got {len(factor)} factors and {len(weight)} weights, expected at least one, and as many"
            )
        falls = np.flatnonzero(np.diff(factor) <= 0)
        if len(falls):
            before, after = factor[falls[0]], factor[falls[0] + 1]
            raise SchemaError(f"virality law got factor {after} after {before}, expected factors that ascend")
        if abs(weight.sum() - 1) > 1e-6:
            raise SchemaError(f"virality law got weights that sum to {weight.sum():g}, expected 1")
        for name, values in (("factor", factor), ("weight", weight)):
            values.setflags(write=False)
            object.__setattr__(self, name, values)

    @property
    def cumulative(self) -> np.ndarray:
        """Chance of at most each factor, exactly 1 at the last one that has any, float64 [point]."""
        summed = np.cumsum(self.weight)
        return summed / summed[-1]

    @property
    def mean(self) -> float:
        """Mean factor."""
        return float(self.factor @ self.weight / self.weight.sum())

    def __repr__(self) -> str:
        until = f", fitted until {format_time(self.known_until)}" if self.known_until is not None else ""
        points = f"{len(self.factor):,} point{'s' if len(self.factor) > 1 else ''}"
        return f"ViralityLaw of {points}, mean {self.mean:.4g} ({self.origin}{until})"


def _numbers(what: str, values: Sequence[float] | np.ndarray | Any) -> np.ndarray:
    """The values as a new float64 array, all of them finite and at least 0."""
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iuf"):
        raise SchemaError(f"virality law got {what} {array.dtype} {array.shape}, expected numbers, [point]")
    array = array.astype(np.float64)
    wrong = np.flatnonzero(~((array >= 0) & (array < np.inf)))  # nan, too
    if len(wrong):
        raise SchemaError(f"virality law got {what}[{wrong[0]}] = {array[wrong[0]]}, expected finite, at least 0")
    return array

"""Mean growth: the growth curve of the average cascade, with a band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.measures.growth import check_times, growth
from graphsocial.diffusion.measures.ratio_bootstrap import ratio_bootstrap
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.query_result import Column, QueryResult


@dataclass(frozen=True, repr=False, eq=False)
class MeanGrowth(QueryResult):
    """Growth curve of the average cascade.

    Attributes:
        time: Since the start, float64 [time].
        mean: Members by then, nan where no cascade was watched so long [time].
        low: Lower end of its bootstrap interval over cascades, nan where fewer than two were [time].
        high: Upper end [time].
        at_risk: Cascades watched so long, int64 [time].
        cascades: Number of cascades.
        level: Chance of an interval to hold its value.
    """

    time: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray
    cascades: int
    level: float

    def title(self) -> str:
        """How many cascades, and how many of them were watched to the end."""
        return (
            f"mean growth of {self.cascades:,} cascades, {self.at_risk[-1]:,} of them watched to {self.time[-1]:g}, "
            f"{100 * self.level:g} % intervals"
        )

    def columns(self) -> dict[str, Column]:
        """One row per time."""
        return {"time": self.time, "mean": self.mean, "low": self.low, "high": self.high, "at_risk": self.at_risk}


def mean_growth(
    cascades: CascadeSet,
    times: Sequence[float] | np.ndarray,
    *,
    rng: int | np.random.Generator,
    watched: float | np.ndarray | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> MeanGrowth:
    """Mean number of members by each time since the start.

    Where some cascades were watched for longer than others, it is the mean cumulative function (Nelson, "Confidence
    limits for recurrence data", Technometrics 37(2), 1995), with one step per time: what came between two times, per
    cascade still watched at the second, added up. Plain means over those still watched would jump whenever a large one
    drops out. It is unbiased where the length of the observation has nothing to do with the size; with nothing censored
    it is the plain mean.

    Args:
        cascades: Observed or simulated.
        times: Since the start, in the unit of the cascades' times, ascending from 0 or later [time].
        rng: Whole number or numpy generator that the bootstrap draws from.
        watched: How long cascades were watched; `watched_lengths` says what holds without it.
        resamples: How often cascades are drawn with replacement.
        level: Chance of an interval to hold its value.

    Raises:
        SchemaError: Times, resamples or level that make no sense, or nothing says how long censored ones were watched.

    >>> cascades = CascadeSet([*"abc"], [-1, 0, -1], [0, 5, 0], [0, 2, 3], ["x", "y"], [False, False])
    >>> mean_growth(cascades, [0, 5], rng=0).mean.tolist()
    [1.0, 1.5]
    """
    size = growth(cascades, times, watched=watched)
    there = ~np.isnan(size)
    step = np.where(there, np.diff(size, axis=1, prepend=0), 0.0)
    found = ratio_bootstrap(step, there.astype(np.float64), rng, resamples, level, cumulative=True)
    return MeanGrowth(check_times(times), found.value, found.low, found.high, there.sum(axis=0), len(cascades), level)

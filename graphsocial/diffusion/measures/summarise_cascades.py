"""A summary of cascades: the mean of each measure with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.measures.cascade_table import cascade_table
from graphsocial.diffusion.measures.ratio_bootstrap import ratio_bootstrap
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.query_result import Column, QueryResult

MEASURES = ("size", "depth", "breadth", "virality", "duration", "time_to_half")


@dataclass(frozen=True, repr=False, eq=False)
class CascadeSummary(QueryResult):
    """Means over cascades.

    Attributes:
        mean: Of each of `MEASURES`, over the cascades that have it, float64 [measure].
        low: Lower end of its bootstrap interval over cascades, nan where fewer than two have it [measure].
        high: Upper end [measure].
        median: [measure].
        used: Cascades that have the measure, int64 [measure].
        censored: Those of them that may have gone on, int64 [measure]; where there are any, the means of size, depth,
            breadth and duration are lower bounds, and that of virality is of what was seen.
        cascades: Number of cascades.
        open_cascades: Those that may have gone on; time to half leaves them out, which favours the quick ones.
        level: Chance of an interval to hold its value.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    median: np.ndarray
    used: np.ndarray
    censored: np.ndarray
    cascades: int
    open_cascades: int
    level: float

    def title(self) -> str:
        """How many cascades, and how many of them may have gone on."""
        note = " and count as far as they were seen" if self.open_cascades else ""
        return (
            f"{self.cascades:,} cascades, {100 * self.level:g} % intervals over cascades; {self.open_cascades:,} are "
            f"censored{note}"
        )

    def columns(self) -> dict[str, Column]:
        """One row per measure."""
        return {
            "measure": list(MEASURES),
            "mean": self.mean,
            "low": self.low,
            "high": self.high,
            "median": self.median,
            "cascades": self.used,
            "censored": self.censored,
        }


def summarise_cascades(
    cascades: CascadeSet, *, rng: int | np.random.Generator, resamples: int = 1000, level: float = 0.95
) -> CascadeSummary:
    """Means of size, depth, breadth, structural virality, duration and time to half, with BCa intervals.

    Args:
        cascades: Observed or simulated.
        rng: Whole number or numpy generator that the bootstrap draws from.
        resamples: How often cascades are drawn with replacement.
        level: Chance of an interval to hold its value.

    Raises:
        SchemaError: Resamples or level that make no sense.

    >>> cascades = CascadeSet([*"abc"], [-1, 0, -1], [0, 5, 0], [0, 2, 3], ["x", "y"], [False, True])
    >>> summary = summarise_cascades(cascades, rng=0)
    >>> summary.title()
    '2 cascades, 95 % intervals over cascades; 1 are censored and count as far as they were seen'
    >>> summary.mean.tolist(), summary.used.tolist()
    ([1.5, 0.5, 1.0, 1.0, 2.5, 0.0], [2, 2, 2, 1, 2, 1])
    """
    table = cascade_table(cascades)
    values = np.column_stack([np.asarray(table.columns()[name], dtype=np.float64) for name in MEASURES])
    known = ~np.isnan(values)
    found = ratio_bootstrap(np.where(known, values, 0.0), known.astype(np.float64), rng, resamples, level)
    median = [np.median(column[has]) if has.any() else np.nan for column, has in zip(values.T, known.T, strict=True)]
    return CascadeSummary(
        found.value,
        found.low,
        found.high,
        np.array(median),
        known.sum(axis=0),
        known[cascades.censored].sum(axis=0),
        len(cascades),
        int(cascades.censored.sum()),
        level,
    )

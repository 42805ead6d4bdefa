"""Goodness of fit: whether simulated cascades look like observed ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from graphsocial.diffusion.holm import holm
from graphsocial.diffusion.measures.ages import durations
from graphsocial.diffusion.measures.breadth import breadth
from graphsocial.diffusion.measures.comparable_cascades import comparable_cascades
from graphsocial.diffusion.measures.structural_virality import structural_virality
from graphsocial.diffusion.measures.time_to_share import time_to_share
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.query_result import Column, QueryResult

Measure = Callable[[CascadeSet], np.ndarray]
"""One number per cascade, nan where it has none, [cascade]."""
MEASURES: Mapping[str, Measure] = {
    "size": lambda cascades: cascades.size,
    "depth": lambda cascades: cascades.depth,
    "breadth": breadth,
    "virality": structural_virality,
}
"""Of the shape: what models in steps say, too."""
TIMINGS: Mapping[str, Measure] = {
    "time_to_half": lambda cascades: time_to_share(cascades, lower_bound=True),
    "duration": durations,
}
"""Of the growth, where both sides have the same clock; of what was seen by the age, where one is given."""
Statistic = Literal["ks", "energy"]


@dataclass(frozen=True, repr=False, eq=False)
class GoodnessOfFit(QueryResult):
    """How far the distributions of simulated cascades lie from those of observed ones.

    Attributes:
        statistic: "ks" or "energy".
        measure: Names of the measures.
        distance: Between the two distributions of each of them, nan where one side has no values [measure].
        p_value: Chance of such a distance, or a larger one, if both came from one process [measure].
        p_holm: The same, Holm's correction for looking at several measures [measure]; compare with the level as it is.
        observed_mean: [measure].
        simulated_mean: [measure].
        observed: Observed cascades that have the measure, int64 [measure].
        simulated: Simulated ones, int64 [measure].
        left_out: Observed and simulated cascades left out: censored, or not watched to the age.
        age: Both sides as they were so long after their start; None for final cascades.
    """

    statistic: Statistic
    measure: tuple[str, ...]
    distance: np.ndarray
    p_value: np.ndarray
    p_holm: np.ndarray
    observed_mean: np.ndarray
    simulated_mean: np.ndarray
    observed: np.ndarray
    simulated: np.ndarray
    left_out: tuple[int, int]
    age: float | None

    def title(self) -> str:
        """The smallest p value, and how many cascades were left out."""
        when = "" if self.age is None else f" at age {self.age:g}"
        return (
            f"simulated against observed cascades{when}, {self.statistic} distance: smallest p "
            f"{np.nanmin(self.p_holm, initial=1.0):.3g} after Holm; left out {self.left_out[0]:,} observed and "
            f"{self.left_out[1]:,} simulated ones"
        )

    def columns(self) -> dict[str, Column]:
        """One row per measure."""
        return {
            "measure": list(self.measure),
            "distance": self.distance,
            "p_value": self.p_value,
            "p_holm": self.p_holm,
            "observed_mean": self.observed_mean,
            "simulated_mean": self.simulated_mean,
            "observed": self.observed,
            "simulated": self.simulated,
        }


def goodness_of_fit(
    observed: CascadeSet,
    simulated: CascadeSet,
    *,
    rng: int | np.random.Generator,
    statistic: Statistic = "ks",
    measures: Mapping[str, Measure] = MEASURES,
    paired: bool = False,
    permutations: int = 999,
    age: float | None = None,
    watched: float | np.ndarray | None = None,
    horizon: float | None = None,
) -> GoodnessOfFit:
    """Two-sample permutation tests of size, depth, breadth and virality, or of other measures, with Holm's correction.

    Whole cascades change sides, so ties and few cascades do no harm to the p values; they are never below
    1 / (permutations + 1) (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9(1), 2010). Cascades are taken as
    independent of each other. Parameters fitted on the very cascades that are observed here make p values too large:
    test on others.

    Sizes of censored cascades are lower bounds, so they are left out and counted; where the large ones are still going,
    that is no fair comparison: pass an age, and both sides are compared as they were so long after their start.

    Args:
        observed: Cascades that happened.
        simulated: Cascades of a model, with seed sets such as the observed ones'.
        rng: Whole number or numpy generator that permutations are drawn from.
        statistic: "ks": largest difference between the distribution functions (Kolmogorov-Smirnov); "energy": energy
            distance (Székely and Rizzo 2013), which weighs how far apart values are.
        measures: By name; `MEASURES`, `TIMINGS`, both (`{**MEASURES, **TIMINGS}`), or any other.
        paired: Each simulated cascade goes on from the beginning of the observed one at its place, so that the two
            change sides with each other only: what beginnings have in common hides no difference.
        permutations: How often the cascades are dealt anew to the two sides.
        age: Compare what cascades were at this age, in the unit of both sides' times; None: final cascades.
        watched: How long observed cascades were watched, where `age` needs it (`watched_lengths`).
        horizon: The simulation's, where `age` needs it.

    Raises:
        SchemaError: A side has no cascade to compare, or an argument makes no sense.

    >>> parent = np.where(np.arange(60) % 2, np.arange(60) - 1, -1)
    >>> pairs = CascadeSet([*"ab"] * 30, parent, [0, 1] * 30, 2 * np.arange(31), range(30), [False] * 30)
    >>> alone = CascadeSet([*"a"] * 30, [-1] * 30, [0] * 30, np.arange(31), range(30), [False] * 30)
    >>> goodness_of_fit(pairs, alone, rng=0).p_holm.tolist()
    [0.003, 0.003, 1.0, nan]
    """
    if statistic not in ("ks", "energy"):
        raise SchemaError(f"got statistic={statistic!r}, expected 'ks' or 'energy'.{did_you_mean(statistic, _KNOWN)}")
    if isinstance(permutations, bool) or not isinstance(permutations, int | np.integer) or permutations < 1:
        raise SchemaError(f"got permutations={permutations!r}, expected a whole number, at least 1")
    if not isinstance(measures, Mapping) or not measures:
        raise SchemaError(f"got measures={measures!r}, expected a mapping from names to functions, such as MEASURES")
    ours, left_out_ours = _whole("observed", observed, age, watched)
    theirs, left_out_theirs = _whole("simulated", simulated, age, horizon)
    if paired and (left_out_ours or left_out_theirs or len(ours) != len(theirs)):
        raise SchemaError(
            f"got {len(observed):,} observed and {len(simulated):,} simulated cascades, {left_out_ours:,} and "
            f"{left_out_theirs:,} of them censored; expected pairs of whole ones"
        )
    values = [_values(name, measure, ours, theirs) for name, measure in measures.items()]
    side = np.arange(len(ours) + len(theirs)) < len(ours)
    samples = [_Sample(v) for v in values]
    distance = np.array([sample.distance(side, statistic) for sample in samples])
    below = np.zeros(len(samples), dtype=np.int64)
    generator = np.random.default_rng(rng)
    for _ in range(permutations):
        dealt = _swapped(len(ours), generator) if paired else generator.permutation(side)
        # a deal that leaves one side without values has no distance, and says nothing against chance
        below += np.array([sample.distance(dealt, statistic) for sample in samples]) < distance * (1 - 1e-12)
    p_value = np.where(np.isnan(distance), np.nan, (1 + permutations - below) / (permutations + 1))
    return GoodnessOfFit(
        statistic,
        tuple(measures),
        distance,
        p_value,
        holm(p_value),
        np.array([_mean(v[side]) for v in values]),
        np.array([_mean(v[~side]) for v in values]),
        np.array([np.count_nonzero(~np.isnan(v[side])) for v in values]),
        np.array([np.count_nonzero(~np.isnan(v[~side])) for v in values]),
        (left_out_ours, left_out_theirs),
        age,
    )


_KNOWN = ("ks", "energy")


def _values(name: str, measure: Measure, ours: CascadeSet, theirs: CascadeSet) -> np.ndarray:
    found = [np.asarray(measure(side), dtype=np.float64) for side in (ours, theirs)]
    for side, values in zip((ours, theirs), found, strict=True):
        if values.shape != (len(side),):
            raise SchemaError(f"measure {name!r} got {values.shape}, expected ({len(side)},), a number of each cascade")
    return np.concatenate(found)


def _swapped(pairs: int, generator: np.random.Generator) -> np.ndarray:
    ours = generator.integers(2, size=pairs).astype(bool)
    return np.concatenate([ours, ~ours])


class _Sample:
    """Values of both sides in order, ready to be dealt to two sides again and again; nan is in neither."""

    def __init__(self, values: np.ndarray):
        order = np.argsort(values, kind="stable")
        self._order = order[: np.count_nonzero(~np.isnan(values))]
        ordered = values[self._order]
        self._last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) if len(ordered) else self._order
        self._width = np.diff(ordered[self._last])

    def distance(self, side: np.ndarray, statistic: Statistic) -> float:
        """Between the distributions of those on the one side and those on the other."""
        ours = np.cumsum(side[self._order])[self._last]
        both = self._last + 1
        if not len(ours) or not 0 < ours[-1] < both[-1]:
            return float("nan")
        gap = ours / ours[-1] - (both - ours) / (both[-1] - ours[-1])
        if statistic == "ks":
            return float(np.abs(gap).max())
        return float(np.sqrt(2 * np.sum(gap[:-1] ** 2 * self._width)))


def _whole(
    side: str, cascades: CascadeSet, age: float | None, watched: float | np.ndarray | None
) -> tuple[CascadeSet, int]:
    try:
        return comparable_cascades(cascades, age, watched)
    except SchemaError as error:
        raise SchemaError(f"{side} cascades: {error}") from error


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")

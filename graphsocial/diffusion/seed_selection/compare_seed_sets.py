"""Seed sets side by side: what each reaches, and by how much they differ in the same runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from graphsocial.diffusion.independent_cascade import IndependentCascade
from graphsocial.diffusion.simulate import seed_positions, simulated_parts, stream_key
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.query_result import Column, QueryResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class SeedSetComparison(QueryResult):
    """Mean number of nodes reached from each seed set, the largest first.

    Attributes:
        names: Names of the sets.
        against: The set that differences are to.
        seeds: Number of seeds of each, int64 [set].
        spread: Mean number of nodes reached, float64 [set].
        interval: Confidence interval of each mean, float64 [set, 2].
        difference: Mean by which each exceeds `against` in the same run, float64 [set].
        difference_interval: Confidence interval of it, float64 [set, 2].
        runs: Number of runs of each.
        level: Chance that an interval holds.
    """

    names: tuple[str, ...]
    against: str
    seeds: np.ndarray
    spread: np.ndarray
    interval: np.ndarray
    difference: np.ndarray
    difference_interval: np.ndarray
    runs: int
    level: float

    def title(self) -> str:
        """How many sets and runs, and which reaches most."""
        return (
            f"{len(self.names)} seed sets over {self.runs:,} common runs, intervals of {self.level:.0%}: "
            f"{self.names[0]} reaches most, {self.spread[0]:,.1f} nodes"
        )

    def columns(self) -> dict[str, Column]:
        """Set, number of seeds, mean and interval, difference and its interval."""
        return {
            "set": list(self.names),
            "seeds": self.seeds,
            "spread": self.spread,
            "low": self.interval[:, 0],
            "high": self.interval[:, 1],
            f"minus {self.against}": self.difference,
            "difference_low": self.difference_interval[:, 0],
            "difference_high": self.difference_interval[:, 1],
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Means with their intervals, the largest on top."""
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.figure().add_subplot()
        place = np.arange(len(self.names))[::-1]
        ax.errorbar(self.spread, place, xerr=np.abs(self.interval.T - self.spread), fmt="o", capsize=3)
        ax.set_yticks(place, self.names)
        ax.set_xlabel(f"nodes reached, mean of {self.runs:,} runs")
        return ax


def compare_seed_sets(
    model: SpreadModel,
    seed_sets: Mapping[str, Iterable[Any]],
    runs: int = 10_000,
    *,
    rng: int | np.random.Generator,
    against: str | None = None,
    deadline: int | None = None,
    level: float = 0.95,
    threads: int | None = None,
    allow_future_model: bool = False,
) -> SeedSetComparison:
    """Simulates spread from several seed sets in the same runs: run i of each draws from the same stream.

    In an independent cascade and in linear threshold the same edges carry in run i whatever the seeds, so that
    differences are much surer than the means; other models are compared by run as well, which does no harm.

    Args:
        model: Any spread model.
        seed_sets: Seed sets by name.
        runs: Number of runs of each, at least 2.
        rng: Whole number or numpy generator; other than the one that seeds were selected with.
        against: Name of the set that the others are compared with; None: the first.
        deadline: Only nodes reached within this many steps, or this time, count; None: all.
        level: Chance that each interval holds, by the normal distribution of means.
        threads: At most this many; None: one per core.
        allow_future_model: A `SeedSet` may have been selected by what the model's graph does not know yet.

    Raises:
        SchemaError: No seed sets, one that is empty, or a number or name that makes no sense.
        UnknownNodeError: A seed is not in the graph.
        LeakageError: A `SeedSet` was selected by what the model's graph does not know yet.

    >>> from graphsocial.diffusion import Activation, SpreadGraph
    >>> stars = SpreadGraph.from_edges([0, 0, 0, 4, 4], [1, 2, 3, 5, 6])
    >>> compare_seed_sets(IndependentCascade(Activation.uniform(stars, 1.0)), {"small": [4], "big": [0]}, 10, rng=1)
    2 seed sets over 10 common runs, intervals of 95%: big reaches most, 4.0 nodes
      set    seeds  spread  low  high  minus small  difference_low  difference_high
      big    1      4       4    4     1            1               1
      small  1      3       3    3     0            0               0
    """
    if not isinstance(seed_sets, Mapping) or not seed_sets:
        raise SchemaError("got no seed sets, expected {name: seeds, ...}")
    if isinstance(runs, bool) or not isinstance(runs, int | np.integer) or runs < 2:
        raise SchemaError(f"got runs={runs!r}, expected a whole number, at least 2: one run has no interval")
    if not isinstance(level, float) or not 0 < level < 1:
        raise SchemaError(f"got level={level!r}, expected a number between 0 and 1")
    names = tuple(seed_sets)
    first = names[0] if against is None else against
    if first not in seed_sets:
        raise SchemaError(f"no seed set {against!r} to compare with.{did_you_mean(str(against), map(str, names))}")
    coupled = replace(model, coupled=True) if isinstance(model, IndependentCascade) else model
    key = stream_key(rng)
    ids = model.spread.ids
    seeds = {name: ids[seed_positions(model, seed_sets[name], allow_future_model)].tolist() for name in names}
    size = np.stack([reached(coupled, seeds[name], runs, key, deadline, threads) for name in names])
    spread, interval = mean_interval(size, level)
    difference, difference_interval = mean_interval(size - size[names.index(first)], level)
    order = np.argsort(-spread, kind="stable")
    return SeedSetComparison(
        tuple(names[i] for i in order),
        first,
        np.array([len(seeds[names[i]]) for i in order]),
        spread[order],
        interval[order],
        difference[order],
        difference_interval[order],
        int(runs),
        level,
    )


def reached(
    model: SpreadModel, seeds: Iterable[Any], runs: int, key: int, deadline: float | None, threads: int | None
) -> np.ndarray:
    """Number of nodes reached in each run, int64 [run]."""
    parts = simulated_parts(model, seeds, runs, rng=key, horizon=deadline, threads=threads)
    return np.concatenate([part.size for part in parts])


def mean_interval(value: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Means over the last axis, [...], and their confidence intervals, [..., 2]."""
    mean = value.mean(axis=-1)
    half = NormalDist().inv_cdf(0.5 + level / 2) * value.std(axis=-1, ddof=1) / np.sqrt(value.shape[-1])
    return mean, np.stack([mean - half, mean + half], axis=-1)

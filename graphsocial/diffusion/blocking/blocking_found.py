"""What was blocked, and what it saves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphsocial.diffusion.blocking.blocked_model import blocked_model
from graphsocial.diffusion.independent_cascade import IndependentCascade
from graphsocial.diffusion.seed_selection.compare_seed_sets import mean_interval, reached
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.graph.query_result import Column, QueryResult


@dataclass(frozen=True, repr=False, eq=False)
class Blocking(QueryResult):
    """Nodes or edges to block, in the order selected, and the mean spread before and after by independent simulation.

    Attributes:
        what: "nodes" or "edges".
        blocked: Ids, or pairs of ids, in the order selected.
        saved: Nodes that each keeps from being reached after those before it, by the samples, float64 [blocked].
        model: The model with all of them blocked: simulate it.
        before: Mean number of nodes reached with nothing blocked.
        before_interval: Its confidence interval, float64 [2].
        after: Mean number of nodes reached with all of them blocked.
        after_interval: Its confidence interval, float64 [2].
        difference_interval: Confidence interval of before - after in the same runs, float64 [2].
        degree_after: Mean number of nodes reached if as many of the highest degree were blocked instead.
        degree_after_interval: Its confidence interval, float64 [2].
        runs: Number of runs of each.
        level: Chance that an interval holds.
    """

    what: str
    blocked: tuple[Any, ...]
    saved: np.ndarray
    model: SpreadModel
    before: float
    before_interval: np.ndarray
    after: float
    after_interval: np.ndarray
    difference_interval: np.ndarray
    degree_after: float
    degree_after_interval: np.ndarray
    runs: int
    level: float

    def title(self) -> str:
        """How many, and what is reached before and after, and with the highest degrees blocked."""
        low, high = self.difference_interval
        return (
            f"{len(self.blocked)} {self.what} blocked: {self.before:,.2f} nodes reached before, {self.after:,.2f} "
            f"after ({low:,.2f} to {high:,.2f} fewer, {self.level:.0%}); by degree {self.degree_after:,.2f} after"
        )

    def columns(self) -> dict[str, Column]:
        """What is blocked and what it saves."""
        if self.what == "nodes":
            return {"node": list(self.blocked), "saved": self.saved}
        return {
            "source": [source for source, _ in self.blocked],
            "target": [target for _, target in self.blocked],
            "saved": self.saved,
        }


def measured_blocking(
    what: str,
    blocked: tuple[Any, ...],
    saved: np.ndarray,
    model: SpreadModel,
    seeds: list[Any],
    chosen: np.ndarray,
    by_degree: np.ndarray,
    runs: int,
    key: int,
    level: float,
    threads: int | None,
) -> Blocking:
    """Simulates with nothing, with the chosen and with the highest degrees blocked, in the same runs.

    Args:
        what: "nodes" or "edges".
        blocked: What is blocked, as shown.
        saved: What each saves.
        model: The model.
        seeds: Ids of the seeds.
        chosen: Positions of the nodes or edges chosen.
        by_degree: Positions of as many of the highest degree.
        runs: Number of runs of each.
        key: What the runs derive from, other than that of the samples.
        level: Chance that an interval holds.
        threads: At most this many.
    """
    free = replace(model, coupled=True) if isinstance(model, IndependentCascade) else model

    def without(which: np.ndarray) -> SpreadModel:
        ids = free.spread.ids
        return blocked_model(free, nodes=ids[which].tolist()) if what == "nodes" else blocked_model(free, edges=which)

    size = np.stack([reached(m, seeds, runs, key, None, threads) for m in (free, without(chosen), without(by_degree))])
    mean, interval = mean_interval(size, level)
    _, difference = mean_interval(size[0] - size[1], level)
    ids = model.spread.ids
    plain = blocked_model(model, nodes=ids[chosen].tolist()) if what == "nodes" else blocked_model(model, edges=chosen)
    numbers = (mean[0].item(), interval[0], mean[1].item(), interval[1], difference, mean[2].item(), interval[2])
    return Blocking(what, blocked, saved, plain, *numbers, runs, level)

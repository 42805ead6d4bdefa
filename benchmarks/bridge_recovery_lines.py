"""Result lines of the recovery benchmark, and the table it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
import numpy as np
from scipy import stats

from benchmarks.result_lines import ResultLines
from graphsocial.diffusion import GoodnessOfFit
from graphsocial.learn.cascade_size.size_metrics import clopper_pearson

LEVEL = 0.05
"""A fit is rejected where the p value is no larger."""
UNITS = {"what_if_error": "adopters", "spread_error": "adopters"}
SHOWN = ("log_odds_error", "chance_rank", "seeds", "what_if_error", "what_if_sign", "delay_distance", "contagion")


class RecoveryLines:
    """Keeps the scores of one kind of world by how many posts were learned from, and writes means over worlds.

    Args:
        kind: Kind of world.
        lines: Where to.
        config: Written on every line.
    """

    def __init__(self, kind: str, lines: ResultLines, config: Mapping[str, Any]):
        self._kind, self._lines, self._config = kind, lines, config
        self.scores: dict[int, dict[str, list[float]]] = {}
        self._p: dict[int, dict[str, list[float]]] = {}
        self._seconds: dict[int, float] = {}

    def add(self, posts: int, scores: Mapping[str, float], fit: GoodnessOfFit, seconds: float) -> None:
        """One more world."""
        for name, value in scores.items():
            self.scores.setdefault(posts, {}).setdefault(name, []).append(value)
        smallest = float(np.nanmin(fit.p_holm, initial=1.0))
        for name, p in (*zip(fit.measure, fit.p_value.tolist(), strict=True), ("any", smallest)):
            self._p.setdefault(posts, {}).setdefault(name, []).append(p)
        self._seconds[posts] = self._seconds.get(posts, 0.0) + seconds

    def write(self) -> None:
        """Means with intervals over worlds, and the share of worlds in which the test of fit rejects the model."""
        for posts, scores in self.scores.items():
            case, config = f"posts={posts}", {**self._config, "posts": posts}
            for name, values in scores.items():
                self._lines.write(
                    case, name, float(np.mean(values)), unit=UNITS.get(name.partition("/")[0], ""),
                    interval=mean_interval(values), seconds=self._seconds[posts], config=config,
                    extra={"n": len(values), "worlds": values},
                )  # fmt: skip
            for name, p in self._p[posts].items():
                known = np.array(p)[~np.isnan(p)]
                rejected = int((known <= LEVEL).sum())
                self._lines.write(
                    case, "rejected" if name == "any" else f"rejected/{name}", rejected / max(len(known), 1),
                    interval=clopper_pearson(rejected, len(known)) if len(known) else None, config=config,
                    extra={"n": len(known), "p_values": p},
                )  # fmt: skip
            means = ", ".join(f"{name} {np.mean(scores[name]):.3f}" for name in SHOWN)
            p_values = ", ".join(f"{name} {' '.join(f'{x:.3f}' for x in p)}" for name, p in self._p[posts].items())
            click.echo(f"{self._kind} {case}: {means}; p of {p_values}; {self._seconds[posts]:.0f} s")


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """95 % interval of the mean over worlds, by Student's t; None for one world.

    >>> [round(end, 2) for end in mean_interval([1.0, 2.0, 3.0])]
    [-0.48, 4.48]
    """
    if len(values) < 2:
        return None
    mean = float(np.mean(values))
    half = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return mean - half, mean + half

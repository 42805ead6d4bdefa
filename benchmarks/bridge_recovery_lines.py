"""Result lines of the recovery benchmark, and the table it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
import numpy as np
from scipy import stats

from benchmarks.result_lines import ResultLines
from graphsocial.diffusion import PredictiveFit
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
        self._fits: dict[str, dict[str, list[PredictiveFit]]] = {}
        self._seconds: dict[str, float] = {}

    def add(self, posts: int, scores: Mapping[str, float], fits: Mapping[str, PredictiveFit], seconds: float) -> None:
        """One more world: scores of a fitted model, and tests of its fit by name."""
        for name, value in scores.items():
            self.scores.setdefault(posts, {}).setdefault(name, []).append(value)
        self._keep(f"posts={posts}", fits, seconds)

    def add_planted(self, fits: Sequence[PredictiveFit], seconds: float) -> None:
        """Tests of what was planted in one more world."""
        for fit in fits:
            self._keep("planted", {"rejected": fit}, seconds / len(fits))

    def _keep(self, case: str, fits: Mapping[str, PredictiveFit], seconds: float) -> None:
        for name, fit in fits.items():
            self._fits.setdefault(case, {}).setdefault(name, []).append(fit)
        self._seconds[case] = self._seconds.get(case, 0.0) + seconds

    def write(self) -> None:
        """Means with intervals over worlds, and the share of tests of fit that reject."""
        for posts, scores in self.scores.items():
            case, config = f"posts={posts}", {**self._config, "posts": posts}
            for name, values in scores.items():
                self._lines.write(
                    case, name, float(np.mean(values)), unit=UNITS.get(name.partition("/")[0], ""),
                    interval=mean_interval(values), seconds=self._seconds[case], config=config,
                    extra={"n": len(values), "worlds": values},
                )  # fmt: skip
            means = ", ".join(f"{name} {np.mean(scores[name]):.3f}" for name in SHOWN)
            click.echo(f"{self._kind} {case}: {means}; {self._seconds[case]:.0f} s")
        for case, tests in self._fits.items():
            for name, fits in tests.items():
                smallest = [float(np.nanmin(fit.p_holm, initial=1.0)) for fit in fits]
                self._rejected(case, name, smallest, {})
                said = [f"any {_shares(smallest)}"]
                for i, measure in enumerate(fits[0].measure):
                    p = [float(fit.p_value[i]) for fit in fits]
                    ranks = {
                        "mean_rank": [float(fit.mean_rank[i]) for fit in fits],
                        "rank_spread": [float(fit.rank_spread[i]) for fit in fits],
                    }
                    self._rejected(case, f"{name}/{measure}", p, ranks)
                    said.append(f"{measure} {_shares(p)} at rank {np.nanmean(ranks['mean_rank']):.2f}")
                click.echo(f"{self._kind} {case} {name}: {', '.join(said)}; {self._seconds[case]:.0f} s")

    def _rejected(self, case: str, name: str, p: Sequence[float], extra: Mapping[str, Any]) -> None:
        known = np.array(p)[~np.isnan(p)]
        rejected = int((known <= LEVEL).sum())
        self._lines.write(
            case, name, rejected / max(len(known), 1),
            interval=clopper_pearson(rejected, len(known)) if len(known) else None, config=self._config,
            seconds=self._seconds[case], extra={"n": len(known), "p_values": list(p), **extra},
        )  # fmt: skip


def _shares(p: Sequence[float]) -> str:
    return f"{int((np.array(p) <= LEVEL).sum())}/{len(p)}"


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

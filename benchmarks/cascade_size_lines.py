"""Result lines of the size benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import click
import numpy as np

from benchmarks.result_lines import ResultLines
from graphsocial.learn.bootstrap import bootstrap_interval, paired_difference
from graphsocial.learn.cascade_size.adaptive_conformal import adaptive_intervals
from graphsocial.learn.cascade_size.prediction import SizePrediction
from graphsocial.learn.cascade_size.size_metrics import (
    MSE,
    SIZE_METRICS,
    clopper_pearson,
    third_of,
    thirds,
)
from graphsocial.learn.cascade_size.split import SizeSplit
from graphsocial.learn.metrics import INTERVAL_SCORE, WIDTH, Metric

Kind = Literal["raw", "ends", "adaptive"]
THIRDS = ("low", "middle", "high")
LEARNED, BOOSTING = "graphsocial", "gradient_boosting"
RESAMPLES = {"full": 2_000, "quick": 200}


@dataclass(frozen=True, eq=False)
class Answers:
    """Predictions for all test blocks of a protocol, in order.

    Attributes:
        mean: float64 [example].
        raw: Ends before calibration [example, 2].
        ends: Ends after calibration [example, 2].
        adaptive: Ends that correct themselves as answers come in [example, 2].
        target: [example].
    """

    mean: np.ndarray
    raw: np.ndarray
    ends: np.ndarray
    adaptive: np.ndarray
    target: np.ndarray

    @classmethod
    def of(cls, splits: Sequence[SizeSplit], parts: Sequence[SizePrediction], horizon: int) -> Answers:
        """Joins the blocks.

        An answer is known when its horizon has passed. Under legacy it never is, as far as anyone then could tell; the
        adaptive intervals assume it to be known after the horizon all the same.
        """
        adaptive = []
        for split, part in zip(splits, parts, strict=True):
            test = split.test
            known = test.record.start[test.cascade] + horizon if split.protocol == "legacy" else test.end
            found = adaptive_intervals(
                part.calibration, part.raw_ends, test.target, test.observed, test.as_of, np.maximum(known, test.as_of)
            )
            adaptive.append(found.ends)
        return cls(
            np.concatenate([part.mean for part in parts]),
            np.concatenate([part.raw_ends for part in parts]),
            np.concatenate([part.ends for part in parts]),
            np.concatenate(adaptive),
            np.concatenate([split.test.target for split in splits]),
        )

    def covered(self, kind: Kind) -> np.ndarray:
        """Whether the answer lies inside, bool [example]."""
        ends = getattr(self, kind)
        return (ends[:, 0] <= self.target) & (self.target <= ends[:, 1])


class SizeLines:
    """Writes the lines of each case as soon as it is known, and keeps the answers for the differences.

    Args:
        lines: Where to.
        splits: The test blocks.
        config: Written on every line.
    """

    def __init__(self, lines: ResultLines, splits: Sequence[SizeSplit], config: Mapping[str, Any]):
        self.target = np.concatenate([split.test.target for split in splits])
        observed = np.concatenate([split.test.observed for split in splits])
        self.test_start = np.concatenate([split.test.record.start[split.test.cascade] for split in splits])
        self.third = third_of(observed, thirds(observed))
        self.size_third = third_of(self.target, thirds(self.target))
        self.n = len(self.target)
        self.query = np.arange(self.n)
        self._lines, self._config = lines, config
        self._resamples = RESAMPLES["quick" if config["quick"] else "full"]
        self._answers: dict[str, np.ndarray] = {}
        self._references: dict[str, np.ndarray] = {}
        self._seconds: dict[str, float] = {}
        self._rows: list[str] = []

    def point(self, case: str, answers: np.ndarray, seconds: float, config: Mapping[str, Any] | None = None) -> None:
        """Metrics of a case, all seeds together and each alone; answers [example, seed]."""
        self._answers[case], self._seconds[case] = answers, seconds
        self.metrics(case, answers, config=config)
        for by, third in (("observed", self.third), ("size", self.size_third)):
            for number, name in enumerate(THIRDS):
                rows = third == number
                if rows.any():
                    part = (answers[rows], self.target[rows], self.query[rows], self.query[rows])
                    found = bootstrap_interval(MSE, *part, 0, self._resamples)
                    self._write(case, f"mse/{by}={name}", found.value, found.interval, int(rows.sum()), config=config)
        for seed in range(answers.shape[1] if answers.shape[1] > 1 else 0):
            self.metrics(case, answers[:, [seed]], suffix=f"/seed={seed}", seed=seed, config=config)

    def reference(self, case: str, suffix: str, answers: np.ndarray) -> None:
        """Metrics of a variant of a floor that the learned model is compared with besides; answers [example, seed]."""
        self._references[f"{case}/{suffix}"] = answers
        self.metrics(case, answers, suffix=f"/{suffix}")

    def metrics(
        self,
        case: str,
        answers: np.ndarray,
        *,
        suffix: str = "",
        seed: int | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        """Every metric of answers [example, seed] with its interval over cascades."""
        for metric in SIZE_METRICS:
            found = bootstrap_interval(metric, answers, self.target, self.query, self.query, 0, self._resamples)
            self._write(case, metric.name + suffix, found.value, found.interval, self.n, seed=seed, config=config)
            if metric is MSE and not suffix:
                self._rows.append(f"{case:18}{found.value:8.3f}  {_shown(found.interval)}")

    def differences(self) -> None:
        """Each case paired with the floor that is best on the very cascades, and with gradient boosting."""
        floors = [name for name in self._answers if name != LEARNED]
        for case, answers in self._answers.items():
            for metric in SIZE_METRICS:
                best = self._best(floors, metric)
                for suffix, floor in (("", best), (f"={BOOSTING}", BOOSTING)):
                    if floor == case:
                        continue
                    name = f"{metric.name}/difference{suffix}"
                    self._difference(case, name, metric, answers, floor)
                    for seed in range(answers.shape[1] if answers.shape[1] > 1 else 0):
                        self._difference(case, f"{name}/seed={seed}", metric, answers[:, [seed]], floor, seed)

        if LEARNED in self._answers:
            for name in self._references:
                self._difference(LEARNED, f"mse/difference={name}", MSE, self._answers[LEARNED], name)

    def _best(self, floors: Sequence[str], metric: Metric) -> str:
        sign = -1 if metric.higher_is_better else 1
        return min(floors, key=lambda name: sign * metric(self._answers[name], self.target, self.query))

    def _difference(
        self, case: str, name: str, metric: Metric, answers: np.ndarray, floor: str, seed: int | None = None
    ) -> None:
        theirs = self._answers[floor] if floor in self._answers else self._references[floor]
        gap = paired_difference(metric, answers, theirs, self.target, self.query, self.query, 0, self._resamples)
        values = [metric(a, self.target, self.query) for a in (answers, theirs)]
        ours, other = values if metric.higher_is_better else values[::-1]
        ratio = ours / other if other > 0 else None
        self._write(case, name, gap.value, gap.interval, self.n, seed=seed, peer=floor, ratio=ratio)
        if case == LEARNED and metric is MSE:
            self._rows.append(f"  {name} to {floor}: {gap.value:+.3f}  {_shown(gap.interval)}")

    def intervals(self, case: str, answers: Sequence[Answers], kind: Kind, suffix: str) -> None:
        """Coverage with its exact binomial interval, width and interval score, overall and per observed third.

        Several seeds: the binomial interval is that of their mean number of hits among the cascades, which are what was
        drawn; seeds do not make them more.
        """
        seeds: list[tuple[str, int | None, Sequence[Answers]]] = [("", None, answers)]
        if len(answers) > 1:
            seeds += [(f"/seed={seed}", seed, [found]) for seed, found in enumerate(answers)]
        parts = {"": np.ones(self.n, dtype=bool)}
        parts |= {f"/observed={name}": self.third == i for i, name in enumerate(THIRDS)}
        for end, seed, found in seeds:
            for part, rows in parts.items():
                if rows.any():
                    self._interval(case, found, kind, rows, f"{suffix}{part}{end}", seed)

    def _interval(
        self, case: str, answers: Sequence[Answers], kind: Kind, rows: np.ndarray, suffix: str, seed: int | None
    ) -> None:
        n = int(rows.sum())
        share = float(np.mean([found.covered(kind)[rows].mean() for found in answers]))
        exact = clopper_pearson(round(share * n), n)
        self._write(case, f"coverage{suffix}", share, exact, n, seed=seed)
        if seed is None:
            self._rows.append(f"  {case} coverage{suffix}: {share:.3f}  {_shown(exact)}")
        ends = np.concatenate([getattr(found, kind)[rows] for found in answers])
        target, group = (np.tile(column[rows], len(answers)) for column in (self.target, self.query))
        for metric in (WIDTH, INTERVAL_SCORE):
            # every answer is a question of its own; a cascade is drawn with all its seeds
            value = bootstrap_interval(metric, ends, target, np.arange(len(target)), group, 0, self._resamples)
            self._write(case, f"{metric.name}{suffix}", value.value, value.interval, n, seed=seed)
            if seed is None and "observed" not in suffix:
                self._rows.append(f"    {metric.name}: {value.value:.3f}  {_shown(value.interval)}")

    def show(self) -> None:
        """Prints what was written, in short."""
        click.echo("\n".join(self._rows))

    def _write(
        self,
        case: str,
        metric: str,
        value: float,
        interval: tuple[float, float] | None,
        n: int,
        *,
        seed: int | None = None,
        peer: str | None = None,
        ratio: float | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self._lines.write(
            case,
            metric,
            float(value),
            task="cascade_size",
            unit="log2" if metric.startswith(("mse", "mae", "interval_")) else "",
            interval=interval,
            seed=seed,
            seconds=self._seconds.get(case),
            peer=peer,
            ratio=ratio,
            config={**self._config, **(config or {})},
            extra={"n": n},
        )


def _shown(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"[{interval[0]:.3f}, {interval[1]:.3f}]"

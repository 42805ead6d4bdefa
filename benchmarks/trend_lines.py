"""Result lines of the trend benchmark: every case of a question, and what learned ones add to its best floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
import numpy as np

from benchmarks.result_lines import ResultLines
from graphsocial.learn.bootstrap import bootstrap_interval, paired_difference
from graphsocial.learn.metrics import Metric

RESAMPLES = {False: 1_000, True: 200}


class TrendLines:
    """Writes the lines of one question's cases, and keeps their answers for the differences.

    Args:
        lines: Where to.
        part: Which question, the suffix of every metric.
        metrics: What judges an answer.
        compared: Names of the metrics that have a difference.
        target: Answers [row].
        query: What is ranked together [row].
        group: What is drawn with replacement [row].
        config: Written on every line.
    """

    def __init__(
        self,
        lines: ResultLines,
        part: str,
        metrics: Sequence[Metric],
        compared: Sequence[str],
        target: np.ndarray,
        query: np.ndarray,
        group: np.ndarray,
        config: Mapping[str, Any],
    ):
        self._lines, self._part, self._metrics, self._compared = lines, part, metrics, compared
        self._target, self._query, self._group, self._config = target, query, group, config
        self._resamples = RESAMPLES[bool(config["quick"])]
        self._answers: dict[str, np.ndarray] = {}
        self._floors: list[str] = []
        click.echo(f"{part}: {len(target):,} answers in {len(np.unique(group)):,} groups")

    def case(
        self,
        name: str,
        answers: np.ndarray,
        seconds: float,
        floor: bool = False,
        extra: Mapping[str, float] | None = None,
    ) -> None:
        """Every metric of a case.

        Args:
            name: Of the case.
            answers: [row] or [row, quantile].
            seconds: What it took.
            floor: Whether learned cases are compared with it.
            extra: Further numbers of the case, by name, without an interval.
        """
        self._answers[name] = answers
        self._floors += [name] if floor else []
        shown = []
        for metric in self._metrics:
            found = bootstrap_interval(metric, answers, self._target, self._query, self._group, 0, self._resamples)
            self._write(name, metric.name, found.value, found.interval, seconds)
            shown.append(f"{metric.name} {found.value:.4f}")
        for metric_name, value in (extra or {}).items():
            self._write(name, metric_name, value, None, seconds)
            shown.append(f"{metric_name} {value:.4f}")
        click.echo(f"  {name:26}" + "  ".join(shown))

    def differences(self) -> None:
        """Each learned case minus the floor that is best on the same rows, both on the same resamples."""
        for name, answers in self._answers.items():
            if name in self._floors:
                continue
            for metric in self._metrics:
                if metric.name not in self._compared:
                    continue
                sign = -1 if metric.higher_is_better else 1
                values = {f: metric(self._answers[f], self._target, self._query) for f in self._floors}
                best = min(values, key=lambda floor: sign * values[floor])
                gap = paired_difference(
                    metric, answers, self._answers[best], self._target, self._query, self._group, 0, self._resamples
                )
                self._write(name, metric.name, gap.value, gap.interval, None, "/difference", best)
                spread = "" if gap.interval is None else f" [{gap.interval[0]:+.4f}, {gap.interval[1]:+.4f}]"
                click.echo(f"  {name} {metric.name} to {best}: {gap.value:+.4f}{spread}")

    def _write(
        self,
        case: str,
        metric: str,
        value: float,
        interval: tuple[float, float] | None,
        seconds: float | None,
        suffix: str = "",
        peer: str | None = None,
    ) -> None:
        if not np.isfinite(value):  # such as precision where nothing came back
            return
        self._lines.write(
            case, f"{metric}/{self._part}{suffix}", float(value), task="trend", interval=interval, seconds=seconds,
            peer=peer, config=self._config, extra={"n": len(self._target)},
        )  # fmt: skip

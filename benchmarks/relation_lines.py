"""Result lines of the relation benchmark, and the table it prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
import numpy as np

from benchmarks.result_lines import ResultLines
from graphsocial.learn.bootstrap import BootstrapInterval, bootstrap_interval, paired_difference
from graphsocial.learn.metrics import Metric
from graphsocial.learn.relations.ranked_bootstrap import RANKED, ranked_interval

RESAMPLES = {False: 1_000, True: 100}

Measure = Callable[[np.ndarray, np.ndarray | None], BootstrapInterval]
"""Answers [example, seed] and those of a floor, or none, to a value with its interval."""


class RelationLines:
    """Lines of one question after another: each case, and each learned case's difference to the best floor.

    Args:
        lines: Where they go.
        quick: Fewer resamples.
        config: Written on every line.
    """

    def __init__(self, lines: ResultLines, quick: bool, config: Mapping[str, Any]):
        self._lines, self._config, self._resamples = lines, dict(config) | {"quick": quick}, RESAMPLES[quick]

    def count(self, what: str, value: float, protocol: str) -> None:
        """A number of things that were asked, or left out."""
        self._lines.write("counts", what, value, task="relation", protocol=protocol, config=self._config)

    def ranked(
        self,
        part: str,
        protocol: str,
        floors: Mapping[str, np.ndarray],
        learned: Mapping[str, np.ndarray],
        target: np.ndarray,
        group: np.ndarray,
        chosen: str = "",
    ) -> None:
        """Areas under curves of scores, [example] for floors and [example, seed] for what is learned.

        Args:
            part: The question.
            protocol: Which protocol.
            floors: By name.
            learned: By name.
            target: Whether the example is positive [example].
            group: Unit of resampling [example].
            chosen: The floor that was best on validation.
        """
        for metric in RANKED:
            self._question(
                part,
                protocol,
                metric,
                {name: scores[:, None] for name, scores in floors.items()},
                learned,
                lambda ours, floor, metric=metric: ranked_interval(
                    metric, ours, target, group, 0, floor, self._resamples
                ),
                extra={"n": len(target), "positive": int((target > 0).sum()), "floor_of_validation": chosen},
            )

    def scored(
        self,
        part: str,
        protocol: str,
        metric: Metric,
        floors: Mapping[str, np.ndarray],
        learned: Mapping[str, np.ndarray],
        target: np.ndarray,
        group: np.ndarray,
        chosen: str = "",
    ) -> None:
        """A metric of answers, [example, ...] for floors and [seed, example, ...] for what is learned.

        The seeds of a case are one after the other, an example drawn with all of them.
        """

        def stacked(answers: np.ndarray, seeds: int) -> np.ndarray:
            return np.concatenate([answers] * seeds) if len(answers) == len(target) and seeds else answers

        def measure(ours: np.ndarray, floor: np.ndarray | None) -> BootstrapInterval:
            seeds = len(ours) // len(target)
            truth, unit = np.tile(target, seeds), np.tile(group, seeds)
            query = np.arange(len(truth))
            if floor is None:
                return bootstrap_interval(metric, ours, truth, query, unit, 0, self._resamples)
            return paired_difference(metric, ours, stacked(floor, seeds), truth, query, unit, 0, self._resamples)

        flat = {name: np.concatenate(list(answers)) for name, answers in learned.items()}
        extra = {"n": len(target), "floor_of_validation": chosen}
        self._question(part, protocol, metric.name, floors, flat, measure, metric.higher_is_better, extra)

    def _question(
        self,
        part: str,
        protocol: str,
        metric: str,
        floors: Mapping[str, np.ndarray],
        learned: Mapping[str, np.ndarray],
        measure: Measure,
        higher_is_better: bool = True,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        found = {name: measure(answers, None) for name, answers in {**floors, **learned}.items()}
        sign = 1 if higher_is_better else -1
        best = max(floors, key=lambda name: sign * found[name].value)
        gaps = {name: measure(answers, floors[best]) for name, answers in learned.items()}
        for suffix, several in (("", found), ("/difference", gaps)):
            for case, value in several.items():
                self._lines.write(
                    case,
                    f"{metric}/part={part}{suffix}",
                    value.value,
                    task="relation",
                    protocol=protocol,
                    interval=value.interval,
                    peer=best if suffix else None,
                    config=self._config,
                    extra={**(extra or {}), "groups": value.groups, "best_floor": best},
                )
        shown = [f"{best} {found[best].value:.3f}"]
        shown += [f"{name} {found[name].value:.3f} ({_shown(gaps[name])})" for name in learned]
        click.echo(f"{protocol} {part} {metric}: " + ", ".join(shown))


def seeds_of(fits: Sequence[np.ndarray]) -> np.ndarray:
    """Scores of several trainings, [example, seed]."""
    return np.stack(fits, axis=1)


def _shown(gap: BootstrapInterval) -> str:
    return f"{gap.value:+.3f}" + ("" if gap.interval is None else f" [{gap.interval[0]:+.3f}, {gap.interval[1]:+.3f}]")

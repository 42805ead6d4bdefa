"""Scores a trained model on its test part, with intervals, beside every floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphsocial.embed import EmbeddingTable
from graphsocial.errors import LeakageError
from graphsocial.graph import SocialGraph, format_time
from graphsocial.learn.batching import ContentIndex
from graphsocial.learn.bootstrap import bootstrap_interval, paired_difference
from graphsocial.learn.examples import Examples
from graphsocial.learn.task import Task
from graphsocial.learn.trainer import Trainer


@dataclass(frozen=True)
class FloorScore:
    """A floor's value and what the model gains over it (model minus floor), with 95 % intervals."""

    value: float
    interval: tuple[float, float] | None
    difference: float
    difference_interval: tuple[float, float] | None


@dataclass(frozen=True)
class TaskScore:
    """A model's value of one task's metric on the test part.

    Attributes:
        metric: Name of the metric.
        higher_is_better: Which way it counts.
        value: The model's value.
        interval: 95 % bootstrap interval over `groups` units, None when there are too few.
        n: Questions scored.
        groups: Units resampled.
        floors: Floor name to its score.
        also: Other metrics of the model, without intervals.
        parts: Examples of each part, and what was left out of each.
    """

    metric: str
    higher_is_better: bool
    value: float
    interval: tuple[float, float] | None
    n: int
    groups: int
    floors: Mapping[str, FloorScore] = field(default_factory=dict)
    also: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values, an entry of `tasks` in `metrics.json`."""
        return {
            "metric": self.metric,
            "value": self.value,
            "interval": _plain(self.interval),
            "n": self.n,
            "higher_is_better": self.higher_is_better,
            "groups": self.groups,
            "floors": {
                name: {
                    "value": floor.value,
                    "interval": _plain(floor.interval),
                    "difference": floor.difference,
                    "difference_interval": _plain(floor.difference_interval),
                }
                for name, floor in self.floors.items()
            },
            "also": dict(self.also),
            **self.parts,
        }


@dataclass(frozen=True)
class Evaluation:
    """Scores of all tasks, with the assumptions they rest on."""

    tasks: Mapping[str, TaskScore]
    assumptions: tuple[str, ...]

    def __repr__(self) -> str:
        lines = []
        for name, score in self.tasks.items():
            floors = ", ".join(f"{floor} {s.value:.3f}" for floor, s in score.floors.items())
            lines.append(
                f"{name}: {score.metric} {score.value:.3f} {_bracket(score.interval)} (floors: {floors}; n = {score.n})"
            )
        return "\n".join(lines)


def evaluate(
    trainer: Trainer,
    graph: SocialGraph,
    tokens: EmbeddingTable,
    *,
    with_floors: bool = True,
    resamples: int = 1000,
) -> Evaluation:
    """Scores the test part.

    Args:
        trainer: A trained or opened trainer.
        graph: The graph with its test events; every question still sees only its own past.
        tokens: Content of the nodes.
        with_floors: Whether to fit and score the floors as well.
        resamples: Bootstrap resamples.

    Raises:
        LeakageError: When a test question lies before the weights' `known_until`.
        NotFittedError: Before training.
    """
    content = ContentIndex.of(graph, tokens)
    test = trainer.examples(graph, "test")
    train = trainer.examples(graph, "train")
    valid = trainer.examples(graph, "valid")
    for name, rows in test.items():
        if len(rows) and rows.time.min() < trainer.known_until:
            raise LeakageError(
                f"task {name!r} has a test question at {format_time(int(rows.time.min()))}, before the model's "
                f"known_until {format_time(trainer.known_until)}"
            )
    outputs = trainer.outputs(graph, content, test)
    scores = {}
    for name, task in trainer.tasks.items():
        parts = {
            f"n_{part}": len(np.unique(rows.query))
            for part, rows in (("train", train[name]), ("valid", valid[name]), ("test", test[name]))
        }
        dropped = {
            f"{part}: {reason}": count
            for part, rows in (("training", train), ("validation", valid), ("test", test))
            for reason, count in rows[name].dropped.items()
            if count
        }
        described = {**parts, "dropped": dropped, "assumptions": list(task.assumptions())}
        if name not in outputs:
            scores[name] = TaskScore(
                task.metric.name, task.metric.higher_is_better, float("nan"), None, 0, 0, {}, {}, described
            )
            continue
        prediction = task.prediction(outputs[name])
        floors = {}
        if with_floors:
            floors = {f.name: f.predict(graph, train[name], test[name]) for f in task.floors()}
        scores[name] = score(task, test[name], prediction, floors, trainer.rng, resamples, described)
    assumptions = [*graph.assumptions, *(a for t in trainer.tasks.values() for a in t.assumptions())]
    assumptions += tokens.assumptions(trainer.known_until)
    return Evaluation(scores, tuple(dict.fromkeys(assumptions)))


def score(
    task: Task,
    test: Examples,
    prediction: np.ndarray,
    floors: Mapping[str, np.ndarray],
    rng: int,
    resamples: int = 1000,
    parts: Mapping[str, Any] | None = None,
) -> TaskScore:
    """One task's value, interval and paired differences to floors, all over the same resamples."""
    metric, rows = task.metric, (test.target, test.query)
    scored = {}
    for floor, floor_prediction in floors.items():
        difference = paired_difference(metric, prediction, floor_prediction, *rows, test.group, rng, resamples)
        scored[floor] = FloorScore(
            value=metric(floor_prediction, *rows),
            interval=bootstrap_interval(metric, floor_prediction, *rows, test.group, rng, resamples).interval,
            difference=metric(prediction, *rows) - metric(floor_prediction, *rows),
            difference_interval=difference.interval,
        )
    return TaskScore(
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        value=metric(prediction, *rows),
        interval=bootstrap_interval(metric, prediction, *rows, test.group, rng, resamples).interval,
        n=len(np.unique(test.query)),
        groups=len(np.unique(test.group.astype(str))),
        floors=scored,
        also=task.further_metrics(prediction, test),
        parts=parts or {},
    )


def _plain(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else [float(interval[0]), float(interval[1])]


def _bracket(interval: tuple[float, float] | None) -> str:
    return "[no interval]" if interval is None else f"[{interval[0]:.3f}, {interval[1]:.3f}]"

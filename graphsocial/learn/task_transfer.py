"""What learning a task beside others does to it: gains over learning it alone, task by task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.bootstrap import BootstrapInterval
from graphsocial.learn.metrics import Metric
from graphsocial.learn.seed_difference import SeedPrediction, seed_interval

Together = tuple[str, ...]
"""Tasks that were trained in one model, in order of their names."""


@dataclass(frozen=True)
class TaskGain:
    """A task's metric when trained beside others, against the same training of the task alone.

    Attributes:
        task: What was measured.
        beside: What it was trained beside.
        metric: Name of its metric.
        value: The metric, mean over seeds.
        alone: The metric of the task alone.
        gain: How much better it is than alone, in units of the metric, above 0 whichever way the metric counts.
        interval: 95 % interval of the gain over examples and seeds, None where there is none.
    """

    task: str
    beside: Together
    metric: str
    value: float
    alone: float
    gain: float
    interval: tuple[float, float] | None


def trainings_for_transfer(tasks: Sequence[str]) -> tuple[Together, ...]:
    """Every task alone, every pair, and all of them, each in order of names.

    Raises:
        SchemaError: Fewer than two tasks, or a name twice.

    >>> trainings_for_transfer(["link", "trend"])
    (('link',), ('trend',), ('link', 'trend'))
    """
    names = sorted(tasks)
    if len(names) < 2 or len(set(names)) < len(names):
        raise SchemaError(f"got tasks {', '.join(names) or 'none'}, expected at least two, all different")
    found: list[Together] = [(name,) for name in names]
    found += combinations(names, 2)
    return tuple(dict.fromkeys([*found, tuple(names)]))


def task_gains(
    metrics: Mapping[str, Metric],
    trained: Mapping[Together, Mapping[str, Sequence[SeedPrediction]]],
    *,
    rng: int | np.random.Generator = 0,
    resamples: int = 1000,
) -> tuple[TaskGain, ...]:
    """Gains of every training of several tasks over the training of each of its tasks alone.

    Args:
        metrics: Task to its metric.
        trained: Tasks trained together, to each task's test predictions by seed, all with the same seeds.
        rng: Seed of the draws.
        resamples: Number of draws.

    Raises:
        SchemaError: A task that was not trained alone, or predictions that do not fit together.
    """
    found = []
    for together, predictions in trained.items():
        for task in together if len(together) > 1 else ():
            if task not in predictions:  # it had nothing to answer in its test part
                continue
            if task not in trained.get((task,), {}):
                raise SchemaError(f"task {task!r} was trained with {', '.join(together)}, but not alone")
            alone, metric = trained[(task,)][task], metrics[task]
            gap = seed_interval(metric, predictions[task], alone, rng=rng, resamples=resamples)
            found.append(
                TaskGain(
                    task=task,
                    beside=tuple(name for name in together if name != task),
                    metric=metric.name,
                    value=_mean(metric, predictions[task]),
                    alone=_mean(metric, alone),
                    gain=gap.value if metric.higher_is_better else -gap.value,
                    interval=_better(gap, metric.higher_is_better),
                )
            )
    return tuple(found)


def _mean(metric: Metric, predictions: Sequence[SeedPrediction]) -> float:
    values = [metric(each.prediction, each.examples.target, each.examples.query) for each in predictions]
    return float(np.mean(values))


def _better(gap: BootstrapInterval, higher: bool) -> tuple[float, float] | None:
    if gap.interval is None or higher:
        return gap.interval
    return -gap.interval[1], -gap.interval[0]

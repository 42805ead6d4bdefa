"""What one process does of an epoch's steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.learn.batching import parts_of_step
from graphsocial.learn.examples import Examples
from graphsocial.learn.processes import Processes


@dataclass(frozen=True)
class StepPart:
    """Examples that are worked through at once.

    Attributes:
        step: Number of the step in the epoch.
        part: Number of the part in the step, None where the step is taken in one.
        rows: Task to rows; empty where there are fewer questions than parts.
        share: For every task of the step, which share of its questions these are; None where they are all.
        first: Whether the process begins the step with it.
        last: Whether the process ends the step with it.
    """

    step: int
    part: int | None
    rows: Mapping[str, Examples]
    share: Mapping[str, float] | None
    first: bool
    last: bool


def own_parts(
    plan: Sequence[Mapping[str, Examples]], processes: Processes, accumulate: int, epoch_seed: int
) -> list[StepPart]:
    """The parts of this process, in the order in which it works through them.

    Every process has the same number of parts in every step, whatever the number of questions; together they hold every
    question once. The steps are those of one process, so neither what is learned nor its schedule depends on the number
    of processes.

    Args:
        plan: Steps of the epoch, the same in all processes.
        processes: Who shares them.
        accumulate: Parts per process.
        epoch_seed: Seed of the order.
    """
    parts = processes.count * accumulate
    if parts == 1:
        return [StepPart(number, None, rows, None, True, True) for number, rows in enumerate(plan)]
    found = []
    for number, step in enumerate(plan):
        asked = {task: len(np.unique(rows.query)) for task, rows in step.items()}
        dealt = parts_of_step(step, parts, epoch_seed)
        for turn in range(accumulate):
            part = processes.rank * accumulate + turn
            rows = dealt[part]
            share = {t: len(np.unique(rows[t].query)) / n if t in rows else 0.0 for t, n in asked.items()}
            found.append(StepPart(number, part, rows, share, turn == 0, turn == accumulate - 1))
    return found

"""Labelled examples of a part of the split, those of one group never in two parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.seeds import derived_seed
from graphsocial.learn.task import FittedHead, Task, groups_of
from graphsocial.learn.temporal_split import Part, TemporalSplit


def part_examples(
    graph: SocialGraph,
    part: Part,
    split: TemporalSplit,
    tasks: Mapping[str, Task],
    heads: Mapping[str, FittedHead],
    rng: int,
) -> dict[str, Examples]:
    """Labelled examples of a part, per task.

    Rows of validation and test whose `disjoint_by` group occurred in training are dropped and counted.

    Args:
        graph: Graph with the events of the part.
        part: `train`, `valid` or `test`.
        split: Time cuts.
        tasks: Task name to task.
        heads: Heads fitted before, whose classes the examples keep; of tasks without one, those of training do.
        rng: Seed of the run.
    """
    start, end = split.window(part, graph)
    train = {} if part == "train" else part_examples(graph, "train", split, tasks, heads, rng)
    found = {}
    for name, task in tasks.items():
        a, b = task.test_window((start, end)) if part == "test" else (start, end)
        seed = derived_seed(rng, name, part)
        classes = train[name].classes if name in train else None
        if name in heads:
            classes = heads[name].classes
        rows = task.examples(graph, a, b, seed, classes)
        if part != "train" and getattr(task, "disjoint_by", None):
            rows = _without_groups(rows, train[name], graph.as_of(b), task)
        found[name] = rows
    return found


def _without_groups(rows: Examples, train: Examples, view: SocialGraph, task: Any) -> Examples:
    """Drops rows whose `disjoint_by` group, as the view of their part's end shows it, occurred in training."""
    seen = set(groups_of(view, "post", train.nodes["node"][1], task.disjoint_by))
    groups = groups_of(view, "post", rows.nodes["node"][1], task.disjoint_by)
    fresh = np.array([g not in seen for g in groups], dtype=bool)
    kept = rows.take(fresh)
    return replace(kept, dropped={**rows.dropped, f"whose {task.disjoint_by} was in training": int((~fresh).sum())})

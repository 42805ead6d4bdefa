"""Labels of a graph's tasks: which were complete only after training had ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.audit.audit_cascades import HONEST
from graphsocial.audit.finding import Finding
from graphsocial.audit.label_checks import immature_labels
from graphsocial.schema import AT_ROW, MEASURED

if TYPE_CHECKING:
    from graphsocial.graph import SocialGraph
    from graphsocial.learn import Task, TemporalSplit


def label_columns(tasks: Sequence[Task]) -> set[str]:
    """Columns that tasks read as labels and take as known with their row, as `node_type.column`.

    >>> label_columns([])
    set()
    """
    return {_column_of(task) for task in tasks if getattr(task, "labels_known", "") == "post_time"}


def task_labels(
    graph: SocialGraph,
    split: TemporalSplit,
    tasks: Sequence[Task],
    protocol: str,
    unchecked: dict[str, str],
    examples: int,
) -> list[Finding]:
    """Training labels that were complete only after the training part, over all tasks together.

    A label column counts as complete when it was measured; a task with a horizon when the horizon has passed. Under
    strict and prequential a task drops such rows, unless it was told that labels are known at the time of the post.

    Args:
        graph: The graph, whole.
        split: Where time is cut.
        tasks: What is learned.
        protocol: The protocol.
        unchecked: Takes the reason when there is nothing to check.
        examples: How many examples to name.
    """
    asked: list[np.ndarray] = []
    complete: list[np.ndarray] = []
    ids: list[np.ndarray] = []
    removed = 0
    start, end = split.window("train", graph)
    for task in tasks:
        column = _column_of(task)
        if column:
            node_type, _, name = column.partition(".")
            known = graph.row_known_at(node_type)
            rows = np.flatnonzero((known >= start) & (known < end))
            rows = rows[~np.asarray(graph.column(node_type, name).is_null())[rows]]
            at = graph.schema.node_column(node_type, name).known_at
            time = known[rows]
            if at == MEASURED:
                done = graph.measurements(node_type, name).known_at(graph.num_nodes(node_type))[rows]
            else:
                done = time if at == AT_ROW else np.full(len(rows), int(at))
            named = graph.node_ids(node_type)[rows]
            told = getattr(task, "labels_known", "") == "post_time"
        elif task.horizon:
            found = task.examples(graph, start, end + task.horizon, 0)
            role = next(iter(found.nodes))
            inside = (found.time >= start) & (found.time < end)
            time, done = found.time[inside], found.time[inside] + task.horizon
            named = graph.node_ids(found.nodes[role][0])[found.nodes[role][1][inside]]
            told = False
        else:
            continue
        if protocol in HONEST and not told:
            mature = done <= end
            removed += int((~mature).sum())
            time, done, named = time[mature], done[mature], named[mature]
        asked.append(time)
        complete.append(done)
        ids.append(np.array([f"{task.name} {n}" for n in named], dtype=object))
    if not asked:
        unchecked["immature_labels"] = "give tasks with a label column or a horizon"
        return []
    time = np.concatenate(asked)
    return [
        immature_labels(
            time, np.concatenate(complete) - time, end, ids=np.concatenate(ids), removed=removed, examples=examples
        )
    ]


def _column_of(task: Task) -> str:
    """The label column of a task as `node_type.column`, empty when its labels are events."""
    column = getattr(task, "column", None)
    return f"{getattr(task, 'node_type', 'post')}.{column}" if column else ""

"""The search behind earliest arrivals and time-respecting paths."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.graph.paths.timed_steps import TimedSteps
from graphsocial.graph.social_graph import SocialGraph, Time
from graphsocial.graph.time import format_time, parse_time
from graphsocial.schema import UNKNOWN_TIME

_LONGEST = 2**40


def first_arrivals(
    graph: SocialGraph,
    steps: TimedSteps,
    source: int,
    target: int | None,
    start: Time | None,
    strict: bool,
    delay: int,
) -> tuple[int, int, np.ndarray, np.ndarray]:
    """Searches from one node in order of time, until a target is reached or everything is.

    Args:
        graph: The view.
        steps: Its steps.
        source: Number of the node it leaves.
        target: Number of the node it should reach, None for all.
        start: When it leaves, None for the first step.
        strict: Whether a step must come later than the arrival before it.
        delay: Seconds from a step's time to the arrival.

    Returns:
        When it left; how many nodes were found; each node's last step, int64 [node], -1 where there is none; nodes
        found, in order of arrival, int64 [node].

    Raises:
        SchemaError: The delay is no whole number of at least 0, or strict is not True or False.
        TimeWindowError: The start cannot be read, or lies outside the view.
    """
    from graphsocial.graph.paths.earliest_arrival_kernel import (  # numba: imported when first needed
        NEVER,
        settle_in_order,
    )

    if isinstance(delay, bool) or not isinstance(delay, int | np.integer) or not 0 <= delay <= _LONGEST:
        raise SchemaError(f"got delay={_shown(delay)}, expected a whole number of seconds from 0 to {_LONGEST}")
    if not isinstance(strict, bool | np.bool_):
        raise SchemaError(f"got strict={_shown(strict)}, expected True or False")
    began = _start(graph, steps, start)
    total = int(steps.numbering.offset[-1])
    free, by = np.full(total, NEVER), np.full(total, -1, dtype=np.int64)
    found = np.empty(total, dtype=np.int64)
    count = settle_in_order(
        source, began, int(delay) + int(strict), -1 if target is None else target, steps.begin, steps.end,
        steps.tail, steps.head, steps.time, steps.indptr, steps.order, free, by, found,
    )  # fmt: skip
    return began, count, by, found


def _start(graph: SocialGraph, steps: TimedSteps, start: Time | None) -> int:
    if start is None:
        return int(steps.time[steps.begin]) if len(steps) else _no_start(graph)
    began = parse_time(start)
    if graph.start is not None and began < graph.start:
        raise TimeWindowError(
            f"start {format_time(began)} lies before the view's own, {format_time(graph.start)}, "
            "where it sees no edges; take the wider view"
        )
    if graph.end is not None and began > graph.end:
        raise TimeWindowError(f"start {format_time(began)} lies after the view's end, {format_time(graph.end)}")
    return began


def _no_start(graph: SocialGraph) -> int:
    return UNKNOWN_TIME if graph.start is None else graph.start


def _shown(value: Any) -> str:
    return repr(value)[:60]

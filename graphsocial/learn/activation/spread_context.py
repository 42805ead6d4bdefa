"""What is known of a post's spread when it is asked about, as a few numbers."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.activation.candidate_edges import CandidateEdges
from graphsocial.learn.activation.cascade_record import CascadeRecord
from graphsocial.learn.activation.exposure_rows import Windows

SPREAD_CHANNELS = ("acted", "age", "idle", "unknown")
"""Logs of how many acted so far and of the hours since the first and since the latest of them; their share that the
graph does not know."""
_HOUR = 3_600.0


def spread_context(record: CascadeRecord, edges: CandidateEdges, windows: Windows) -> np.ndarray:
    """How many acted so far, how long ago and how fast, and who they are, float32 [example, channel].

    The channels: `SPREAD_CHANNELS`; then the root's channels as a user, zero for one whom the graph does not know, and
    the mean of those who acted. All are zero where nobody acted yet.

    Args:
        record: The cascades.
        edges: The graph, whose time is not after any window's beginning.
        windows: What is asked; only events before each `as_of` are read.

    Raises:
        SchemaError: Windows, graph and record do not belong together.
        LeakageError: The graph is as of a later time than a window.

    >>> from graphsocial.graph import CascadeSet
    >>> from graphsocial.learn.activation.candidate_edges import candidate_edges
    >>> read = CascadeSet(["ann", "bob", "cy"], [-1] * 3, [0, 3_600, 7_200], [0, 1, 3], ["p", "q"], [False] * 2)
    >>> record = CascadeRecord.of(read)
    >>> context = spread_context(record, candidate_edges(record, 7_000, {}), Windows([1], [9_000], [9_999]))
    >>> {name: round(value, 3) for name, value in zip(SPREAD_CHANNELS, context[0].tolist())}
    {'acted': 0.693, 'age': 0.916, 'idle': 0.405, 'unknown': 0.5}
    """
    windows.check(record, edges)
    known, width = edges.spread.num_nodes - 1, edges.user.shape[1]
    so_far = len(SPREAD_CHANNELS)
    out = np.zeros((len(windows), so_far + 2 * width), dtype=np.float32)
    for i, (cascade, as_of) in enumerate(zip(windows.cascade, windows.as_of, strict=True)):
        first, stop = record.offsets[cascade], record.offsets[cascade + 1]
        stop = first + int(np.searchsorted(record.time[first:stop], as_of, side="left"))
        user, time = record.user[first:stop], record.time[first:stop]
        if not len(user):
            continue
        there = user[user < known]
        age, idle = (as_of - time[0]) / _HOUR, (as_of - time[-1]) / _HOUR
        out[i, :so_far] = np.log(len(user)), np.log1p(age), np.log1p(idle), 1 - len(there) / len(user)
        if user[0] < known:
            out[i, so_far : so_far + width] = edges.user[user[0]]
        if len(there):
            out[i, so_far + width :] = edges.user[there].mean(axis=0)
    return out

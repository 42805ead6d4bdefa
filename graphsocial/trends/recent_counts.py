"""The windows just before a moment, each question with its own moment."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.graph import SocialGraph, format_time
from graphsocial.schema import EdgeType
from graphsocial.trends.window_counts import Side, node_type_at


def recent_counts(
    graph: SocialGraph,
    edge_type: EdgeType,
    node: np.ndarray,
    time: np.ndarray,
    width_seconds: int,
    windows: int,
    side: Side = "dst",
) -> np.ndarray:
    """Edges of each node in the last windows before its time, oldest first, int64 [question, window].

    The last window is `[time - width, time)`, so nothing at or after `time` is seen. Edges whose own time nobody
    recorded are not counted.

    Args:
        graph: View; no question may lie after its as_of, nor any window before its start.
        edge_type: Relation whose edges are counted.
        node: Canonical positions, int64 [question].
        time: Moments, int64 seconds [question].
        width_seconds: Length of a window.
        windows: Number of windows.
        side: Which end of the edges is counted.

    Raises:
        TimeWindowError: A window reaches past the view's as_of or before its start.
        SchemaError: Unknown edge type or side, or arrays that do not fit together.
    """
    edge_type = graph.schema.check_edge_type(edge_type)
    node_type_at(edge_type, side)
    node, time = np.asarray(node, dtype=np.int64), np.asarray(time, dtype=np.int64)
    if node.ndim != 1 or node.shape != time.shape or width_seconds < 1 or windows < 1:
        raise SchemaError(
            f"got node {node.shape}, time {time.shape}, {windows} windows of {width_seconds} s, "
            "expected [question] twice and at least one window of one second"
        )
    if not len(node):
        return np.zeros((0, windows), dtype=np.int64)
    if graph.end is not None and time.max() > graph.end:
        raise TimeWindowError(
            f"a window up to {format_time(int(time.max()))} reaches past this view's as_of, {format_time(graph.end)}"
        )
    oldest = int(time.min()) - windows * int(width_seconds)
    if graph.start is not None and oldest < graph.start:
        raise TimeWindowError(
            f"a window from {format_time(oldest)} reaches before this view's start, {format_time(graph.start)}"
        )
    edges = graph.edges(edge_type)
    moment = edges.time[edges.recorded]
    ends = (edges.dst if side == "dst" else edges.src)[edges.recorded]
    # one sorted key per edge, (node, place in time), so that "edges of a node before t" is a binary search
    places = len(moment) + 1
    by_node = np.argsort(ends, kind="stable")
    key = ends[by_node] * places + by_node
    first_of_node = np.searchsorted(key, node * places)
    before = np.empty((len(node), windows + 1), dtype=np.int64)
    for back in range(windows + 1):
        place = np.searchsorted(moment, time - back * int(width_seconds), side="left")
        before[:, windows - back] = np.searchsorted(key, node * places + place) - first_of_node
    return np.diff(before, axis=1)

"""Edges per node and time window, on one grid for all nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.graph import SocialGraph, format_time, parse_time
from graphsocial.graph.social_graph import Time
from graphsocial.schema import EdgeType

Side = Literal["src", "dst"]
"""Which end of an edge is counted: a hashtag is the `dst` of (post, tag, hashtag)."""


@dataclass(frozen=True)
class WindowCounts:
    """Counts of edges on a grid of half-open windows.

    Attributes:
        node_type: Type of the counted nodes.
        node: Their canonical positions, int64 [node].
        start: First second of each window, int64 [window].
        width_seconds: Length of each window.
        counts: Edges of each node in each window, int64 [node, window].
        unrecorded: Edges known only from a crawl at a time inside the grid; nobody knows when they happened, so they
            are in no window.
    """

    node_type: str
    node: np.ndarray
    start: np.ndarray
    width_seconds: int
    counts: np.ndarray
    unrecorded: int = 0

    def __repr__(self) -> str:
        nodes, windows = self.counts.shape
        total = int(self.counts.sum())
        return (
            f"WindowCounts({nodes} {self.node_type} nodes x {windows} windows of {self.width_seconds} s, {total} edges)"
        )


def counts_per_window(
    graph: SocialGraph,
    edge_type: EdgeType,
    width_seconds: int,
    start: Time,
    end: Time,
    side: Side = "dst",
    nodes: np.ndarray | None = None,
) -> WindowCounts:
    """Counts of a relation's edges per node and window `[start + i * width, start + (i + 1) * width)`.

    Args:
        graph: View; the grid must lie inside it.
        edge_type: Relation whose edges are counted.
        width_seconds: Length of a window.
        start: Start of the first window.
        end: End of the last window; a whole number of windows after `start`.
        side: Which end of the edges is counted.
        nodes: Canonical positions of distinct nodes to count, int64 [node]; None for all nodes of the view as of `end`.

    Raises:
        TimeWindowError: The grid reaches past the view's as_of or before its start, or is no whole number of windows.
        SchemaError: Unknown edge type or side, or a node that does not exist as of `end`.
    """
    edge_type = graph.schema.check_edge_type(edge_type)
    node_type = node_type_at(edge_type, side)
    first, last = parse_time(start), parse_time(end)
    width = int(width_seconds)
    view = graph.window(first, last)  # raises where the grid reaches out of the view
    if width < 1 or (last - first) % width:
        raise TimeWindowError(
            f"windows of {width_seconds} s do not fill {format_time(first)} to {format_time(last)} ({last - first} s); "
            "expected a whole number of them, because a partial window would look like a fall"
        )
    existing = view.num_nodes(node_type)
    chosen = np.arange(existing, dtype=np.int64) if nodes is None else np.asarray(nodes, dtype=np.int64)
    if len(chosen) and not (0 <= chosen.min() and chosen.max() < existing):
        raise SchemaError(
            f"positions {chosen.min()} to {chosen.max()} of {node_type!r}, expected 0 to {existing - 1} as of "
            f"{format_time(last)}"
        )
    if len(np.unique(chosen)) != len(chosen):
        raise SchemaError(f"some of {len(chosen)} positions of {node_type!r} stand twice, expected distinct ones")
    row = np.full(existing, -1, dtype=np.int64)
    row[chosen] = np.arange(len(chosen))
    edges = view.edges(edge_type)
    windows = (last - first) // width
    node_row = row[edges.dst if side == "dst" else edges.src]
    kept = edges.recorded & (node_row >= 0)
    cell = node_row[kept] * windows + (edges.time[kept] - first) // width
    counts = np.bincount(cell, minlength=len(chosen) * windows).astype(np.int64).reshape(len(chosen), windows)
    grid = first + width * np.arange(windows, dtype=np.int64)
    return WindowCounts(node_type, chosen, grid, width, counts, int((~edges.recorded & (node_row >= 0)).sum()))


def node_type_at(edge_type: EdgeType, side: Side) -> str:
    """Node type at one end of an edge type.

    >>> node_type_at(("post", "tag", "hashtag"), "dst")
    'hashtag'
    """
    if side not in ("src", "dst"):
        raise SchemaError(f"side is {side!r}, expected 'src' or 'dst'")
    return edge_type[0] if side == "src" else edge_type[2]

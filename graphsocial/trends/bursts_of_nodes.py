"""Runs of windows in which nodes, such as hashtags, are named far more often than just before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import QueryResult, SocialGraph
from graphsocial.graph.query_result import Column
from graphsocial.graph.social_graph import Time
from graphsocial.schema import EdgeType
from graphsocial.trends.top_per_window import TAG, top_per_window
from graphsocial.trends.window_counts import Side

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class Bursts(QueryResult):
    """Bursts, the highest score first; equal ones by their start, then in canonical order of the nodes.

    Attributes:
        node_type: Type of the nodes.
        width_seconds: Length of a window.
        node: Ids, object [burst].
        start: First second, int64 [burst].
        end: One past the last second, int64 [burst].
        count: Edges of the node in the run, int64 [burst].
        score: Highest burst score in the run, see `burst_scores`, float64 [burst].
        unrecorded: Edges on the grid that nobody timed; they are in no window.
    """

    node_type: str
    width_seconds: int
    node: np.ndarray
    start: np.ndarray
    end: np.ndarray
    count: np.ndarray
    score: np.ndarray
    unrecorded: int

    def title(self) -> str:
        """How many, of how many nodes, and what is left out."""
        left_out = f", {self.unrecorded:,} untimed edges left out" if self.unrecorded else ""
        names = len(set(self.node))
        return (
            f"{len(self):,} bursts of {names:,} {self.node_type} nodes, windows of {self.width_seconds:,} s{left_out}"
        )

    def columns(self) -> dict[str, Column]:
        """One row per burst."""
        return {
            self.node_type: self.node, "start": self.start, "end": self.end, "count": self.count, "score": self.score,
        }  # fmt: skip

    def plot(self, ax: Axes | None = None, top: int = 20) -> Axes:
        """When the highest bursts went on, one line per node; returns the axes."""
        import matplotlib.pyplot as plt  # slow to import, needed only here

        ax = plt.subplots()[1] if ax is None else ax
        names = list(dict.fromkeys(self.node[:top]))
        for name, start, end in zip(self.node[:top], self.start, self.end, strict=False):
            span = np.array([start, end]).astype("datetime64[s]")
            ax.plot(span, [names.index(name)] * 2, linewidth=5, color="C0", solid_capstyle="butt")
        ax.set_yticks(range(len(names)), names)
        ax.invert_yaxis()
        ax.set_title(self.title(), fontsize="small")
        return ax


def bursts(
    graph: SocialGraph,
    edge_type: EdgeType = TAG,
    width_seconds: int = 3_600,
    start: Time | None = None,
    end: Time | None = None,
    side: Side = "dst",
    history: int = 24,
    threshold: float = 3.0,
    minimum: int = 5,
) -> Bursts:
    """Runs of neighbouring windows in which a node scores at least `threshold` and counts at least `minimum`.

    A window's score looks at the windows before it alone, see `burst_scores`.

    Args:
        graph: View; the grid must lie inside it.
        edge_type: Relation whose edges are counted.
        width_seconds: Length of a window.
        start: Start of the first window, see `top_per_window`.
        end: End of the last window, see `top_per_window`.
        side: Which end of the edges is counted.
        history: Windows before the scored one that make up the expected count.
        threshold: Least score of every window in a run.
        minimum: Least count of every window in a run, at least 1.

    Raises:
        TimeWindowError: The grid reaches past the view's as_of or before its start, or is no whole number of windows.
        SchemaError: Unknown edge type or side, a width, history or minimum below 1, or a threshold that is no number.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> times = [3, 12, 15, 16, 22, 23, 24, 25, 26]
    >>> tags = pa.table({"src": list("pqrstuvwx"), "dst": ["sun"] + ["rain"] * 8, "time": times})
    >>> graph = SocialGraph.build(Schema({"post": {}, "hashtag": {}}, {TAG: {}}), {}, {TAG: tags})
    >>> bursts(graph, TAG, width_seconds=10, threshold=2, minimum=3)
    1 bursts of 1 hashtag nodes, windows of 10 s
      hashtag  start  end  count  score
      rain     10     30   8      3
    """
    number = int | float | np.integer | np.floating
    if isinstance(threshold, bool) or not isinstance(threshold, number) or np.isnan(threshold):
        raise SchemaError(f"got threshold={threshold!r}, expected a number, such as 3.0")
    every = max(graph.num_nodes(graph.schema.check_edge_type(edge_type)[0 if side == "src" else 2]), 1)
    found = top_per_window(graph, edge_type, width_seconds, every, start, end, side, "count", history, minimum)
    kept = np.flatnonzero(np.nan_to_num(found.score, nan=-np.inf) >= threshold)
    node = graph.index(found.node_type, found.node[kept])
    kept, node = (each[np.lexsort((found.start[kept], node))] for each in (kept, node))
    begin = found.start[kept]
    new = np.ones(len(kept), dtype=bool)
    new[1:] = (np.diff(node) != 0) | (np.diff(begin) != found.width_seconds)
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(kept)) - 1 if len(first) else first
    score = np.maximum.reduceat(found.score[kept], first) if len(first) else np.empty(0)
    count = np.add.reduceat(found.count[kept], first) if len(first) else np.empty(0, dtype=np.int64)
    order = np.lexsort((node[first], begin[first], -score))
    return Bursts(
        found.node_type,
        found.width_seconds,
        found.node[kept][first][order],
        begin[first][order],
        begin[last][order] + found.width_seconds,
        count[order],
        score[order],
        found.unrecorded,
    )

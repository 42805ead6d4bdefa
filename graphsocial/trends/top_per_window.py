"""The nodes that are named most in each time window, such as the top hashtags of every hour, with burst scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from graphsocial.errors import SchemaError, TimeWindowError, did_you_mean
from graphsocial.graph import QueryResult, SocialGraph, format_time, parse_time
from graphsocial.graph.query_result import Column
from graphsocial.graph.social_graph import Time
from graphsocial.schema import EdgeType
from graphsocial.trends.bursts import burst_scores
from graphsocial.trends.window_counts import Side, node_type_at

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TAG: EdgeType = ("post", "tag", "hashtag")

RankBy = Literal["count", "score"]


@dataclass(frozen=True, repr=False, eq=False)
class TopPerWindow(QueryResult):
    """The top nodes of each window, best first, window by window.

    Attributes:
        node_type: Type of the nodes.
        by: What they are ranked by.
        begin: First second of the first window.
        windows: Number of windows, those without any edge among them.
        width_seconds: Length of a window.
        start: First second of each row's window, int64 [row].
        rank: Place within the window, 1 for the best, int64 [row].
        node: Ids, object [row].
        count: Edges of the node in the window, int64 [row].
        score: Burst score, see `burst_scores`, float64 [row]; nan in the first window.
        unrecorded: Edges on the grid that nobody timed; they are in no window.
    """

    node_type: str
    by: RankBy
    begin: int
    windows: int
    width_seconds: int
    start: np.ndarray
    rank: np.ndarray
    node: np.ndarray
    count: np.ndarray
    score: np.ndarray
    unrecorded: int = 0

    def title(self) -> str:
        """How many rows and windows, and what is left out."""
        left_out = f", {self.unrecorded:,} untimed edges left out" if self.unrecorded else ""
        grid = f"{self.windows:,} windows of {self.width_seconds:,} s"
        return f"top {self.node_type} nodes by {self.by} in {grid}{left_out}"

    def columns(self) -> dict[str, Column]:
        """One row per window and node."""
        return {
            "start": self.start, "rank": self.rank, self.node_type: self.node,
            "count": self.count, "score": self.score,
        }  # fmt: skip

    def plot(self, ax: Axes | None = None, top: int = 10) -> Axes:
        """Counts over time of the nodes that are highest once, where they are among the top; returns the axes."""
        import matplotlib.pyplot as plt  # slow to import, needed only here

        ax = plt.subplots()[1] if ax is None else ax
        best: dict[str, int] = {}
        for name, count in zip(self.node, self.count.tolist(), strict=True):
            best[name] = max(count, best.get(name, 0))
        for name in sorted(best, key=lambda name: (-best[name], name))[:top]:
            mine = self.node == name
            ax.plot(self.start[mine].astype("datetime64[s]"), self.count[mine], "o-", ms=3, label=name)
        ax.set(ylabel=f"edges per {self.width_seconds:,} s")
        ax.set_title(self.title(), fontsize="small")
        if best:
            ax.legend(fontsize="x-small")
        return ax


def top_per_window(
    graph: SocialGraph,
    edge_type: EdgeType = TAG,
    width_seconds: int = 3_600,
    k: int = 10,
    start: Time | None = None,
    end: Time | None = None,
    side: Side = "dst",
    by: RankBy = "count",
    history: int = 24,
    minimum: int = 1,
) -> TopPerWindow:
    """The nodes with most edges, or the highest burst scores, in each window `[start + i * width, ... + width)`.

    Only nodes with an edge in a window are looked at, so memory grows with the edges and not with nodes times windows.
    Ties stand in canonical order. Edges whose own time nobody recorded are in no window.

    Args:
        graph: View; the grid must lie inside it.
        edge_type: Relation whose edges are counted.
        width_seconds: Length of a window.
        k: At most so many nodes per window.
        start: Start of the first window; None for the view's start, else the multiple of the width that the first edge
            lies after.
        end: End of the last window, a whole number of windows after `start`; None for the last one that the view knows
            whole, or of a view without end for the one that holds the last edge.
        side: Which end of the edges is counted.
        by: Rank by "count" or by burst "score"; the first window has no past, hence no scores to rank by.
        history: Windows before the scored one that make up the expected count.
        minimum: Least count of a node that is listed.

    Raises:
        TimeWindowError: The grid reaches past the view's as_of or before its start, or is no whole number of windows.
        SchemaError: Unknown edge type, side or ranking, or a width, k, history or minimum below 1.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> tags = pa.table({"src": list("pqrs"), "dst": ["sun", "rain", "rain", "rain"], "time": [3, 12, 15, 19]})
    >>> graph = SocialGraph.build(Schema({"post": {}, "hashtag": {}}, {TAG: {}}), {}, {TAG: tags})
    >>> top_per_window(graph, TAG, width_seconds=10, k=1)
    top hashtag nodes by count in 2 windows of 10 s
      start  rank  hashtag  count  score
      0      1     sun      1      nan
      10     1     rain     3      3
    """
    from graphsocial.trends.top_kernel import top_of_groups  # numba: imported when first needed

    edge_type = graph.schema.check_edge_type(edge_type)
    node_type = node_type_at(edge_type, side)
    for name, value in (("width_seconds", width_seconds), ("k", k), ("history", history), ("minimum", minimum)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise SchemaError(f"got {name}={value!r}, expected a whole number of at least 1")
    if by not in ("count", "score"):
        raise SchemaError(f"got by={by!r}, expected count or score.{did_you_mean(str(by), ('count', 'score'))}")
    first, windows = _grid(graph, edge_type, int(width_seconds), start, end)
    view = graph.window(first, first + windows * int(width_seconds))
    edges = view.edges(edge_type)
    node, window, count = _cells(
        (edges.dst if side == "dst" else edges.src)[edges.recorded],
        (edges.time[edges.recorded] - first) // int(width_seconds),
        view.num_nodes(node_type),
    )
    score = _scores(node, window, count, windows, history) if by == "score" else None
    worth = count.astype(np.float64) if score is None else np.where(np.isnan(score), -np.inf, score)
    worth = np.where(count < minimum, -np.inf, worth)
    filled, group = np.unique(window, return_inverse=True)
    room = min(int(k), len(count))
    chosen, size = np.empty((len(filled), room), dtype=np.int64), np.zeros(len(filled), dtype=np.int64)
    top_of_groups(group, worth, chosen, size)
    listed = np.arange(room) < size[:, None]
    row = chosen[listed]
    scores = _scores(node, window, count, windows, history, row) if score is None else score[row]
    return TopPerWindow(
        node_type=node_type,
        by=by,
        begin=first,
        windows=windows,
        width_seconds=int(width_seconds),
        start=first + int(width_seconds) * window[row],
        rank=np.nonzero(listed)[1] + 1,
        node=view.node_ids(node_type)[node[row]],
        count=count[row],
        score=scores,
        unrecorded=int((~edges.recorded).sum()),
    )


def _grid(graph: SocialGraph, edge_type: EdgeType, width: int, start: Time | None, end: Time | None) -> tuple[int, int]:
    """First second of the grid and its number of windows."""
    edges = graph.edges(edge_type)
    timed = edges.time[edges.recorded]
    if start is not None:
        first = parse_time(start)
    elif graph.start is not None:
        first = graph.start
    else:
        first = int(timed[0]) // width * width if len(timed) else 0
    if end is not None:
        last = parse_time(end)
        if last < first or (last - first) % width:
            raise TimeWindowError(
                f"windows of {width} s do not fill {format_time(first)} to {format_time(last)} ({last - first} s); "
                "expected a whole number of them, because a partial window would look like a fall"
            )
        return first, (last - first) // width
    if graph.end is not None:
        return first, max((graph.end - first) // width, 0) if len(timed) or start is not None else 0
    return first, max((int(timed[-1]) - first) // width + 1, 0) if len(timed) else 0


def _cells(ends: np.ndarray, window: np.ndarray, nodes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Node, window and edges of every pair that has some, by node and then by window, int64 [cell] each."""
    from graphsocial.graph.kernels import stable_groups

    order = np.empty(len(ends), dtype=np.int64)
    stable_groups(ends, nodes, order)  # edges are in order of time, so a node's windows ascend
    ends, window = ends[order], window[order]
    new = np.ones(len(ends), dtype=bool)
    new[1:] = (ends[1:] != ends[:-1]) | (window[1:] != window[:-1])
    first = np.flatnonzero(new)
    return ends[first], window[first], np.diff(np.append(first, len(ends)))


def _scores(
    node: np.ndarray, window: np.ndarray, count: np.ndarray, windows: int, history: int, row: np.ndarray | None = None
) -> np.ndarray:
    """Burst scores of some cells, None for all, float64 [cell]."""
    row = np.arange(len(node)) if row is None else row
    key = node * max(windows, 1) + window
    total = np.concatenate([[0], np.cumsum(count)])
    oldest = np.maximum(window[row] - history, 0)
    past = total[row] - total[np.searchsorted(key, node[row] * max(windows, 1) + oldest)]
    mean = past / np.maximum(window[row] - oldest, 1)
    # a row of two windows, what was expected and what came, has the score of the whole series
    score = burst_scores(np.stack([mean, count[row]], axis=1), history=1)[:, 1]
    return np.where(window[row] == 0, np.nan, score)

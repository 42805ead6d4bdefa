"""Bursts of nodes, such as hashtags, and bursts inside them, by Kleinberg's automaton."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import QueryResult, SocialGraph, format_time
from graphsocial.graph.query_result import Column
from graphsocial.graph.social_graph import Time
from graphsocial.schema import EdgeType
from graphsocial.trends.burst_automaton import burst_states, count_costs, level_bursts
from graphsocial.trends.top_per_window import TAG
from graphsocial.trends.window_counts import Side, counts_per_window, node_type_at

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class KleinbergBursts(QueryResult):
    """Bursts, the heaviest first; equal ones by their start, then in canonical order of the nodes.

    Attributes:
        node_type: Type of the nodes.
        width_seconds: Length of a window.
        node: Ids, object [burst].
        level: 1 for a burst, 2 for one inside it, …, int64 [burst].
        start: First second, int64 [burst].
        end: One past the last second, int64 [burst].
        count: Edges of the node in the run, int64 [burst].
        weight: How much cheaper the run is at this level than one below, in nats, float64 [burst].
        as_of: End of the last window: a burst may look different once more windows have passed.
        unrecorded: Edges on the grid that nobody timed; they are in no window.
    """

    node_type: str
    width_seconds: int
    node: np.ndarray
    level: np.ndarray
    start: np.ndarray
    end: np.ndarray
    count: np.ndarray
    weight: np.ndarray
    as_of: int
    unrecorded: int

    def title(self) -> str:
        """How many, of how many nodes, as of when, and what is left out."""
        left_out = f", {self.unrecorded:,} untimed edges left out" if self.unrecorded else ""
        names = len(set(self.node))
        return (
            f"{len(self):,} bursts of {names:,} {self.node_type} nodes, windows of {self.width_seconds:,} s, "
            f"as of {format_time(self.as_of)}{left_out}"
        )

    def columns(self) -> dict[str, Column]:
        """One row per burst."""
        return {
            self.node_type: self.node, "level": self.level, "start": self.start, "end": self.end,
            "count": self.count, "weight": self.weight,
        }  # fmt: skip

    def plot(self, ax: Axes | None = None, top: int = 20) -> Axes:
        """When the heaviest bursts went on, one line per node, thicker at higher levels; returns the axes."""
        import matplotlib.pyplot as plt  # slow to import, needed only here

        ax = plt.subplots()[1] if ax is None else ax
        names = list(dict.fromkeys(self.node))[:top]
        for name, level, start, end in zip(self.node, self.level, self.start, self.end, strict=True):
            if name in names:
                span = np.array([start, end]).astype("datetime64[s]")
                at = [names.index(name)] * 2
                ax.plot(span, at, linewidth=2 + 2 * level, color="C0", alpha=0.5, solid_capstyle="butt")
        ax.set_yticks(range(len(names)), names)
        ax.invert_yaxis()
        ax.set_title(self.title(), fontsize="small")
        return ax


def kleinberg_bursts(
    graph: SocialGraph,
    start: Time,
    end: Time,
    edge_type: EdgeType = TAG,
    width_seconds: int = 3_600,
    side: Side = "dst",
    s: float = 2.0,
    gamma: float = 1.0,
    states: int = 3,
    minimum: int = 5,
) -> KleinbergBursts:
    """Runs of windows in which a node takes a larger share of all edges than over the whole grid.

    The share of a window, not its count, decides: what rises because everything rises is no burst. Rates are those of
    the whole grid and a window is judged together with those after it, all of them before `end`. For bursts that a
    later window never changes see `bursts`.

    Args:
        graph: View; the grid must lie inside it.
        start: Start of the first window.
        end: End of the last window; a whole number of windows after `start`.
        edge_type: Relation whose edges are counted.
        width_seconds: Length of a window.
        side: Which end of the edges is counted.
        s: Ratio between the rates of neighbouring levels, above 1.
        gamma: How reluctant the automaton is to rise.
        states: Number of states, the quiet one among them.
        minimum: Nodes with fewer edges on the grid are left out.

    Raises:
        TimeWindowError: The grid reaches out of the view, or is no whole number of windows.
        SchemaError: Unknown edge type or side, or a setting out of range.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> names = ["sun"] * 8 + ["rain"] * 6 + ["sun"] * 4
    >>> times = [1, 2, 3, 11, 12, 13, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 41, 42]
    >>> tags = pa.table({"src": [f"p{i}" for i in range(18)], "dst": names, "time": times})
    >>> graph = SocialGraph.build(Schema({"post": {}, "hashtag": {}}, {TAG: {}}), {}, {TAG: tags})
    >>> found = kleinberg_bursts(graph, 0, 50, width_seconds=10, states=2)
    >>> found.node[0], int(found.start[0]), int(found.end[0]), int(found.count[0])
    ('rain', 20, 30, 6)
    """
    if isinstance(minimum, bool) or not isinstance(minimum, int | np.integer) or minimum < 1:
        raise SchemaError(f"got minimum={minimum!r}, expected a whole number of at least 1")
    windows = counts_per_window(graph, edge_type, width_seconds, start, end, side)
    node_type = node_type_at(graph.schema.check_edge_type(edge_type), side)
    totals = windows.counts.sum(axis=0)
    rows: list[tuple[int, int, int, int, int, float]] = []
    for place in np.flatnonzero(windows.counts.sum(axis=1) >= minimum):
        counts = windows.counts[place]
        costs = count_costs(counts, totals, s, states)
        for level, first, last, weight in level_bursts(costs, burst_states(costs, gamma)):
            count = int(counts[first : last + 1].sum())
            begin, stop = int(windows.start[first]), int(windows.start[last]) + windows.width_seconds
            rows.append((int(windows.node[place]), level, begin, stop, count, weight))
    rows.sort(key=lambda row: (-row[5], row[2], row[0], row[1]))
    columns = [np.array([row[i] for row in rows], dtype=np.int64) for i in range(5)]
    last_end = int(windows.start[-1]) + windows.width_seconds if len(windows.start) else 0
    return KleinbergBursts(
        node_type,
        windows.width_seconds,
        graph.node_ids(node_type)[columns[0]],
        columns[1],
        columns[2],
        columns[3],
        columns[4],
        np.array([row[5] for row in rows]),
        last_end,
        windows.unrecorded,
    )

"""Communities that are born, go on, split, merge and die."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.graph.groups.communities import Communities, communities
from graphsocial.graph.groups.community_matching import Links, link_communities
from graphsocial.graph.groups.leiden import generator
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph, Time
from graphsocial.graph.time import format_time, parse_time
from graphsocial.schema import EdgeType, NodeKey

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class CommunitiesOverTime(QueryResult):
    """Communities of successive windows, joined into timelines; one row for each community in a window.

    Rows stand window by window, and by size within each. A timeline is numbered when it begins.

    Attributes:
        times: First second of each window, and one past the last, int64 seconds [window + 1].
        windows: The partition of each window.
        window: Number of the window, int64 [row].
        community: Number of the community in its window, int64 [row].
        timeline: The timeline it belongs to, int64 [row].
        size: Nodes, int64 [row].
        began: `first` in the first window; then `birth`, `split` from another timeline or `continuation`, object [row].
        origin: The timeline it split from or continues, -1 for births, int64 [row].
        overlap: Jaccard with the community it continues, nan where it begins, float64 [row].
        ended: `last` in the last window; else `death`, `merge` into another timeline, or `continuation`, object [row].
            What a row ends in is known only from the next window on; everything else from its own window and before.
        fate: The timeline it merges into or continues as, -1 for deaths and in the last window, int64 [row].
    """

    times: np.ndarray
    windows: tuple[Communities, ...]
    window: np.ndarray
    community: np.ndarray
    timeline: np.ndarray
    size: np.ndarray
    began: np.ndarray
    origin: np.ndarray
    overlap: np.ndarray
    ended: np.ndarray
    fate: np.ndarray

    def members(self, window: int, timeline: int) -> list[NodeKey]:
        """Nodes of a timeline in one window.

        Raises:
            SchemaError: It has no community there.
        """
        row = np.flatnonzero((self.window == window) & (self.timeline == timeline))
        if not len(row):
            raise SchemaError(f"timeline {timeline!r} has no community in window {window!r}")
        return self.windows[window].members(int(self.community[row[0]]))

    def title(self) -> str:
        """How many timelines, and what became of them."""
        counts = {name: int((self.began == name).sum()) for name in ("birth", "split", "continuation")}
        counts |= {name: int((self.ended == name).sum()) for name in ("merge", "death")}
        events = ", ".join(f"{count:,} {name}s" for name, count in counts.items())
        return (
            f"{len(np.unique(self.timeline)):,} timelines of communities in {len(self.windows)} windows, "
            f"{format_time(self.times[0])} to {format_time(self.times[-1])}: {events}"
        )

    def columns(self) -> Mapping[str, Column]:
        """`window`, `start`, `end`, `timeline`, `size`, `began`, `origin`, `overlap`, `ended`, `fate`, `community`."""
        return {
            "window": self.window,
            "start": self.times[self.window],
            "end": self.times[self.window + 1],
            "timeline": self.timeline,
            "size": self.size,
            "began": self.began,
            "origin": self.origin,
            "overlap": self.overlap,
            "ended": self.ended,
            "fate": self.fate,
            "community": self.community,
        }

    def plot(self, ax: Axes | None = None, most: int = 10) -> Axes:
        """Size of the timelines that hold most nodes over all windows; splits and merges are dashed."""
        import matplotlib.pyplot as plt

        ax = plt.subplots()[1] if ax is None else ax
        weight = np.bincount(self.timeline, self.size)
        shown = np.argsort(-weight, kind="stable")[:most]
        for timeline in shown.tolist():
            rows = self.timeline == timeline
            (line,) = ax.plot(self.window[rows], self.size[rows], marker="o", markersize=3, label=f"{timeline}")
            for change, other, step in (("split", self.origin, -1), ("merge", self.fate, 1)):
                for row in np.flatnonzero(rows & ((self.began if change == "split" else self.ended) == change)):
                    there = (self.window == self.window[row] + step) & (self.timeline == other[row])
                    ends = [self.window[row], self.window[row] + step], [self.size[row], self.size[there][0]]
                    ax.plot(*ends, linestyle="--", linewidth=0.8, color=line.get_color())
        ax.set(xlabel=f"window from {format_time(self.times[0])}", ylabel="nodes", ylim=(0, None))
        if len(shown):
            ax.legend(title="timeline", fontsize="small")
        return ax


def communities_over_time(
    graph: SocialGraph,
    times: Sequence[Time],
    edge_types: Iterable[EdgeType] | None = None,
    resolution: float = 1.0,
    weighted: bool = True,
    min_size: int = 3,
    min_overlap: float = 0.3,
    min_share: float = 0.5,
    rng: int | np.random.Generator = 0,
) -> CommunitiesOverTime:
    """Communities of each window between successive times, and what became of them.

    Every window is clustered by itself, from its own edges alone: no window sees a later one. A community continues the
    one of the window before that it is matched with: Jaccard at least `min_overlap`, one to one, the largest sum of
    Jaccards (after Greene, Doyle and Cunningham, ASONAM 2010, who allow several). A community that continues none split
    from the one that at least `min_share` of its nodes were in, and was born if there is none; one that none continues
    merged into the one that at least `min_share` of its nodes went to, and died if there is none. A community that
    pauses for a window begins a new timeline.

    Args:
        graph: View whose edges count.
        times: Bounds of the windows, ascending; windows are half-open, the first starts at the first time.
        edge_types: Relations, None for all.
        resolution: Above 1 favours smaller communities, below 1 larger ones.
        weighted: Parallel edges count each; otherwise a pair counts once.
        min_size: Smaller communities are not followed; at least 2.
        min_overlap: Least Jaccard of a continuation, above 0 and at most 1.
        min_share: Least share of a community's nodes that makes a split or a merger, above 0 and at most 1.
        rng: Seed or generator that orders the moves.

    Raises:
        TimeWindowError: Fewer than two times, times not ascending, or one past the view's end.
        SchemaError: Unknown edge type, or a number out of its range.
        MissingExtraError: networkit is not installed.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> src, dst = ["a", "b", "c", "a", "b", "c", "x", "y", "z"], ["b", "c", "a", "b", "c", "d", "y", "z", "x"]
    >>> edges = pa.table({"src": src, "dst": dst, "time": [1, 2, 3, 11, 12, 13, 14, 15, 16]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> found = communities_over_time(graph, [0, 10, 20], [follow], resolution=0.5)
    >>> [(int(w), int(t), int(n), b) for w, t, n, b in zip(found.window, found.timeline, found.size, found.began)]
    [(0, 0, 3, 'first'), (1, 0, 4, 'continuation'), (1, 1, 3, 'birth')]
    """
    bounds = _bounds(times)
    _check(min_size, min_overlap, min_share)
    rng = generator(rng)
    windows: list[Communities] = []
    rows: list[dict[str, Any]] = []
    last: tuple[np.ndarray, np.ndarray] | None = None  # positions and communities of the nodes of the window before
    last_rows: list[dict[str, Any]] = []
    next_timeline = 0
    for number in range(len(bounds) - 1):
        found = communities(graph.window(bounds[number], bounds[number + 1]), edge_types, resolution, weighted, rng)
        node, label = _followed(graph, found, min_size)
        size = np.bincount(label) if len(label) else np.empty(0, dtype=np.int64)
        links = None if last is None else link_communities(*last, node, label, min_overlap, min_share)
        now: list[dict[str, Any]] = []
        for c in range(len(size)):
            row: dict[str, Any] = {
                "window": number,
                "community": c,
                "size": int(size[c]),
                "began": "first",
                "origin": -1,
            }
            row |= {"overlap": float("nan"), "ended": "last", "fate": -1, "timeline": -1}
            if links is not None:
                _begin(row, c, links, last_rows)
            if row["timeline"] < 0:
                row["timeline"], next_timeline = next_timeline, next_timeline + 1
            now.append(row)
        if links is not None:
            for c, row in enumerate(last_rows):
                _end(row, c, links, now)
        windows.append(found)
        rows += now
        last, last_rows = (node, label), now
    columns = {name: [row[name] for row in rows] for name in _KINDS}
    arrays: dict[str, np.ndarray] = {name: np.array(values, dtype=_KINDS[name]) for name, values in columns.items()}
    return CommunitiesOverTime(bounds, tuple(windows), **arrays)


_KINDS: dict[str, type] = {
    "window": np.int64,
    "community": np.int64,
    "timeline": np.int64,
    "size": np.int64,
    "began": object,
    "origin": np.int64,
    "overlap": np.float64,
    "ended": object,
    "fate": np.int64,
}


def _begin(row: dict[str, Any], c: int, links: Links, before: list[dict[str, Any]]) -> None:
    row["began"] = "birth"
    if links.continues[c] >= 0:
        row["timeline"] = row["origin"] = before[links.continues[c]]["timeline"]
        row["began"], row["overlap"] = "continuation", float(links.overlap[c])
    elif links.split_from[c] >= 0:
        row["began"], row["origin"] = "split", before[links.split_from[c]]["timeline"]


def _end(row: dict[str, Any], c: int, links: Links, after: list[dict[str, Any]]) -> None:
    row["ended"] = "death"
    if links.continued_by[c] >= 0:
        row["ended"], row["fate"] = "continuation", after[links.continued_by[c]]["timeline"]
    elif links.merged_into[c] >= 0:
        row["ended"], row["fate"] = "merge", after[links.merged_into[c]]["timeline"]


def _followed(graph: SocialGraph, found: Communities, min_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of the communities that are large enough, numbered alike in all windows, and their communities."""
    near = found.near
    kept = np.flatnonzero(found.size[found.label] >= min_size)  # the largest come first: labels stay without gaps
    place = np.searchsorted(near.offset, kept, side="right") - 1
    whole = np.concatenate([[0], np.cumsum([graph.num_nodes(t) for t in near.node_types])])
    return whole[place] + kept - near.offset[place], found.label[kept]


def _bounds(times: Sequence[Time]) -> np.ndarray:
    if isinstance(times, str) or not isinstance(times, Sequence | np.ndarray) or len(times) < 2:
        raise TimeWindowError(f"got times={times!r}, expected a list of at least two times, the bounds of the windows")
    bounds = np.array([parse_time(t) for t in times], dtype=np.int64)
    wrong = np.flatnonzero(np.diff(bounds) <= 0)
    if len(wrong):
        first, second = bounds[wrong[0]], bounds[wrong[0] + 1]
        raise TimeWindowError(f"got {format_time(second)} after {format_time(first)}, expected ascending times")
    return bounds


def _check(min_size: Any, min_overlap: Any, min_share: Any) -> None:
    if isinstance(min_size, bool) or not isinstance(min_size, int | np.integer) or min_size < 2:
        raise SchemaError(f"got min_size={min_size!r}, expected a whole number of at least 2")
    for name, value in (("min_overlap", min_overlap), ("min_share", min_share)):
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value <= 1:
            raise SchemaError(f"got {name}={value!r}, expected a number above 0 and at most 1")

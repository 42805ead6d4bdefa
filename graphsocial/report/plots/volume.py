"""How much happened when, with the cuts of the split drawn on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from graphsocial.graph import SocialGraph
from graphsocial.report.drawing import (
    BLUE,
    INK,
    VERMILLION,
    Labels,
    Plot,
    inline_svg,
    new_figure,
    plot_style,
    time_axis,
)
from graphsocial.report.numbers import readable
from graphsocial.report.times import show_duration, show_time
from graphsocial.schema import UNKNOWN_TIME

_WIDTHS = (60, 600, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 86_400, 7 * 86_400, 28 * 86_400, 364 * 86_400)
_DAY = 86_400


def volume_plot(graph: SocialGraph, cuts: Sequence[tuple[str, int]]) -> Plot | None:
    """Posts (or, without posts, edges) per bin, and a second panel around the cuts where they are close together.

    Args:
        graph: The graph of the run.
        cuts: Name and time of each cut, int64 seconds UTC.

    Returns:
        None when nothing in the graph has a time.
    """
    times, what = event_times(graph)
    if len(times) == 0:
        return None
    spans = _spans(times, [time for _, time in cuts])
    labels = Labels(longest=30)
    marked = [(labels.label(readable(name)), time) for name, time in cuts]
    with plot_style():
        figure = new_figure(7.0, 2.1 * len(spans) + 0.3)
        axes = figure.subplots(len(spans), 1, squeeze=False)[:, 0]
        widths = [
            _draw(axis, times, span, [cut for cut in marked if _panel(spans, cut[1]) == position])
            for position, (axis, span) in enumerate(zip(axes, spans, strict=True))
        ]
        if len(spans) == 2:
            axes[0].axvspan(*(end / _DAY for end in spans[1]), color=VERMILLION, alpha=0.3, lw=1.5, zorder=3)
            axes[0].set_xlabel(f"all {what}; the shaded part is enlarged below", fontsize=8)
        for axis, width in zip(axes, widths, strict=True):
            axis.set_ylabel(f"{what} per {show_duration(width).removeprefix('1 ')}")
        svg = inline_svg(figure, "volume")
    named = "; ".join(f"{name} at {show_time(time)}" for name, time in cuts)
    return Plot(
        svg=svg,
        alt=f"Histogram of {len(times):,} {what} from {show_time(int(times.min()))} to {show_time(int(times.max()))}"
        + (f", with vertical lines for the cuts: {named}." if named else ", without cuts."),
        caption=f"{what.capitalize()} over time"
        + (" with the cuts of the split: what lies left of a line is known at that cut." if named else "."),
        key=tuple(labels.key),
    )


def event_times(graph: SocialGraph) -> tuple[np.ndarray, str]:
    """Known times of the posts, or of all edges where there are no timed posts, and what was counted.

    Returns:
        int64 seconds [event], and "posts" or "edges".
    """
    if "post" in graph.node_types:
        posts = graph.known_at("post")
        posts = posts[posts != UNKNOWN_TIME]
        if len(posts):
            return posts, "posts"
    edges = [graph.edges(edge_type) for edge_type in graph.edge_types]
    times = [found.time[found.recorded] for found in edges]
    return np.concatenate(times) if times else np.empty(0, np.int64), "edges"


def _spans(times: np.ndarray, cuts: Sequence[int]) -> list[tuple[int, int]]:
    """The whole span, and the shortest stretch with four fifths of the events when the whole would hide it."""
    whole = (int(min([times.min(), *cuts])), int(max([times.max(), *cuts])) + 1)
    ordered = np.sort(times)
    most = max(int(np.ceil(0.8 * len(ordered))), 1)
    widths = ordered[most - 1 :] - ordered[: len(ordered) - most + 1]
    at = int(np.argmin(widths))
    length = max(int(widths[at]), 3_600)
    first, last = int(ordered[at]) - length // 8, int(ordered[at + most - 1]) + length // 8
    near = [cut for cut in cuts if first - length <= cut <= last + length]
    near_span = (max(whole[0], min([first, *near])), min(whole[1], max([last, *near])))
    return [whole, near_span] if near_span[1] - near_span[0] < 0.3 * (whole[1] - whole[0]) else [whole]


def _panel(spans: Sequence[tuple[int, int]], cut: int) -> int:
    """Panel in which a cut is drawn: the enlarged one where it lies inside."""
    start, end = spans[-1]
    return len(spans) - 1 if start <= cut <= end else 0


def _draw(axis: Axes, times: np.ndarray, span: tuple[int, int], cuts: Sequence[tuple[str, int]]) -> int:
    start, end = span
    width = next((w for w in _WIDTHS if (end - start) / w <= 120), _WIDTHS[-1])
    first = start - start % width
    edges = np.arange(first, end + width, width)
    counts, _ = np.histogram(times, bins=edges)
    axis.bar(edges[:-1] / _DAY, counts, width=width / _DAY, align="edge", color=BLUE, linewidth=0)
    axis.set_xlim(start / _DAY, end / _DAY)
    axis.set_ylim(0, max(1.0, counts.max() * 1.1))
    axis.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axis.grid(axis="y")
    time_axis(axis)
    reached, level = float("-inf"), 0
    for name, time in sorted(cuts, key=lambda cut: (cut[1], cut[0])):
        axis.axvline(time / _DAY, color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
        level = level + 1 if time - reached < 0.14 * (end - start) else 0  # one above the other where they are close
        reached = time
        axis.annotate(
            name,
            (time / _DAY, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3 + 10 * level),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=8,
            fontweight="bold",
        )
    return width

"""How much happened when, with the cuts of the split drawn on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from graphsocial.graph import SocialGraph
from graphsocial.report.drawing import BLUE, INK, VERMILLION, Plot, inline_svg, new_figure, plot_style, time_axis
from graphsocial.report.times import show_duration, show_time
from graphsocial.schema import UNKNOWN_TIME

_WIDTHS = (60, 600, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400)
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
    with plot_style():
        figure = new_figure(7.0, 2.1 * len(spans) + 0.3)
        axes = figure.subplots(len(spans), 1, squeeze=False)[:, 0]
        widths = [
            _draw(axis, times, span, cuts if position == len(spans) - 1 else ())
            for position, (axis, span) in enumerate(zip(axes, spans, strict=True))
        ]
        if len(spans) == 2:
            axes[0].axvspan(spans[1][0] / _DAY, spans[1][1] / _DAY, color=VERMILLION, alpha=0.12, lw=0)
            axes[0].set_title(f"All {what}; the shaded part is enlarged below", fontweight="normal")
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
    """The whole span, and the stretch around the cuts when it would be too narrow to read in the whole."""
    whole = (int(min([times.min(), *cuts])), int(max([times.max(), *cuts])) + 1)
    if not cuts:
        return [whole]
    # nine tenths of what happened on either side of the middle cut that is nearest to it, and every cut
    middle = int(np.median(cuts))
    distance = max(int(np.quantile(np.abs(times - middle), 0.5)), max(abs(cut - middle) for cut in cuts) * 2, 3_600)
    near = (max(whole[0], middle - distance), min(whole[1], middle + distance))
    return [whole, near] if near[1] - near[0] < 0.25 * (whole[1] - whole[0]) else [whole]


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

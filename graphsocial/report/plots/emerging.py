"""Topics that grow, each with its words and its posts per window."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from graphsocial.query.emerging_topics import EmergingTopics
from graphsocial.report.drawing import BLUE, INK, Labels, Plot, inline_svg, new_figure, plot_style, time_axis
from graphsocial.report.plots.spread_figure import settled
from graphsocial.report.times import show_duration, show_time

_DAY = 86_400


def emerging_figure(found: EmergingTopics, top: int = 6) -> Figure | None:
    """One panel per topic, the one that grows most first; None when there is none.

    Args:
        found: From `emerging_topics`.
        top: At most so many panels.
    """
    count = min(len(found), top)
    if not count:
        return None
    figure = _figure(found, count, Labels(longest=60))
    figure.supylabel(f"posts per {show_duration(found.width_seconds)}", fontsize=9, color=INK)
    return settled(figure)


def emerging_plot(found: EmergingTopics, top: int = 6) -> Plot | None:
    """The same for a page, with what it says in words.

    Args:
        found: From `emerging_topics`.
        top: At most so many panels.
    """
    count = min(len(found), top)
    if not count:
        return None
    labels = Labels(longest=60)
    with plot_style():
        svg = inline_svg(_figure(found, count, labels), "emerging")
    return Plot(
        svg=svg,
        alt=f"Posts per window of {count} topics as of {show_time(found.end)}. The one that grows most, "
        f"{' '.join(found.words[0]) or 'without words'}, has {int(found.now[0]):,} posts in the last window and "
        f"{found.before[0]:.3g} per window before.",
        caption=f"Topics that grow most, by {found.content}: posts per {show_duration(found.width_seconds)}, as of "
        f"{show_time(found.end)}. Words are those that a topic uses more than the others do.",
        key=tuple(labels.key),
    )


def _figure(found: EmergingTopics, count: int, labels: Labels) -> Figure:
    windows = found.volume.shape[1]
    start = (found.end - found.width_seconds * np.arange(windows, 0, -1)) / _DAY
    with plot_style():
        figure = new_figure(7.0, 0.95 * count + 0.4)
        axes = figure.subplots(count, 1, squeeze=False, sharex=True)[:, 0]
        for row, axis in enumerate(axes):
            axis.bar(start, found.volume[row], width=found.width_seconds / _DAY, align="edge", color=BLUE, linewidth=0)
            axis.set_ylim(0, max(1.0, found.volume[row].max() * 1.15))
            axis.yaxis.set_major_locator(MaxNLocator(nbins=2, integer=True))
            share = f"{found.image_share[row]:.0%} with a picture"
            words = labels.label(" ".join(found.words[row]) or "no words")
            axis.set_title(f"{words} · {share}", fontsize=8.5, color=INK)
        time_axis(axes[-1])
    return figure

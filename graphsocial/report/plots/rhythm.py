"""When a user acts: a map of the hours of the week."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from graphsocial.errors import SchemaError
from graphsocial.query.behaviour.activity_rhythm import WEEKDAYS, ActivityRhythm
from graphsocial.report.drawing import BLUE, GREY, Labels, new_figure, plot_style
from graphsocial.report.plots.spread_figure import settled

_MAP = LinearSegmentedColormap.from_list("acts", ["#F4F4F4", "#9CC9E6", BLUE, "#00304D"])


def rhythm_plot(rhythm: ActivityRhythm) -> Figure:
    """Acts by weekday and hour as shades, with the totals of hours above and of weekdays beside.

    Args:
        rhythm: What `activity_rhythm` found.

    Raises:
        SchemaError: No act has a time.
    """
    if not rhythm.acts:
        raise SchemaError(f"user {rhythm.user!r} has no act with a time, there is nothing to draw")
    with plot_style():
        figure = new_figure(7.0, 3.2)
        axes = figure.subplots(2, 2, width_ratios=(24, 4), height_ratios=(2, 7), sharex="col", sharey="row")
        (above, corner), (axis, beside) = axes
        corner.set_axis_off()
        cells = axis.pcolormesh(
            np.arange(25), np.arange(8), rhythm.count, cmap=_MAP, vmin=0, vmax=max(int(rhythm.count.max()), 1)
        )
        axis.set_xticks(np.arange(0, 25, 3))
        axis.set_yticks(np.arange(7) + 0.5, [day[:3] for day in WEEKDAYS])
        axis.set_ylim(7, 0)
        axis.set_xlabel(f"hour of the day ({rhythm.clock})")
        above.bar(np.arange(24) + 0.5, rhythm.count.sum(axis=0), width=0.9, color=GREY, linewidth=0)
        beside.barh(np.arange(7) + 0.5, rhythm.count.sum(axis=1), height=0.9, color=GREY, linewidth=0)
        above.yaxis.set_major_locator(MaxNLocator(nbins=2, integer=True))
        beside.xaxis.set_major_locator(MaxNLocator(nbins=2, integer=True))
        bar = figure.colorbar(cells, ax=axes, shrink=0.8, aspect=25, pad=0.02)
        bar.set_label("acts in the hour of the week")
        bar.locator = MaxNLocator(nbins=4, integer=True)
        bar.update_ticks()
        bar.outline.set_visible(False)  # type: ignore[operator]
        above.set_title(_title(rhythm))
        for panel in (axis, above, beside):
            panel.spines[["left", "bottom"]].set_visible(False)
            panel.tick_params(length=0)
        settled(figure)
        return figure


def _title(rhythm: ActivityRhythm) -> str:
    who = Labels(longest=24).label(rhythm.user)
    burst = "" if np.isnan(rhythm.burst.corrected) else f", burstiness {rhythm.burst.corrected:.2f} (corrected)"
    acts = "1 act" if rhythm.acts == 1 else f"{rhythm.acts:,} acts"
    return f"Rhythm of {'a user' if who == '[1]' else who}: {acts}{burst}"

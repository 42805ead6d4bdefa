"""Chances that were said against shares that came about."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from graphsocial.learn.reliability import Reliability
from graphsocial.report.drawing import GREY, SERIES, new_figure, plot_style
from graphsocial.report.plots.spread_figure import check_named, plain_log, settled

_MARKERS = "os^Dv"
_FEWEST = 5
"""Cases that came about in a bin, or were expected to, for it to be drawn: a share of fewer is mostly noise."""


def reliability_plot(found: Mapping[str, Mapping[str, Reliability]], *, outcome: str = "act") -> Figure:
    """A panel for each way to look, with the observed share of each bin over the mean chance, on log axes.

    Bars are 95 % intervals over groups; what lies on the diagonal comes about as often as was said.

    Args:
        found: By panel and by what forecasts.
        outcome: What the cases do when it comes about.

    Raises:
        SchemaError: Nothing to draw.
    """
    check_named(found, "panels")
    with plot_style():
        figure = new_figure(3.4 * len(found) + 0.6, 3.5)
        panels = figure.subplots(1, len(found), squeeze=False, sharey=True)[0]
        lowest, highest = 1.0, 0.0
        for panel, (title, cases) in zip(panels, found.items(), strict=True):
            for place, (name, one) in enumerate(cases.items()):
                count, expected, observed = (s.sum(axis=0) for s in (one.count, one.expected, one.observed))
                drawn = (np.maximum(expected, observed) >= _FEWEST) & (observed > 0) & (expected > 0)
                if not drawn.any():
                    continue
                said, share = expected[drawn] / count[drawn], observed[drawn] / count[drawn]
                ends = one.share_interval(0)[drawn]
                panel.errorbar(
                    said,
                    share,
                    yerr=np.abs(ends.T - share),
                    color=SERIES[place % len(SERIES)],
                    marker=_MARKERS[place % len(_MARKERS)],
                    markersize=4,
                    linewidth=1.0,
                    elinewidth=0.8,
                    label=name,
                )
                lowest = min(lowest, float(said.min()), float(share.min()))
                highest = max(highest, float(said.max()), float(share.max()))
            panel.set_title(title)
            panel.set_xlabel("mean chance that was said")
        if not highest:  # no bin holds enough to be drawn
            lowest, highest = 0.001, 1.0
        for panel in panels:
            panel.set_xscale("log")
            panel.set_yscale("log")
            for axis in (panel.xaxis, panel.yaxis):
                plain_log(axis, lowest, highest)
            panel.set_xlim(lowest / 1.6, min(1.1, highest * 1.6))
            panel.set_ylim(lowest / 1.6, min(1.1, highest * 1.6))
            panel.axline((lowest, lowest), (2 * lowest, 2 * lowest), color=GREY, linewidth=0.9, linestyle=(0, (4, 2)))
            panel.grid(which="major")
        panels[0].set_ylabel(f"share of those who {outcome}")
        handles, labels = panels[0].get_legend_handles_labels()
        if handles:
            figure.legend(handles, labels, loc="outside lower center", ncols=min(4, len(handles)))
        return settled(figure)

"""What it costs when posts come without a modality: a metric over the share that lost it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from graphsocial.report.drawing import GREY, INK, SERIES, new_figure, plot_style
from graphsocial.report.plots.spread_figure import check_named, settled

_LINES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)))
"""Told apart without colour as well."""
_ALONE = ((0, (1, 1.5)), (0, (4, 2, 1, 2)))


@dataclass(frozen=True)
class MissingPoint:
    """A metric where some posts lack a modality.

    Attributes:
        percent: Posts that lack it, 0 to 100.
        value: The metric.
        interval: 95 %, None where there is none.
    """

    percent: float
    value: float
    interval: tuple[float, float] | None


def missing_modality_plot(
    curves: Mapping[str, Mapping[str, Sequence[MissingPoint]]],
    alone: Mapping[str, float],
    *,
    metric: str = "macro-F1",
) -> Figure:
    """A panel for each modality that is lost, with a curve for each way to lose it and its 95 % band.

    Args:
        curves: By modality and way ("in test alone", "in training and test"); points in any order.
        alone: The metric of what does without, by name, drawn as level lines in every panel.
        metric: What the axis says.

    Raises:
        SchemaError: Nothing to draw.
    """
    check_named(curves, "curves")
    with plot_style():
        figure = new_figure(3.6 * len(curves) + 0.6, 3.2)
        panels = figure.subplots(1, len(curves), squeeze=False, sharey=True)[0]
        for panel, (modality, ways) in zip(panels, curves.items(), strict=True):
            for place, (way, points) in enumerate(ways.items()):
                ordered = sorted(points, key=lambda point: point.percent)
                colour, x = SERIES[place % len(SERIES)], [point.percent for point in ordered]
                ends = [point.interval or (point.value, point.value) for point in ordered]
                panel.fill_between(
                    x, [end[0] for end in ends], [end[1] for end in ends], color=colour, alpha=0.15, lw=0
                )
                panel.plot(
                    x,
                    [point.value for point in ordered],
                    color=colour,
                    linestyle=_LINES[place % len(_LINES)],
                    marker="o",
                    markersize=3.5,
                    label=way,
                )
            for place, (name, value) in enumerate(alone.items()):
                colour = (INK, GREY)[place % 2]
                panel.axhline(value, color=colour, linewidth=0.9, linestyle=_ALONE[place % 2], label=name)
            panel.set_xlim(0, 100)
            panel.grid(axis="y")
            panel.set_xlabel(f"posts without {modality}, %")
            panel.set_title(f"{modality} missing")
        panels[0].set_ylabel(metric)
        handles: dict[str, Artist] = {}
        for panel in panels:
            for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
                handles.setdefault(label, handle)
        figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=min(4, len(handles)))
        return settled(figure)

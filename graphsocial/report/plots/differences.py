"""Forest plot: model minus floor, with its interval, one panel per task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphsocial.report.drawing import BLUE, GREY, INK, VERMILLION, Labels, Plot, inline_svg, new_figure, plot_style
from graphsocial.report.numbers import as_interval, as_number, readable, style_for
from graphsocial.report.verdict import Verdict, verdict_of

_MARKS: Mapping[Verdict, tuple[str, str, str]] = {
    "better": ("o", BLUE, BLUE),
    "worse": ("s", VERMILLION, VERMILLION),
    "unclear": ("o", GREY, "white"),
    "unknown": ("x", GREY, GREY),
}
"""Marker, line colour and fill: told apart without colour as well."""


def differences_plot(tasks: Mapping[str, Mapping[str, Any]]) -> Plot | None:
    """Draws every difference that has a value; None when there is none.

    Args:
        tasks: `tasks` of `metrics.json`.
    """
    rows = {name: _rows(task) for name, task in tasks.items()}
    rows = {name: found for name, found in rows.items() if found}
    if not rows:
        return None
    labels = Labels(longest=36)
    said = []
    with plot_style():
        heights = [len(found) + 1.6 for found in rows.values()]
        figure = new_figure(7.0, 0.24 * sum(heights) + 0.3)
        panels = figure.subplots(len(rows), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for axis, (name, found) in zip(panels, rows.items(), strict=True):
            task = tasks[name]
            higher = bool(task.get("higher_is_better", True))
            axis.axvline(0, color=INK, linewidth=0.9)
            for position, (floor, value, interval) in enumerate(found):
                verdict = verdict_of(interval, higher)
                marker, line, fill = _MARKS[verdict]
                if interval:
                    axis.plot(interval, [position, position], color=line, linewidth=1.6, solid_capstyle="butt")
                axis.plot([value], [position], marker=marker, color=line, markerfacecolor=fill, markersize=6)
                style = style_for([value, interval])
                said.append(f"{name} against {floor}: {style.number(value)} {style.interval(interval)}")
            ends = [abs(end) for _, value, interval in found for end in (value, *(interval or ()))]
            reach = max([*ends, 1e-9]) * 1.12
            axis.set_xlim(-reach, reach)
            axis.axvspan(0 if higher else -reach, reach if higher else 0, color=BLUE, alpha=0.055, lw=0)
            axis.set_yticks(range(len(found)), [labels.label(readable(floor)) for floor, _, _ in found])
            axis.set_ylim(len(found) - 0.4, -0.6)
            axis.tick_params(axis="y", length=0)
            axis.spines["left"].set_visible(False)
            axis.grid(axis="x")
            metric = labels.label(readable(task.get("metric", "metric")))
            axis.set_title(f"{labels.label(readable(name))} · difference in {metric}")
        svg = inline_svg(figure, "differences")
    return Plot(
        svg=svg,
        alt="Forest plot of model minus floor with 95 % intervals. " + "; ".join(said) + ".",
        caption="Model minus floor with its 95 % interval. The shaded side is where the model is better: blue discs "
        "lie wholly inside it, vermillion squares wholly outside, hollow grey discs cannot be told from zero.",
        key=tuple(labels.key),
    )


def _rows(task: Mapping[str, Any]) -> list[tuple[str, float, tuple[float, float] | None]]:
    """Floor, difference and interval, strongest floor first."""
    sign = -1 if task.get("higher_is_better", True) else 1
    found = []
    for name, floor in (task.get("floors") or {}).items():
        value = as_number(floor.get("difference"))
        if value is not None:
            strength = as_number(floor.get("value"))
            order = sign * strength if strength is not None else float("inf")
            found.append((order, name, value, as_interval(floor.get("difference_interval"))))
    return [row[1:] for row in sorted(found, key=lambda row: (row[0], row[1]))]

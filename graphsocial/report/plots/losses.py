"""Training loss and validation metric per epoch, the selected epoch marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from graphsocial.report.drawing import BLUE, GREEN, INK, VERMILLION, Labels, Plot, inline_svg, new_figure, plot_style
from graphsocial.report.numbers import as_number, readable

Points = list[tuple[float, float]]


def losses_plot(history: Sequence[dict[str, Any]]) -> Plot | None:
    """One row per task: its training loss on the left, its validation metric on the right.

    Args:
        history: `history.json`, one entry per epoch.
    """
    tasks = sorted({task for epoch in history for part in ("losses", "validation") for task in epoch.get(part) or {}})
    if not tasks:
        return None
    selected = [number for epoch in history if epoch.get("selected") for number in _number(epoch.get("epoch"))]
    labels = Labels(longest=30)
    with plot_style():
        figure = new_figure(7.0, 1.25 * len(tasks) + 0.45)
        panels = figure.subplots(len(tasks), 2, squeeze=False, sharex=True)
        for row, task in enumerate(tasks):
            loss, metric = _points(history, "losses", task), _points(history, "validation", task)
            name = _metric_name(history, task)
            _draw(panels[row][0], loss, BLUE, selected)
            _draw(panels[row][1], metric, GREEN, selected)
            panels[row][0].set_title(f"{labels.label(readable(task))} · training loss")
            panels[row][1].set_title(f"validation {labels.label(name)}", fontweight="normal")
        for axis in panels[-1]:
            axis.set_xlabel("epoch")
        svg = inline_svg(figure, "losses")
    last = selected[-1] if selected else None
    chosen = f"epoch {last:g} was selected on validation" if last is not None else "no epoch is marked as selected"
    return Plot(
        svg=svg,
        alt=f"Training loss and validation metric over {len(history)} epochs for {', '.join(tasks)}; {chosen}.",
        caption=f"Training loss and validation metric per epoch; {chosen} (dashed line). "
        "The test part took no part in this choice.",
        key=tuple(labels.key),
    )


def _draw(axis: Axes, points: Points, colour: str, selected: Sequence[float]) -> None:
    for epoch in selected:
        axis.axvline(epoch, color=VERMILLION, linewidth=1.1, linestyle=(0, (3, 2)))
    if points:
        axis.plot(*zip(*points, strict=True), color=colour, marker="o", markersize=2.8, linewidth=1.3)
    else:
        axis.text(0.5, 0.5, "not recorded", ha="center", va="center", transform=axis.transAxes, color=INK)
    axis.grid(axis="y")
    left, right = axis.get_xlim()
    if right - left < 1:  # one epoch alone would get ticks at fractions of it
        axis.set_xlim((left + right) / 2 - 0.5, (left + right) / 2 + 0.5)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    axis.yaxis.set_major_locator(MaxNLocator(nbins=3))


def _points(history: Sequence[dict[str, Any]], part: str, task: str) -> Points:
    found = []
    for epoch in history:
        value = (epoch.get(part) or {}).get(task)
        value = as_number(value.get("value") if isinstance(value, dict) else value)
        number = as_number(epoch.get("epoch"))
        if value is not None and number is not None:
            found.append((number, value))
    return found


def _metric_name(history: Sequence[dict[str, Any]], task: str) -> str:
    for epoch in history:
        entry = (epoch.get("validation") or {}).get(task)
        if isinstance(entry, dict) and entry.get("metric"):
            return readable(entry["metric"])
    return "metric"


def _number(value: Any) -> list[float]:
    number = as_number(value)
    return [] if number is None else [number]

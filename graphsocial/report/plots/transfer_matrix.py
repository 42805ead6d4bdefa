"""What every task gains or loses when it is trained beside another, as a matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from graphsocial.errors import SchemaError
from graphsocial.learn.task_transfer import TaskGain
from graphsocial.report.drawing import BLUE, GREY, INK, VERMILLION, new_figure, plot_style
from graphsocial.report.plots.spread_figure import settled

_TOGETHER = "all together"


def transfer_matrix_plot(gains: Sequence[TaskGain]) -> Figure:
    """A row for each task, a column for what it was trained beside: gain over alone, with its 95 % interval.

    A cell is coloured where its interval is wholly above zero (blue, ▲) or below (vermillion, ▼), stronger for a
    larger share of what the task has alone.

    Args:
        gains: Of pairs and of all tasks together; others are left out.

    Raises:
        SchemaError: Nothing to draw.
    """
    tasks = sorted({gain.task for gain in gains})
    others = sorted({gain.beside[0] for gain in gains if len(gain.beside) == 1} | set(tasks))
    cells = {}
    for gain in gains:
        whole = len(gain.beside) == len(others) - 1 and len(others) > 2
        if len(gain.beside) == 1 or whole:
            cells[gain.task, _TOGETHER if whole else gain.beside[0]] = gain
    if not cells:
        raise SchemaError("got no gain of a pair or of all tasks, expected those of at least two tasks")
    columns = [*others, _TOGETHER] if any(column == _TOGETHER for _, column in cells) else others
    metric = {gain.task: f"{gain.task}\n{gain.metric} {gain.alone:.3f}" for gain in gains}
    with plot_style():
        figure = new_figure(1.25 * len(columns) + 1.4, 0.62 * len(tasks) + 0.9)
        axis = figure.subplots()
        for row, task in enumerate(tasks):
            for column, beside in enumerate(columns):
                found = cells.get((task, beside))
                if found is None:
                    axis.text(column, row, "·", ha="center", va="center", color=GREY)
                    continue
                colour, mark, strength = _look(found)
                if colour is not None:
                    corner = (column - 0.5, row - 0.5)
                    axis.add_patch(Rectangle(corner, 1, 1, facecolor=colour, alpha=strength, linewidth=0))
                ends = "" if found.interval is None else f"\n[{found.interval[0]:+.3f}, {found.interval[1]:+.3f}]"
                text = f"{found.gain:+.3f}{mark}{ends}"
                axis.text(column, row, text, ha="center", va="center", fontsize=7, color=INK)
        axis.set_xlim(-0.5, len(columns) - 0.5)
        axis.set_ylim(len(tasks) - 0.5, -0.5)
        axis.set_xticks(range(len(columns)), columns)
        axis.set_yticks(range(len(tasks)), [metric[task] for task in tasks])
        axis.tick_params(length=0)
        axis.set_xlabel("trained beside")
        axis.set_title("Gain over the task alone, above 0 is better")
        return settled(figure)


def _look(gain: TaskGain) -> tuple[str | None, str, float]:
    """Colour, mark and opacity of a cell."""
    if gain.interval is None or gain.interval[0] <= 0 <= gain.interval[1]:
        return None, "", 0.0
    share = abs(gain.gain) / max(abs(gain.alone), 1e-9)
    strength = float(np.clip(0.15 + 2 * share, 0.15, 0.7))
    return (BLUE, " ▲", strength) if gain.interval[0] > 0 else (VERMILLION, " ▼", strength)

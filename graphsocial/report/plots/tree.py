"""One cascade as a tree, or forest, over time."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from graphsocial.diffusion.measures.ages import ages
from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet
from graphsocial.report.drawing import BLUE, INK, VERMILLION, new_figure, plot_style
from graphsocial.report.plots.cascade import DURATION_TICKS, short_duration
from graphsocial.report.plots.spread_figure import SECONDS, settled
from graphsocial.report.plots.tree_layout import earliest_members, tree_rows

_MOST_LABELS = 45


def tree_plot(cascades: CascadeSet, i: int, *, unit: str = "steps", most: int = 70) -> Figure:
    """One cascade from left to right over time, parents joined to their children; roots are squares.

    Args:
        cascades: Observed or simulated.
        i: Which of them.
        unit: What the times count; "seconds" are drawn on a logarithmic axis, others evenly.
        most: Draw only so many, the earliest; the title says how many there are.

    Raises:
        SchemaError: There is no i-th cascade, it has no members, or a member has no time.
    """
    if not 0 <= i < len(cascades) or not cascades.size[i]:
        raise SchemaError(f"no cascade {i} with members, expected 0 to {len(cascades) - 1}")
    part = slice(int(cascades.offsets[i]), int(cascades.offsets[i + 1]))
    parent = np.where(cascades.parent[part] < 0, -1, cascades.parent[part] - part.start)
    age = ages(cascades)[part]
    if np.isnan(age).any():
        raise SchemaError(f"cascade {cascades.names[i]!r} has a member without a time, expected all to have one")
    order = earliest_members(parent, age, most)
    depth, row = tree_rows(order, parent)
    leaves = max(row.values()) + 1
    with plot_style():
        figure = new_figure(7.0, min(max(1.6, 0.155 * leaves + 0.9), 8.5))
        axis = figure.subplots()
        x = {member: float(np.log1p(age[member] / 60) if unit == SECONDS else age[member]) for member in order}
        for member in order:
            if depth[member]:
                up = int(parent[member])
                across, down = [x[up], x[up], x[member]], [row[up], row[member], row[member]]
                axis.plot(across, down, color="#B8B8B8", linewidth=0.8, zorder=1)
        for root in (False, True):
            chosen = [member for member in order if (depth[member] == 0) == root]
            axis.plot(
                [x[member] for member in chosen],
                [row[member] for member in chosen],
                linestyle="none",
                marker="s" if root else "o",
                color=VERMILLION if root else BLUE,
                markersize=7 if root else 4.5,
                markeredgecolor="white",
                markeredgewidth=0.5,
            )
        for member in order[:_MOST_LABELS] if leaves <= _MOST_LABELS else []:
            axis.annotate(
                str(cascades.node[part][member]),
                (x[member], row[member]),
                xytext=(6, 0) if depth[member] else (-7, 0),
                textcoords="offset points",
                ha="left" if depth[member] else "right",
                va="center",
                fontsize=7.5,
                color=INK,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},  # lines to children pass behind it
            )
        latest = max(age[member] for member in order)
        if unit == SECONDS:
            ticks = [tick for tick in DURATION_TICKS if tick <= max(latest, 60)]
            axis.set_xticks([float(np.log1p(tick / 60)) for tick in ticks], [short_duration(tick) for tick in ticks])
        else:
            axis.xaxis.set_major_locator(MaxNLocator(integer=cascades.time.dtype.kind == "i", nbins=10))
        axis.margins(x=0.09)
        axis.set_ylim(leaves - 0.4, -0.6)
        axis.set_yticks([])
        axis.spines["left"].set_visible(False)
        axis.grid(axis="x")
        axis.set_xlabel(f"time since the start ({'logarithmic' if unit == SECONDS else unit})")
        axis.set_title(_title(cascades, i, len(order)))
        return settled(figure)


def _title(cascades: CascadeSet, i: int, shown: int) -> str:
    size, depth = int(cascades.size[i]), int(cascades.depth[i])
    going = ", censored" if cascades.censored[i] else ""
    part = f", the first {shown:,} shown" if shown < size else ""
    return (
        f"cascade {cascades.names[i]}: {size:,} member{'' if size == 1 else 's'}, {depth} "
        f"generation{'' if depth == 1 else 's'} after the root{part}{going}"
    )

"""How far seed sets reach: the mean spread of each with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from graphsocial.diffusion.measures.ratio_bootstrap import ratio_bootstrap
from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet
from graphsocial.report.drawing import BLUE, GREY, new_figure, plot_style
from graphsocial.report.plots.spread_figure import check_named, settled


def seed_sets_plot(runs: Mapping[str, CascadeSet], *, rng: int | np.random.Generator, level: float = 0.95) -> Figure:
    """Mean size of the runs from each seed set with its bootstrap interval, the widest spread on top.

    Compare sets under one simulator and other runs than those they were chosen with: a choice looks better on its own.
    Where runs are censored, their horizon is part of what is compared: sizes are those by then.

    Args:
        runs: Simulated cascades by the name of the method that chose their seeds.
        rng: Whole number or numpy generator that the bootstraps draw from.
        level: Chance of an interval to hold its mean.

    Raises:
        SchemaError: Nothing to draw, a set without runs, or arguments that make no sense.
    """
    check_named(runs, "simulated cascades")
    if empty := [name for name, part in runs.items() if not len(part)]:
        raise SchemaError(f"{empty[0]!r} has no runs, expected at least one")
    generator = np.random.default_rng(rng)
    found = {}
    for name, part in runs.items():
        size = part.size[:, None].astype(np.float64)
        interval = ratio_bootstrap(size, np.ones_like(size), generator, level=level)
        found[name] = (interval.value.item(), interval.low.item(), interval.high.item())
    order = sorted(found, key=lambda name: -found[name][0])  # stable: ties stay as given
    with plot_style():
        figure = new_figure(6.0, 0.34 * len(found) + 1.25)
        axis = figure.subplots()
        for place, name in enumerate(order):
            value, low, high = found[name]
            axis.plot([low, high], [place, place], color=BLUE, linewidth=2.2, solid_capstyle="butt")
            axis.plot([value], [place], "o", color=BLUE, markersize=6)
        axis.axvline(found[order[0]][0], color=GREY, linewidth=0.8, linestyle=(0, (4, 2)), zorder=0)
        axis.set_yticks(range(len(order)), [_label(name, runs[name]) for name in order])
        axis.set_ylim(len(order) - 0.4, -0.6)
        axis.spines["left"].set_visible(False)
        axis.grid(axis="x")
        axis.margins(x=0.08)
        axis.set_xlabel("spread: members, mean over runs")
        axis.set_title(f"Spread of seed sets, with {100 * level:g} % intervals over runs")
        settled(figure)
        axis.tick_params(axis="y", length=0)
        return figure


def _label(name: str, part: CascadeSet) -> str:
    seeds = np.bincount(np.repeat(np.arange(len(part)), part.size)[part.parent < 0], minlength=len(part))
    number = f"{seeds.min():,}" if seeds.min() == seeds.max() else f"{seeds.min():,} to {seeds.max():,}"
    going = f", {part.censored.sum():,} cut short" if part.censored.any() else ""
    return f"{name}\n{number} seed{'' if number == '1' else 's'}, {len(part):,} runs{going}"

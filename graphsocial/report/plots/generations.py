"""How far cascades go: the size of each generation, and how many its members brought forth per head."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from graphsocial.diffusion.measures.reproduction_numbers import ReproductionNumbers, reproduction_numbers
from graphsocial.graph import CascadeSet
from graphsocial.report.drawing import INK, SERIES, new_figure, plot_style
from graphsocial.report.plots.spread_figure import check_named, plain_log, settled

_MARKERS = ("o", "s", "^", "D", "v", "P")


def generations_plot(
    cascades: Mapping[str, CascadeSet],
    *,
    rng: int | np.random.Generator,
    generations: int = 12,
    level: float = 0.95,
) -> Figure:
    """Members per cascade in each generation, and reproduction numbers with bootstrap intervals over cascades.

    A generation in which members of censored cascades stand has a hollow mark: its number is a lower bound.

    Args:
        cascades: Sets by name.
        rng: Whole number or numpy generator that the bootstraps draw from.
        generations: At most so many.
        level: Chance of an interval to hold its number.

    Raises:
        SchemaError: Nothing to draw, or arguments that make no sense.
    """
    check_named(cascades, "cascades")
    generator = np.random.default_rng(rng)
    found = {
        name: reproduction_numbers(part, rng=generator, generations=generations, level=level)
        for name, part in cascades.items()
    }
    with plot_style():
        figure = new_figure(7.0, 3.3)
        sizes, numbers = figure.subplots(1, 2)
        numbers.axhline(1, color=INK, linewidth=0.9, linestyle=(0, (4, 2)))
        for place, (name, result) in enumerate(found.items()):
            colour, marker = SERIES[place % len(SERIES)], _MARKERS[place % len(_MARKERS)]
            generation = np.arange(len(result.value))
            mean = result.members / max(result.cascades, 1)
            label = f"{name} ({result.cascades:,} cascades)"
            sizes.plot(generation, mean, color=colour, marker=marker, markersize=4, linewidth=1.3, label=label)
            beside = generation + 0.14 * (place - (len(found) - 1) / 2)
            known = np.isfinite(result.low)
            numbers.vlines(beside[known], result.low[known], result.high[known], color=colour, linewidth=1.4)
            for hollow in (False, True):
                part = (result.censored > 0) == hollow
                numbers.plot(
                    beside[part],
                    result.value[part],
                    linestyle="none",
                    color=colour,
                    marker=marker,
                    markerfacecolor="white" if hollow else colour,
                    markersize=4.5,
                )
        sizes.set(yscale="log", xlabel="generation", ylabel="members per cascade")
        sizes.set_title("Size of generations")
        numbers.set(xlabel="generation", ylabel=f"children per member, {100 * level:g} % intervals")
        numbers.set_title("Reproduction numbers")
        plain_log(sizes.yaxis, *sizes.get_ylim())
        _set_range(numbers, found)
        for axis in (sizes, numbers):
            axis.grid(axis="y")
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        figure.legend(loc="outside lower center", ncols=min(2, len(found)))
        return settled(figure)


def _set_range(axis: Axes, found: Mapping[str, ReproductionNumbers]) -> None:
    """From 0 on; logarithmic where roots have many more children than all others, as those of broadcasts have."""
    value, high = (np.concatenate([getattr(r, name) for r in found.values()]) for name in ("value", "high"))
    some = value[value > 0]
    if len(some) and some.max() > 20 * np.median(some):
        axis.set_yscale("log")
        axis.set_ylim(some.min() / 2, 2 * some.max())
        plain_log(axis.yaxis, *axis.get_ylim())
        return
    largest = float(np.nanmax(value, initial=1.0))
    # an interval so wide that it would hide the others runs out of the picture
    axis.set_ylim(0, 1.08 * min(float(np.nanmax(high, initial=largest)), 2 * largest))

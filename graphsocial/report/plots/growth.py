"""How cascades grow: the mean of each set over time, with its band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from graphsocial.diffusion.measures.ages import ages
from graphsocial.diffusion.measures.mean_growth import mean_growth
from graphsocial.graph import CascadeSet
from graphsocial.report.drawing import SERIES, new_figure, plot_style
from graphsocial.report.plots.spread_figure import check_named, settled, time_scale

_LINES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)))
"""Told apart without colour as well."""
_SHARE = 0.97
"""Members that have come by the end of the picture; the last ones may take as long as all others together."""


def growth_plot(
    cascades: Mapping[str, CascadeSet],
    *,
    rng: int | np.random.Generator,
    times: Sequence[float] | np.ndarray | None = None,
    unit: str = "steps",
    watched: Mapping[str, float | np.ndarray] | None = None,
    level: float = 0.95,
) -> Figure:
    """Mean number of members by time since the start, with bootstrap bands; observed beside simulated.

    A curve ends where none of its cascades was watched any longer.

    Args:
        cascades: Sets by name, all in one unit of time.
        rng: Whole number or numpy generator that the bootstraps draw from.
        times: Since the start, in the unit of the cascades' times, ascending [time]; None: until all but three
            in a hundred members had come.
        unit: What the times count; "seconds" are shown in minutes, hours or days.
        watched: How long the cascades of a set were watched, where the set itself does not say (`watched_lengths`).
        level: Chance of a band to hold its mean, at each time.

    Raises:
        SchemaError: Nothing to draw, times that make no sense, or nothing says how long censored cascades were watched.
    """
    check_named(cascades, "cascades")
    generator = np.random.default_rng(rng)
    chosen = _times(cascades) if times is None else np.asarray(times, dtype=np.float64)
    with plot_style():
        figure = new_figure(6.0, 3.4)
        axis = figure.subplots()
        found = {
            name: mean_growth(part, chosen, rng=generator, watched=(watched or {}).get(name), level=level)
            for name, part in cascades.items()
        }
        scale, shown = time_scale(float(chosen[-1]), unit)
        for place, (name, curve) in enumerate(found.items()):
            colour, x = SERIES[place % len(SERIES)], curve.time / scale
            going = f", {part.censored.sum():,} censored" if (part := cascades[name]).censored.any() else ""
            axis.fill_between(x, curve.low, curve.high, color=colour, alpha=0.2, lw=0)
            axis.plot(
                x,
                curve.mean,
                color=colour,
                linewidth=1.6,
                linestyle=_LINES[place % len(_LINES)],
                label=f"{name} ({len(part):,} cascades{going})",
            )
        axis.set_xlim(chosen[0] / scale, chosen[-1] / scale)
        axis.set_ylim(bottom=0)
        axis.margins(y=0.08)
        axis.grid(axis="y")
        whole = all(part.time.dtype.kind == "i" for part in cascades.values()) and scale == 1
        axis.xaxis.set_major_locator(MaxNLocator(integer=whole, nbins=8))
        axis.set_xlabel(f"time since the start ({shown})")
        axis.set_ylabel("members, mean over cascades")
        axis.set_title(f"Growth, with {100 * level:g} % bands over cascades")
        figure.legend(loc="outside lower center", ncols=min(2, len(cascades)))
        return settled(figure)


def _times(cascades: Mapping[str, CascadeSet]) -> np.ndarray:
    """Even times, and more where most members come; whole steps where times are whole."""
    since = [part[np.isfinite(part)] for part in map(ages, cascades.values())]
    quantiles = [np.quantile(part, np.linspace(0, _SHARE, 51)) for part in since if len(part)]
    longest = max((float(part[-1]) for part in quantiles), default=1.0) or 1.0
    chosen = np.concatenate([np.linspace(0, longest, 51), *quantiles])
    if all(part.time.dtype.kind == "i" for part in cascades.values()):
        chosen = np.ceil(chosen)
    return np.unique(chosen)

"""How large cascades get: the share that reaches each size, on log axes, with the fitted tail."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from graphsocial.diffusion.measures.comparable_cascades import comparable_cascades
from graphsocial.diffusion.power_law_tail import PowerLawTail
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph import CascadeSet
from graphsocial.report.drawing import INK, SERIES, new_figure, plot_style
from graphsocial.report.plots.spread_figure import check_named, duration_label, plain_log, settled

_MARKERS = ("o", "s", "^", "D", "v", "P")


def size_distribution_plot(
    cascades: Mapping[str, CascadeSet],
    *,
    tails: Mapping[str, PowerLawTail] | None = None,
    age: float | None = None,
    watched: Mapping[str, float | np.ndarray] | None = None,
    unit: str = "steps",
) -> Figure:
    """Share of cascades with at least so many members, both axes logarithmic; fitted tails as lines.

    Censored cascades are left out and counted in the legend, or, with an age, all are shown as they were then.

    Args:
        cascades: Sets by name.
        tails: What `power_law_tail` fitted to some of them, by the same names.
        age: Sizes at this age, in the unit of the times; None: final sizes.
        watched: How long the cascades of a set were watched, where `age` needs it (`watched_lengths`).
        unit: What the age counts.

    Raises:
        SchemaError: Nothing to draw, no cascade of a set is finished, or a tail of a set that is not there.
    """
    check_named(cascades, "cascades")
    lines = {} if tails is None else dict(tails)
    if unknown := [name for name in lines if name not in cascades]:
        raise SchemaError(
            f"tails has {unknown[0]!r}, expected names of cascades: {', '.join(cascades)}."
            f"{did_you_mean(unknown[0], cascades)}"
        )
    with plot_style():
        figure = new_figure(5.4, 4.0)
        axis = figure.subplots()
        for place, (name, part) in enumerate(cascades.items()):
            whole, left_out = comparable_cascades(part, age, (watched or {}).get(name))
            size, share = _exceedance(whole.size)
            colour = SERIES[place % len(SERIES)]
            note = f", {left_out:,} left out" if left_out else ""
            axis.plot(
                size,
                share,
                linestyle="none",
                marker=_MARKERS[place % len(_MARKERS)],
                markersize=3.2,
                markerfacecolor="none",
                markeredgewidth=0.8,
                color=colour,
                label=f"{name} ({len(whole):,} cascades{note})",
            )
            if name in lines:
                tail = lines[name]
                x = np.geomspace(tail.lowest, max(int(size[-1]), tail.lowest + 1), 80)
                words = f"tail from {tail.lowest:,} on: α = {tail.alpha:.2f} ± {tail.alpha_error:.2g}"
                if tail.log_ratio < 0 and tail.p_value <= 0.1:
                    words += ", a lognormal fits better"
                axis.plot(x, tail.exceedance(x), color=INK if len(cascades) == 1 else colour, lw=1.4, label=words)
        axis.set(xscale="log", yscale="log")
        plain_log(axis.xaxis, *axis.get_xlim())
        plain_log(axis.yaxis, *axis.get_ylim())
        axis.grid(True)
        axis.set_xlabel("size (members)" if age is None else f"size at {duration_label(age, unit)} (members)")
        axis.set_ylabel("share of cascades at least so large")
        axis.set_title("Cascade sizes")
        figure.legend(loc="outside lower center", ncols=1)
        return settled(figure)


def _exceedance(sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct sizes above 0, ascending, and the share of all cascades with at least so many members, [size]."""
    size, count = np.unique(sizes, return_counts=True)
    share = np.cumsum(count[::-1])[::-1] / len(sizes)
    return size[size > 0], share[size > 0]

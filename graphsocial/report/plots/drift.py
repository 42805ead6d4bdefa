"""How interests change from window to window, beside what posts dealt at random would show."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from graphsocial.errors import SchemaError
from graphsocial.query.behaviour.interest_drift import InterestDrift
from graphsocial.report.drawing import BLUE, GREY, VERMILLION, Labels, new_figure, plot_style, time_axis
from graphsocial.report.plots.spread_figure import settled

_DAY = 86_400


def drift_plot(drift: InterestDrift) -> Figure:
    """Distance at each change of window as points, what chance would show as bars; filled points lie beyond chance.

    For one user a bar reaches from the expected distance to the one that 95 of 100 permutations stay below. For the
    mean over users the bar is the 95 % interval of the distance, over users, and a dash is the expected one.

    Args:
        drift: What `interest_drift` found.

    Raises:
        SchemaError: There were too few posts at every change.
    """
    told = np.flatnonzero(~np.isnan(drift.distance))
    if not len(told):
        raise SchemaError("no two neighbouring windows have enough posts, there is no drift to draw")
    when = drift.edge[1:-1][told] / _DAY
    distance, expected, beyond = drift.distance[told], drift.expected[told], drift.drifted[told]
    with plot_style():
        figure = new_figure(6.4, 3.1)
        axis = figure.subplots()
        wide = 0.008 * (drift.edge[-1] - drift.edge[0]) / _DAY
        if drift.user is not None:
            axis.vlines(
                when, expected, drift.upper[told], color=GREY, linewidth=6, alpha=0.45, label="by chance, to 95 %"
            )
            axis.hlines(expected, when - wide, when + wide, color=GREY, linewidth=1.4)
        else:
            axis.vlines(when, expected + drift.low[told], expected + drift.high[told], color=BLUE, linewidth=2.2)
            axis.hlines(expected, when - wide, when + wide, color=GREY, linewidth=1.6, label="expected by chance")
        axis.plot(when, distance, color=BLUE, linewidth=0.9, alpha=0.6)
        for chosen, colour, face, name in (
            (~beyond, BLUE, "white", "within chance"),
            (beyond, VERMILLION, VERMILLION, "beyond chance (5 %)"),
        ):
            if chosen.any():
                axis.plot(when[chosen], distance[chosen], "o", color=colour, markerfacecolor=face, label=name, zorder=3)
        for edge in drift.edge / _DAY:
            axis.axvline(edge, color=GREY, linewidth=0.5, linestyle=(0, (2, 3)), zorder=0)
        axis.set_xlim(drift.edge[0] / _DAY, drift.edge[-1] / _DAY)
        highest = drift.upper[told] if drift.user is not None else expected + np.nan_to_num(drift.high[told])
        axis.set_ylim(0, min(1.02, 1.12 * max(highest.max(), distance.max(), expected.max())) or 1.0)
        time_axis(axis)
        axis.set_ylabel("distance of profiles")
        axis.grid(axis="y")
        figure.legend(loc="outside lower right", ncols=3)
        axis.set_title(_title(drift, told))
        settled(figure)
        return figure


def _title(drift: InterestDrift, told: np.ndarray) -> str:
    if drift.user is None:
        users = drift.users[told]
        number = f"{users.min():,}" if users.min() == users.max() else f"{users.min():,} to {users.max():,}"
        return f"Interest drift, mean over {number} users with 95 % intervals"
    who = Labels(longest=24).label(drift.user)
    return f"Interest drift of {'a user' if who == '[1]' else who}, between windows of time (UTC)"

"""Observed volume of one node with the forecasts made along the way and their intervals."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from graphsocial.report.drawing import INK, SERIES, Plot, inline_svg, new_figure, plot_style, time_axis
from graphsocial.report.numbers import as_number
from graphsocial.report.times import as_time, show_duration

_DAY = 86_400
_BAND_FROM = 8
"""From this many forecasts of one horizon on, a band reads better than bars."""


def trend_plot(trend: dict[str, Any]) -> Plot | None:
    """Draws counts and forecasts; None when there is nothing with a time.

    Args:
        trend: `trend.json`; a forecast made at `time` is drawn at `time + horizon_seconds`.
    """
    counts = [
        (time, count)
        for time, count in zip(map(as_time, trend["times"]), map(as_number, trend["counts"]), strict=False)
        if time is not None and count is not None
    ]
    forecasts = _by_horizon(trend["forecasts"])
    if not counts and not forecasts:
        return None
    every = [entry for found in forecasts.values() for entry in found]
    with plot_style():
        figure = new_figure(7.0, 3.0)
        axis = figure.subplots()
        if counts:
            axis.step(
                [time / _DAY for time, _ in counts],
                [count for _, count in counts],
                where="post",
                color=INK,
                linewidth=1.1,
                label="observed",
            )
        due = []
        for position, (horizon, found) in enumerate(sorted(forecasts.items())):
            colour = SERIES[position % len(SERIES)]
            x = [(time + horizon) / _DAY for time, *_ in found]
            low = [entry[1] for entry in found]
            middle = [entry[2] for entry in found]
            high = [entry[3] for entry in found]
            name = f"forecast {show_duration(horizon)} ahead"
            if len(found) >= _BAND_FROM:
                axis.fill_between(x, low, high, color=colour, alpha=0.2, lw=0)
                axis.plot(x, middle, color=colour, linewidth=1.3, label=name)
            else:
                axis.vlines(x, low, high, color=colour, linewidth=2.4, alpha=0.5)
                axis.plot(x, middle, "o", color=colour, markersize=4.5, label=name)
            actual = [(a, b[4]) for a, b in zip(x, found, strict=True) if b[4] is not None]
            if actual:
                due.append((actual, colour))
        for position, (actual, colour) in enumerate(due):
            name = "value that came" if position == len(due) - 1 else "_"
            axis.plot(
                *zip(*actual, strict=True), "D", color=colour, markerfacecolor="white", markersize=3.6, label=name
            )
        time_axis(axis)
        axis.set_ylim(bottom=0)
        axis.set_ylabel(f"volume per {_width(trend)}")
        axis.grid(axis="y")
        figure.legend(loc="outside upper left", ncols=4)
        svg = inline_svg(figure, "trend")
    inside, known = covered(trend)
    said = f"{inside} of {known} observed values lie inside their interval" if known else "no forecast has come due"
    return Plot(
        svg=svg,
        alt=f"Observed volume of one {_kind(trend)} in {len(counts)} bins with {len(every)} forecasts; {said}.",
        caption=f"Observed volume and forecasts, each drawn at the time it is about, with its interval; {said}. "
        "Each forecast knew only what lay before the time at which it was made.",
    )


def covered(trend: dict[str, Any]) -> tuple[int, int]:
    """How many forecasts whose value was later observed had it inside their interval, of how many."""
    due = [
        entry[1] <= entry[4] <= entry[3]
        for found in _by_horizon(trend["forecasts"]).values()
        for entry in found
        if entry[4] is not None
    ]
    return sum(due), len(due)


Forecast = tuple[int, float, float, float, float | None]


def _by_horizon(forecasts: Any) -> dict[int, list[Forecast]]:
    """Forecasts as (time, lower, median, upper, actual), by horizon in seconds, each in order of time."""
    found: defaultdict[int, list[Forecast]] = defaultdict(list)
    for entry in forecasts if isinstance(forecasts, list) else []:
        if not isinstance(entry, dict):
            continue
        time, horizon = as_time(entry.get("time")), as_number(entry.get("horizon_seconds"))
        low, middle, high = (as_number(entry.get(key)) for key in ("lower", "median", "upper"))
        if time is None or horizon is None or low is None or middle is None or high is None:
            continue
        found[int(horizon)].append((time, low, middle, high, as_number(entry.get("actual"))))
    return {horizon: sorted(entries, key=lambda entry: entry[:4]) for horizon, entries in found.items()}


def _width(trend: dict[str, Any]) -> str:
    width = as_number(trend.get("width_seconds"))
    return show_duration(width).removeprefix("1 ") if width else "bin"


def _kind(trend: dict[str, Any]) -> str:
    node = trend.get("node")
    return str(node[0]) if isinstance(node, list | tuple) and node else str(node or "node")

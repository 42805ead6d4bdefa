"""A figure for whoever draws in a script or a notebook, in the page's style whatever is set around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from graphsocial.errors import SchemaError
from graphsocial.report.drawing import GREY, INK
from graphsocial.report.times import show_duration

SECONDS = "seconds"
_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60))


def settled(figure: Figure) -> Figure:
    """The figure, with the style written into it: it is often drawn after `plot_style()` has ended.

    Ticks and offsets are made when a figure is drawn, and take what is set then.
    """
    for axis in figure.axes:
        axis.tick_params(which="both", color=GREY, labelcolor=INK, labelsize=8)
    figure.draw_without_rendering()
    return figure


def plain_log(axis: Axis, lowest: float, highest: float) -> None:
    """Marks a logarithmic axis with plain numbers, more of them where it spans little."""
    subs = (1.0,) if highest > 50 * lowest else (1.0, 2.0, 5.0)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))  # powers would need math text
    axis.set_minor_formatter(NullFormatter())


def check_named(named: Mapping[str, Any], kind: str) -> None:
    """Refuses what is not a mapping from names to things to draw, or holds none."""
    if not isinstance(named, Mapping) or not named:
        raise SchemaError(f'got {type(named).__name__}, expected {kind} by name, such as {{"observed": …}}')


def time_scale(longest: float, unit: str) -> tuple[float, str]:
    """What times are divided by, and what they are called then: seconds turn into the largest unit that fits.

    >>> time_scale(200_000, "seconds"), time_scale(12, "steps")
    ((86400, 'days'), (1, 'steps'))
    """
    if unit == SECONDS:
        for name, seconds in _UNITS:
            if longest >= 2 * seconds:
                return seconds, name
    return 1, unit


def duration_label(time: float, unit: str) -> str:
    """A time since a start in words.

    >>> duration_label(7_200, "seconds"), duration_label(3.0, "steps")
    ('2 hours', '3 steps')
    """
    return show_duration(time) if unit == SECONDS else f"{time:g} {unit}"

"""One line: what deleting the named evidence does, beside deleting as much at random."""

from __future__ import annotations

from typing import Any

from graphsocial.report.drawing import BLUE, GREY, INK, Plot, inline_svg, new_figure, plot_style
from graphsocial.report.numbers import as_interval, as_number, style_for


def deletion_plot(faithfulness: dict[str, Any], name: str) -> Plot | None:
    """Draws the check; None when its numbers are missing.

    Args:
        faithfulness: `deletion`, `random` and the `interval` of random deletions.
        name: Unique on the page.
    """
    deletion, random = as_number(faithfulness.get("deletion")), as_number(faithfulness.get("random"))
    interval = as_interval(faithfulness.get("interval"))
    if deletion is None or random is None:
        return None
    style = style_for([deletion, random, interval])
    with plot_style():
        figure = new_figure(5.2, 0.75)
        axis = figure.subplots()
        axis.axvline(0, color=GREY, linewidth=0.8)
        if interval:
            axis.plot(interval, [0, 0], color=GREY, linewidth=5, alpha=0.45, solid_capstyle="butt")
        axis.plot([random], [0], "|", color=INK, markersize=11, markeredgewidth=1.6)
        axis.plot([deletion], [0], "o", color=BLUE, markersize=7)
        axis.set_ylim(-1, 1)
        axis.set_yticks([])
        axis.margins(x=0.12)
        axis.spines["left"].set_visible(False)
        axis.set_xlabel("change of the prediction", fontsize=8)
        svg = inline_svg(figure, name)
    said = deletion_words(faithfulness)
    return Plot(
        svg=svg,
        alt=f"Deletion {style.number(deletion)}, random {style.number(random)} {style.interval(interval)}. {said}",
        caption="",  # said once for all of them above the first
    )


def deletion_words(faithfulness: dict[str, Any]) -> str:
    """What the check says, in a sentence.

    >>> deletion_words({"deletion": 0.3, "random": 0.1, "interval": [0.05, 0.15]})
    'Deleting this evidence changes the prediction by .300, deleting as much at random by .100 [.050, .150]:
    the evidence matters more than chance.'
    """
    deletion, random = as_number(faithfulness.get("deletion")), as_number(faithfulness.get("random"))
    interval = as_interval(faithfulness.get("interval"))
    if deletion is None or random is None:
        return "The deletion check was not run."
    style = style_for([deletion, random, interval])
    numbers = (
        f"Deleting this evidence changes the prediction by {style.number(deletion)}, "
        f"deleting as much at random by {style.number(random)}"
    )
    if interval is None:
        return f"{numbers}; without an interval nothing is claimed."
    low, high = sorted(interval)
    # sizes decide: an explanation may name what pulls a prediction down
    if low <= deletion <= high:
        words = "the evidence cannot be told from chance"
    elif abs(deletion) > max(abs(low), abs(high)):
        words = "the evidence matters more than chance"
    else:
        words = "the evidence matters less than chance"
    return f"{numbers} {style.interval(interval)}: {words}."

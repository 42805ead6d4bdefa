"""Matplotlib figures as inline SVG: no pyplot, no global settings, the same bytes for the same input."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from functools import lru_cache
from typing import Any

import matplotlib.style
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

# Okabe and Ito's palette, told apart with any of the common colour deficiencies.
BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, INK, GREY = "#CC79A7", "#56B4E9", "#222222", "#8A8A8A"
SERIES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)

_STYLE: dict[str, Any] = {
    "svg.hashsalt": "graphsocial",
    "svg.fonttype": "none",  # text stays text: it takes the page's font, can be selected and is small
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.0,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.7,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "text.color": INK,
    "text.parse_math": False,  # a `$` in an id is a `$`
}


@dataclass(frozen=True)
class Plot:
    """A picture of the page.

    Attributes:
        svg: Inline SVG, safe markup.
        alt: What it shows, for whoever cannot see it.
        caption: Sentence under it.
        key: Marks that stand in the picture for texts it cannot draw, with those texts.
    """

    svg: Markup
    alt: str
    caption: str
    key: tuple[tuple[str, str], ...] = ()


@dataclass
class Labels:
    """Turns texts into labels a plot can draw; the rest becomes `[1]`, `[2]`, … with the text kept for the page."""

    longest: int = 14
    key: list[tuple[str, str]] = field(default_factory=list)

    def label(self, text: str) -> str:
        """The text itself when it is short and drawable, otherwise a mark.

        >>> labels = Labels()
        >>> labels.label("u17"), labels.label("用户"), labels.key
        ('u17', '[1]', [('[1]', '用户')])
        """
        if len(text) <= self.longest and _drawable(text):
            return text
        known = {value: mark for mark, value in self.key}
        if text not in known:
            self.key.append((f"[{len(self.key) + 1}]", text))
            return self.key[-1][0]
        return known[text]


@contextmanager
def plot_style() -> Iterator[None]:
    """Matplotlib's own defaults with the page's style on top, whatever the user's matplotlibrc says."""
    with matplotlib.style.context(["default", _STYLE]):
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, laid out so that nothing overlaps."""
    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def time_axis(axis: Axes) -> None:
    """Dates and hours UTC along the x axis of a panel whose x values are days since 1970."""
    locator = AutoDateLocator(tz=UTC)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))


def inline_svg(figure: Figure, name: str) -> Markup:
    """The figure as markup to stand inside a page.

    Args:
        figure: Made and still inside `plot_style()`.
        name: Unique on the page; becomes the prefix of every id in the SVG.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, count=1, flags=re.S)  # it would style the whole page
    svg = re.sub(r'\sxmlns(:xlink)?="[^"]*"', "", svg)
    svg = svg.replace("xlink:href=", "href=")
    svg = re.sub(r"; font-family: [^;\"]*", "", svg)
    svg = re.sub(r' transform="rotate\(-0 [^"]*\)"', "", svg)
    svg = re.sub(r'(\sid="|\shref="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r'<svg ([^>]*?)width="[^"]*" height="[^"]*"', r'<svg \1aria-hidden="true"', svg, count=1)
    return Markup(svg.strip())


def _drawable(text: str) -> bool:
    """Whether the plot font has every glyph and no text runs right to left, which matplotlib does not lay out."""
    glyphs = _glyphs()
    return all(ord(c) in glyphs and c.isprintable() and unicodedata.bidirectional(c)[:1] not in "RA" for c in text)


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family=["DejaVu Sans"]))).get_charmap())

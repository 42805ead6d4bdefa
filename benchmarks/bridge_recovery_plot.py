"""Errors of what is learned against the number of posts it was learned from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from benchmarks.bridge_recovery_lines import mean_interval
from graphsocial.report.drawing import BLUE, GREEN, GREY, VERMILLION, plot_style

Scores = Mapping[int, Mapping[str, Sequence[float]]]
COLOURS = {"well_specified": BLUE, "wrong_delays": VERMILLION, "hidden_edges": GREEN}
PANELS = (
    ("log_odds_error", "error of the chances (RMSE of log odds)", False),
    ("seeds", "reach that seeds fall short of (share of the best)", True),
    ("what_if_error", "error of what-if differences (adopters)", False),
    ("delay_distance", "distance of the delay law (Kolmogorov)", False),
)
"""Metric, what the axis says, and whether it is drawn as what is missing to 1."""


def scores_of(lines: Path) -> dict[str, dict[int, dict[str, list[float]]]]:
    """Scores of each world by kind, number of posts and metric, from the benchmark's result lines."""
    found: dict[str, dict[int, dict[str, list[float]]]] = {}
    for text in lines.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        if "worlds" in line:
            by_posts = found.setdefault(line["data"], {})
            by_posts.setdefault(line["config"]["posts"], {})[line["metric"]] = line["worlds"]
    return found


def recovery_plot(file: Path, found: Mapping[str, Scores]) -> None:
    """Draws a panel per error with a line per kind of world, the content-blind answer dashed, on log axes.

    Args:
        file: SVG (or PNG, by its suffix) to write.
        found: What `scores_of` reads.
    """
    with plot_style():
        figure = Figure(figsize=(8.4, 5.6), layout="constrained", facecolor="white")
        panels = figure.subplots(2, 2).ravel()
        for panel, (metric, title, missing) in zip(panels, PANELS, strict=True):
            for place, (kind, scores) in enumerate(found.items()):
                blind = f"{metric}/content_blind"
                if all(blind in row for row in scores.values()):
                    _line(panel, scores, blind, missing, COLOURS[kind], place, "--")
                _line(panel, scores, metric, missing, COLOURS[kind], place, "-", kind.replace("_", " "))
            _axes(panel, sorted({posts for scores in found.values() for posts in scores}), title)
        panels[0].plot([], [], "--", color=GREY, label="content-blind")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
        for panel in panels[2:]:
            panel.set_xlabel("posts learned from")
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def _line(
    panel: Axes,
    scores: Scores,
    metric: str,
    missing: bool,
    colour: str,
    place: int,
    style: str,
    label: str | None = None,
) -> None:
    posts = np.array(sorted(scores))
    values = [np.array(scores[n][metric]) for n in posts.tolist()]
    values = [1 - v if missing else v for v in values]
    mean = np.array([v.mean() for v in values])
    x = posts * 1.04 ** (place - 1)  # side by side, so that intervals can be told apart
    panel.plot(x, mean, style, color=colour, label=label, linewidth=1.6 if label else 1.0, alpha=1.0 if label else 0.6)
    if label:
        ends = [mean_interval(v.tolist()) or (v.mean(), v.mean()) for v in values]
        # an interval that reaches 0 has no place on a log axis; it ends a tenth of the mean above it
        low = [max(end[0], m / 10) for end, m in zip(ends, mean, strict=True)]
        bars = np.array([mean - low, [end[1] for end in ends] - mean])
        panel.errorbar(x, mean, yerr=bars, fmt="o", color=colour, markersize=4, capsize=2.5, linewidth=1.0)


def _axes(panel: Axes, posts: Sequence[int], title: str) -> None:
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_title(title)
    panel.xaxis.set_major_locator(FixedLocator(list(posts)))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    panel.xaxis.set_minor_locator(NullLocator())
    low, high = panel.get_ylim()
    steps = (1, 2, 5) if high > 8 * low else (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    ticks = [t for t in (m * 10.0**e for e in range(-4, 3) for m in steps) if low <= t <= high]
    panel.yaxis.set_major_locator(FixedLocator(ticks))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    panel.yaxis.set_minor_locator(NullLocator())
    panel.grid(axis="y")

"""Coverage of the 90 % intervals over calendar time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from benchmarks.cascade_size_lines import Answers, Kind
from graphsocial.learn.cascade_size.size_metrics import clopper_pearson
from graphsocial.report.drawing import BLUE, VERMILLION

BLOCKS = 8
SHIFT = 0.004
"""Half the distance between the two series, as a share of the time axis."""


def coverage_plot(file: Path, start: np.ndarray, answers: Mapping[str, Sequence[Answers]], zone: int = 0) -> None:
    """Draws static and adaptive coverage in consecutive blocks of test cascades, with exact binomial intervals.

    Args:
        file: SVG (or PNG, by its suffix) to write.
        start: Start of each test cascade, int64 seconds [example].
        answers: Name to intervals, one per seed.
        zone: Seconds to add to UTC.
    """
    order = np.argsort(start, kind="stable")
    blocks = [block for block in np.array_split(order, BLOCKS) if len(block)]
    middle = np.array([np.median(start[block]) + zone for block in blocks]).astype("datetime64[s]")
    span = float(start.max() - start.min())
    figure = Figure(figsize=(7.5, 2.6 * len(answers)), layout="constrained", facecolor="white")
    panels = figure.subplots(len(answers), 1, squeeze=False, sharex=True, sharey=True)[:, 0]
    for panel, (name, found) in zip(panels, answers.items(), strict=True):
        series: tuple[tuple[float, str, Kind, str], ...] = (
            (-SHIFT, BLUE, "ends", "calibrated once"),
            (SHIFT, VERMILLION, "adaptive", "adaptive (ACI)"),
        )
        for shift, colour, kind, label in series:
            inside = np.mean([seed.covered(kind) for seed in found], axis=0)
            share = np.array([inside[block].mean() for block in blocks])
            ends = np.array([clopper_pearson(round(inside[block].sum()), len(block)) for block in blocks])
            at = middle + np.timedelta64(int(shift * span), "s")
            bars = np.abs(ends - share[:, None]).T
            panel.errorbar(at, share, yerr=bars, fmt="o", color=colour, capsize=3, label=label, markersize=4)
        panel.axhline(0.9, color="#222222", linewidth=0.8, linestyle="--")
        panel.set_title(f"{name}: share of answers inside the 90 % interval", fontsize=9, loc="left")
        panel.set_ylim(0.6, 1.01)
        panel.legend(fontsize=8, frameon=False, loc="lower left")
    panels[-1].set_xlabel(f"start of the cascade ({len(blocks[0])} test cascades per point, 95 % binomial intervals)")
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)

"""Pictures of one phrase and its simulated spread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from benchmarks.bridge_case_facts import BridgeCaseFacts, FitFacts
from graphsocial.query.post_choice import PostChoice
from graphsocial.report.drawing import BLUE, GREY, INK, SKY, VERMILLION, new_figure, plot_style
from graphsocial.report.plots.spread_figure import plain_log, settled

HOUR, DAY = 3_600, 86_400
BANDS = ((0.05, 0.95, 0.18), (0.25, 0.75, 0.32))
SHOWN = 15
BINS = 10


def written(figure: Figure, file: Path) -> None:
    """Writes the figure as SVG, the same bytes for the same figure."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with plot_style():
        figure.savefig(file, format="svg", metadata=dict.fromkeys(("Date", "Creator")))
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")


def growth_picture(facts: BridgeCaseFacts) -> Figure:
    """Simulated growth as bands over runs, the observed curve on top."""
    days = np.linspace(0, facts.activation.horizon, 169)
    grown = facts.growth(days)
    with plot_style():
        figure = new_figure(6.0, 3.4)
        axis = figure.subplots()
        for low, high, alpha in BANDS:
            ends = np.quantile(grown, [low, high], axis=0)
            name = f"{100 * (high - low):.0f} % of runs"
            axis.fill_between(days / DAY, *ends, color=BLUE, alpha=alpha, lw=0, label=name)
        axis.plot(days / DAY, np.median(grown, axis=0), color=BLUE, lw=1.4, label="median")
        after = np.array(sorted(facts.came.values()), dtype=np.float64)
        times, counts = np.append(after, facts.activation.horizon), np.append(np.arange(1, len(after) + 1), len(after))
        axis.step(
            np.append(0, times) / DAY, np.append(0, counts), where="post", color=VERMILLION, lw=1.6, label="observed"
        )
        axis.set_xlim(0, facts.activation.horizon / DAY)
        axis.set_ylim(bottom=0)
        axis.grid(axis="y")
        axis.set_xlabel("days after the question")
        axis.set_ylabel("new adopters among known sites")
        axis.set_title("Simulated growth, and what came")
        axis.legend(loc="upper left")
        return settled(figure)


def size_picture(facts: BridgeCaseFacts) -> Figure:
    """Simulated numbers of new adopters, on a log scale, the observed one marked."""
    size, observed = facts.simulated, len(facts.came)
    edges = np.geomspace(1, max(int(size.max()), observed, 2) + 2, 25)
    with plot_style():
        figure = new_figure(6.0, 3.0)
        axis = figure.subplots()
        axis.hist(
            1 + size, edges.tolist(), weights=np.full(len(size), 1 / len(size)), color=SKY, edgecolor="white", lw=0.6
        )
        middle = float(np.median(size))
        axis.axvline(1 + middle, color=INK, lw=1.0, linestyle=(0, (4, 2)), label=f"median: {middle:.0f}")
        axis.axvline(1 + observed, color=VERMILLION, lw=1.8, label=f"observed: {observed}")
        axis.legend(loc="upper left")
        axis.set_xscale("log")
        plain_log(axis.xaxis, *axis.get_xlim())
        axis.set_xlabel("1 + new adopters within the horizon")
        axis.set_ylabel("share of runs")
        axis.set_title(f"How many take it up, {len(size):,} runs")
        return settled(figure)


def reached_picture(facts: BridgeCaseFacts) -> Figure:
    """The sites reached most often, told apart by whether they came."""
    top = facts.reached[:SHOWN]
    with plot_style():
        figure = new_figure(6.0, 0.23 * len(top) + 1.1)
        axis = figure.subplots()
        for place, (who, share) in enumerate(top):
            said, colour = ("came", BLUE) if who in facts.came else ("did not", GREY)
            axis.barh(place, share, height=0.72, color=colour, alpha=1.0 if who in facts.came else 0.45)
            label = axis.annotate(said, (share, place), (4, 0), textcoords="offset points", va="center", fontsize=8)
            label.set_color(colour)
        axis.set_yticks(range(len(top)), [f"site {who}" for who, _ in top])
        axis.set_ylim(len(top) - 0.4, -0.6)
        axis.set_xlim(0, 1.15 * top[0][1])
        axis.spines["left"].set_visible(False)
        axis.set_xlabel("share of runs that reach it")
        axis.set_title("Who is reached")
        settled(figure)
        axis.tick_params(axis="y", length=0)
        return figure


def choice_picture(found: PostChoice, title: str) -> Figure:
    """Means without and after either choice."""
    with plot_style():
        figure = new_figure(6.0, 1.9)
        axis = figure.subplots()
        found.plot(axis)
        axis.grid(axis="x")
        axis.set_title(title)
        return settled(figure)


def fit_picture(fit: FitFacts) -> Figure:
    """Where observed sizes stand among the simulated ones: level if the law is right."""
    with plot_style():
        figure = new_figure(6.0, 2.6)
        axis = figure.subplots()
        expected = len(fit.pit) / BINS
        axis.hist(fit.pit, np.linspace(0, 1, BINS + 1).tolist(), color=SKY, edgecolor="white", lw=0.6)
        half = 1.96 * np.sqrt(expected * (1 - 1 / BINS))
        axis.axhspan(max(expected - half, 0), expected + half, color=GREY, alpha=0.2, lw=0)
        axis.axhline(expected, color=INK, lw=1.0, linestyle=(0, (4, 2)))
        axis.set_xlim(0, 1)
        axis.set_ylim(bottom=0)
        axis.set_xlabel("place of the observed size among the simulated ones")
        axis.set_ylabel("phrases")
        axis.set_title(f"Goodness of fit over {len(fit.pit):,} held-out phrases")
        return settled(figure)

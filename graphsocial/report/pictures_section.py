"""Every plot of the page, made once, by the name of its section."""

from __future__ import annotations

from graphsocial.report.data_section import cuts
from graphsocial.report.drawing import Plot
from graphsocial.report.plots.attention import attention_plot
from graphsocial.report.plots.cascade import cascade_plot
from graphsocial.report.plots.differences import differences_plot
from graphsocial.report.plots.ego import ego_plot
from graphsocial.report.plots.losses import losses_plot
from graphsocial.report.plots.trend import trend_plot
from graphsocial.report.plots.volume import volume_plot
from graphsocial.report.run_folder import RunFolder


def pictures(run: RunFolder) -> dict[str, Plot | None]:
    """Plots by name; None where the run holds nothing to draw."""
    files = run.files
    return {
        "volume": volume_plot(run.graph, cuts(recorded_split(run))),
        "differences": differences_plot(run.metrics["tasks"]),
        "losses": losses_plot(files["history.json"]) if "history.json" in files else None,
        "attention": attention_plot(files["attention.json"]["layers"]) if "attention.json" in files else None,
        "trend": trend_plot(files["trend.json"]) if "trend.json" in files else None,
        "cascade": cascade_plot(run.graph),
        "ego": ego_plot(run.graph),
    }


def recorded_split(run: RunFolder) -> object:
    """The split as `metrics.json` has it, else as `provenance.json` has it."""
    return run.metrics.get("split") or run.files.get("provenance.json", {}).get("split") or {}

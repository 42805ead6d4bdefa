"""How each cost of the graph grows from 0.5 to 50 million edges, within 8 GB."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from benchmarks.graph_peers.ask import write_world
from benchmarks.graph_peers.questions import CASES
from benchmarks.graph_world import SCALES, GraphWorld, Scale
from benchmarks.result_lines import ResultLines

SIZES = {
    0.5e6: Scale(20_000, 50_000, 250_000, 125_000, 125_000),
    5e6: Scale(200_000, 500_000, 2_500_000, 1_250_000, 1_250_000),
    50e6: SCALES["large"],
}
"""Follows and timed interactions, and the network with so many of them; authorship of the posts is extra."""

MEMORY = 8 * 2**30
"""Bytes that the process may ask for; one more and it ends."""


def measure_growth(lines: ResultLines, out: Path) -> None:
    """Builds, indexes and queries networks of three sizes, writes the lines and a plot beside them.

    Raises:
        ClickException: A size could not be measured within the memory.
    """
    found: dict[float, dict[str, float]] = {}
    for edges, scale in SIZES.items():
        click.echo(f"drawing {scale}", err=True)
        with tempfile.TemporaryDirectory() as folder:
            write_world(GraphWorld.generate(scale), Path(folder))
            found[edges] = _measured(Path(folder))
        for name, value in found[edges].items():
            metric, unit = ("peak_mb", "MB") if name == "peak memory" else ("cpu_seconds", "s")
            lines.write(name, f"{metric}/edges={edges:.1e}", value, unit=unit, config={"edges": edges, **vars(scale)})
            click.echo(f"{edges / 1e6:5.1f} M edges  {name:18} {value:.4g} {unit}")
    plot = out.with_name(f"{out.stem}_growth.svg")
    _plot(found, plot)
    click.echo(f"\nresults in {out} and {plot}")


def _measured(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.graph_peers.ask", str(folder), "ours", *CASES]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, preexec_fn=_limit_memory)
    told: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    found = {"build": told[0]["build"]} | {
        n: value for n, (value, _) in told[0]["measured"].items() if "bytes" not in n
    }
    for line in told[1:]:
        if line["outcome"] not in ("begun", "right"):
            raise click.ClickException(f"graphsocial in {line['case']}: {line['outcome']}")
        if line["outcome"] == "right":
            found[line["case"]] = line["cpu"]
            found["peak memory"] = line["peak_mb"]
    if done.returncode or "peak memory" not in found:
        raise click.ClickException(f"graphsocial ended with exit status {done.returncode}")
    return found


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def _plot(found: dict[float, dict[str, float]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    sizes = sorted(found)
    names = [name for name in found[sizes[0]] if name != "peak memory"]
    for place, name in enumerate(names):
        line = "-" if place < 10 else "--"  # there are ten colours
        axes.loglog(sizes, [found[size][name] for size in sizes], marker="o", linestyle=line, label=name)
    first = min(found[sizes[0]][name] for name in names)
    axes.loglog(sizes, [first * size / sizes[0] for size in sizes], "k:", label="in proportion to the edges")
    peak = ", ".join(f"{found[size]['peak memory'] / 1024:.1f}" for size in sizes)
    axes.set(xlabel="edges", ylabel="CPU seconds", title=f"Cost of the graph as it grows; peak memory {peak} GB")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    figure.savefig(path)

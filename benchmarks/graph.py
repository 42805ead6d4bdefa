"""Queries of the graph beside the libraries people would use instead, on one generated network."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from benchmarks.command_options import out_option
from benchmarks.graph_growth import measure_growth
from benchmarks.graph_peers.ask import write_world
from benchmarks.graph_peers.questions import CASES
from benchmarks.graph_world import SCALES, GraphWorld
from benchmarks.result_lines import ResultLines

OURS = "ours"
PEERS = ("networkx", "igraph", "networkit", "rustworkx", "duckdb", "ladybug")
SEED = 0


@dataclass
class Told:
    """What one library said about itself and its answers.

    Attributes:
        about: Name, version, seconds and memory of loading; or that it is missing.
        cases: Outcome and seconds by case.
    """

    about: dict[str, Any] = field(default_factory=dict)
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)


@click.command("graph")
@click.option("--scale", type=click.Choice(["small", "medium", "large"]), default="medium", show_default=True)
@click.option("--case", "cases", multiple=True, type=click.Choice(CASES), help="Again for more than one [default: all]")
@click.option("--peer", "peers", multiple=True, type=click.Choice(PEERS), help="Again for more than one [default: all]")
@click.option("--limit", default=300, show_default=True, help="Seconds after which a library is stopped in a case.")
@click.option("--quick", is_flag=True, help="Within a minute, on a small network.")
@out_option("graph_SCALE.jsonl")
def graph(
    scale: str, cases: tuple[str, ...], peers: tuple[str, ...], limit: int, quick: bool, out: Path | None
) -> None:
    """Graph queries beside networkx, igraph, networkit, rustworkx, DuckDB and LadybugDB; answers are checked first.

    At the scale `large`, graphsocial alone is measured at 0.5, 5 and 50 million edges, for the growth of each cost.
    """
    size = "quick" if quick else scale
    out = out or Path(f"benchmarks/results/graph_{size}.jsonl")
    config = {"scale": size, "seed": SEED, **vars(SCALES[size]), "quick": quick}
    lines = ResultLines(out, "graph", f"generated_{size}", sha256(json.dumps(config).encode()).hexdigest(), "as_of")
    if size == "large":
        measure_growth(lines, out)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        click.echo(f"drawing {SCALES[size]}", err=True)
        write_world(GraphWorld.generate(SCALES[size], SEED), folder)
        ours = tell(folder, OURS, cases or CASES, limit)
        if "name" not in ours.about:
            raise click.ClickException(f"graphsocial did not load: {ours.about}")
        write_ours(lines, ours, config)
        for peer in peers or PEERS:
            theirs = tell(folder, f"{peer}_peer", cases or CASES, min(limit, 8) if quick else limit)
            write_peer(lines, peer, ours, theirs, config)
    click.echo(f"\nresults in {out}")


def tell(folder: Path, module: str, cases: Sequence[str], limit: float) -> Told:
    """Asks a library; one that takes too long in a case is stopped and started again for the others."""
    told, left = Told(), list(cases)
    while left or not told.about:
        asked = None
        for line in _lines(folder, module, left, limit):
            if "case" not in line:
                told.about = line
                continue
            asked = line["case"]
            if line["outcome"] == "begun":
                continue
            told.cases[asked] = line
            left.remove(asked)
            asked = None
            click.echo(f"{module}: {line}", err=True)
        if asked:  # stopped, or died
            told.cases[asked] = {"case": asked, "outcome": f"not finished within {limit:.0f} s, or ended the process"}
            left.remove(asked)
            click.echo(f"{module}: {told.cases[asked]}", err=True)
        elif left:
            told.about = told.about or {"missing": f"did not load within {limit:.0f} s, or ended the process"}
            break
    return told


def _lines(folder: Path, module: str, cases: Sequence[str], limit: float) -> Iterator[dict[str, Any]]:
    """What the library's process prints; ends when it ends, or when nothing came for too long."""
    command = [sys.executable, "-m", "benchmarks.graph_peers.ask", str(folder), module, *cases]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    heard: queue.Queue[str | None] = queue.Queue()

    def listen(stream: Any) -> None:
        for text in stream:
            heard.put(text)
        heard.put(None)

    threading.Thread(target=listen, args=(process.stdout,), daemon=True).start()
    patience = max(60, 2 * limit)  # loading is no case
    try:
        while True:
            text = heard.get(timeout=patience)
            if text is None:
                return
            if text.startswith("{"):  # libraries print, too
                yield json.loads(text)
                patience = limit
    except queue.Empty:
        return
    finally:
        process.kill()
        process.wait()


def write_ours(lines: ResultLines, ours: Told, config: dict[str, Any]) -> None:
    """Our own seconds and memory."""
    about = ours.about
    lines.write("build", "cpu_seconds", about["build"], unit="s", config=config)
    for name, (value, unit) in about.get("measured", {}).items():
        lines.write(name, unit, value, unit=unit, config=config)
    for case, told in ours.cases.items():
        if told["outcome"] != "right":
            raise click.ClickException(f"graphsocial in {case}: {told['outcome']}")
        lines.write(case, "cpu_seconds", told["cpu"], unit="s", seconds=told["wall"], config={**config, **_runs(told)})


def write_peer(lines: ResultLines, peer: str, ours: Told, theirs: Told, config: dict[str, Any]) -> None:
    """One line per case; the value is ours, the ratio how many times as long the peer takes."""
    if "missing" in theirs.about:
        click.echo(f"{peer}: cannot be asked here: {theirs.about['missing']}")
        return
    stated = {**config, "peer_version": theirs.about["version"]}
    build = theirs.about["build"]
    lines.write(
        "build", "cpu_seconds", ours.about["build"], unit="s", peer=peer, ratio=build / ours.about["build"],
        config=stated, extra={"peer_value": build, "peer_mb": theirs.about["build_mb"], "outcome": "loaded"},
    )  # fmt: skip
    for case, told in theirs.cases.items():
        if case not in ours.cases or told["outcome"] == "not offered":
            continue
        cpu, mine = told.get("cpu"), ours.cases[case]["cpu"]
        is_right = told["outcome"] == "right"
        lines.write(
            case, "cpu_seconds", mine, unit="s", peer=peer, ratio=cpu / mine if is_right and cpu else None,
            seconds=told.get("wall"), config={**stated, **_runs(told)},
            extra={"peer_value": cpu, "outcome": told["outcome"]},
        )  # fmt: skip
        shown = f"{cpu / mine:.3g} times as long" if is_right and cpu else told["outcome"]
        click.echo(f"{case:18} {peer:10} {shown}")


def _runs(told: dict[str, Any]) -> dict[str, Any]:
    return {key: told[key] for key in ("cpu_runs", "cpu_first", "items", "of_items") if key in told}

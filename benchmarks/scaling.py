"""What 10^8 to 10^10 events would take: costs measured at smaller sizes, a law fitted to each, and its prediction."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.scaling_law import Law, fit_law

RESULTS = Path("benchmarks/results")
SIZES = (1e8, 1e9, 1e10)
MACHINE_GB, CORES = 256, 32
"""The machine that predictions are made for; every figure scales with both."""
POSTS_PER_EVENT, DISTINCT = 0.1, 0.8
"""Of ten events one writes a post, as in the measured networks; so many texts are not copies of another."""
EPOCHS = 5
EXAMPLES_PER_EVENT = 0.1


@dataclass(frozen=True)
class Term:
    """One cost of a whole run.

    Attributes:
        name: What it is.
        hours: Hours on one core, or one card, per size.
        workers: How many cores or cards share it on one machine.
        source: Which measured lines it rests on.
    """

    name: str
    hours: Mapping[float, float]
    workers: int
    source: str


@click.command("scaling")
@click.option("--out", type=click.Path(path_type=Path), default=Path("benchmarks/SCALING.md"), show_default=True)
def scaling(out: Path) -> None:
    """Writes SCALING.md from the lines of `graph --scale large`, `ingest`, `demo_speed` and `gpu`; measures nothing."""
    growth = _growth(_lines("graph_large.jsonl"))
    ingest = {line["metric"]: line["value"] for line in _lines("ingest.jsonl") if line["case"] == "jsonl"}
    demo = {(line["case"], line["metric"]): line["value"] for line in _lines("demo_speed.jsonl")}
    card = {(line["case"], line["metric"]): line for line in _lines("gpu.jsonl")}
    laws = {name: fit_law(sorted(points.items())) for name, points in growth.items()}
    memory = laws.pop("peak memory")
    terms = _terms(laws, ingest, demo, card)
    out.write_text(_page(growth, laws, memory, terms), encoding="utf-8")
    click.echo(f"page in {out}")


def _lines(name: str) -> list[dict[str, Any]]:
    path = RESULTS / name
    if not path.is_file():
        raise click.ClickException(f"{path} is not there; run the benchmark that writes it first")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _growth(lines: Sequence[Mapping[str, Any]]) -> dict[str, dict[float, float]]:
    """Value per number of edges, by what was measured."""
    found: dict[str, dict[float, float]] = {}
    for line in lines:
        _, _, edges = line["metric"].partition("/edges=")
        if edges:
            found.setdefault(line["case"], {})[float(edges)] = line["value"]
    return found


def _terms(
    laws: Mapping[str, Law],
    ingest: Mapping[str, float],
    demo: Mapping[tuple[str, str], float],
    card: Mapping[tuple[str, str], Mapping[str, Any]],
) -> list[Term]:
    def per(rate: float, share: float) -> dict[float, float]:
        return {size: size * share / rate / 3600 for size in SIZES}

    texts = card["encoders/minilm/bfloat16", "texts_per_second"]
    written = POSTS_PER_EVENT * DISTINCT
    records, embedded, trained = (
        ingest["records_per_cpu_second"],
        demo["embedding", "rate"],
        demo["training", "rate"],
    )
    return [
        Term(
            "read JSONL exports into the store", per(records, 1.0), CORES, f"ingest: {records:,.0f} records per CPU s"
        ),
        Term("build the index", {s: laws["build"].at(s) / 3600 for s in SIZES}, 1, "graph: build, one core"),
        Term("embed posts, CPU", per(embedded / 2, written), CORES, f"demo: {embedded:,.0f} posts per s on two cores"),
        Term(
            f"embed texts, one {texts['config']['card']}",
            per(texts["value"], written),
            1,
            f"gpu: {texts['value']:,.0f} texts per s",
        ),
        Term(
            f"train {EPOCHS} epochs, CPU",
            per(trained / 2, EXAMPLES_PER_EVENT * EPOCHS),
            CORES,
            f"demo: {trained:,.0f} examples per s on two cores",
        ),
        Term("PageRank once", {s: laws["pagerank"].at(s) / 3600 for s in SIZES}, 1, "graph: pagerank"),
        Term(
            "all cascade trees", {s: 2 * laws["cascade_trees"].at(s) / 3600 for s in SIZES}, 1, "graph: cascade_trees"
        ),
    ]


def _page(
    growth: Mapping[str, Mapping[float, float]], laws: Mapping[str, Law], memory: Law, terms: Sequence[Term]
) -> str:
    sizes = sorted(growth["build"])
    head = "| cost | " + " | ".join(f"{s / 1e6:g} M edges" for s in sizes) + " | law | worst error | at 10⁹ |"
    rows = [head, "|---|" + "---|" * (len(sizes) + 3)]
    for name, law in laws.items():
        if max(growth[name].values()) < 0.01:
            continue
        measured = " | ".join(f"{growth[name][s]:.3g} s" for s in sizes)
        rows.append(f"| {name} | {measured} | {law} s | {law.worst_error:.0%} | {_duration(law.at(1e9))} |")
    measured = " | ".join(f"{growth['peak memory'][s]:,.0f} MB" for s in sizes)
    rows.append(
        f"| peak memory | {measured} | {memory} MB | {memory.worst_error:.0%} | {memory.at(1e9) / 1e3:,.0f} GB |"
    )

    parts = ["| events | " + " | ".join(f"10{_power(s)}" for s in SIZES) + " | rests on |", "|---|" + "---|" * 4]
    for term in terms:
        cells = " | ".join(_duration(3600 * term.hours[s] / term.workers) for s in SIZES)
        parts.append(f"| {term.name} | {cells} | {term.source} |")
    machines = {s: max(1, math.ceil(memory.at(s) / 1e3 / MACHINE_GB)) for s in SIZES}
    parts.append(
        "| memory of the graph | "
        + " | ".join(f"{memory.at(s) / 1e3:,.0f} GB" for s in SIZES)
        + " | graph: peak memory |"
    )
    parts.append(
        f"| **machines of {MACHINE_GB} GB** | " + " | ".join(f"**{machines[s]}**" for s in SIZES) + " | memory |"
    )
    total, worst = [], []
    for size in SIZES:
        chosen = [t for t in terms if t.name != "embed posts, CPU"]
        shared = {t.name: t.hours[size] / t.workers / (machines[size] if t.workers > 1 else 1) for t in chosen}
        total.append(f"**{_duration(3600 * sum(shared.values()))}**")
        worst.append(max(shared, key=lambda name: shared[name]))
    parts.append(
        "| **hours, with one card for texts** | " + " | ".join(total) + " | the sum; cores share what they can |"
    )
    parts.append("| **largest term** | " + " | ".join(worst) + " | |")
    return _TEXT.format(
        measured="\n".join(rows),
        predicted="\n".join(parts),
        machine=MACHINE_GB,
        cores=CORES,
        epochs=EPOCHS,
        written=POSTS_PER_EVENT,
        distinct=DISTINCT,
        examples=EXAMPLES_PER_EVENT,
    )


def _duration(seconds: float) -> str:
    for unit, length in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.2g} s"


def _power(size: float) -> str:
    return str(round(math.log10(size))).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


_TEXT = """# What more events would take

Written by `python -m benchmarks scaling` from measured lines under `benchmarks/results/`; nothing beyond 50 million
edges was run. Predictions are extrapolations: trust their order, not their digits.

## Measured

CPU seconds on one core (`python -m benchmarks graph --scale large`), networks of one shape at three sizes. A law
`a + b·E^c`, E in millions of edges and c at least 1, is fitted to each. Three sizes fit three numbers easily: the error
shown says how well the law fits, not how well it foretells. A c well above 1 is mostly the step from working sets that
caches hold to ones that they do not; that step is taken once, so far beyond it the law says too much.

{measured}

## Predicted

For machines of {cores} cores and {machine} GB. One record to read per event; {written:.0%} of the events write a
post and {distinct:.0%} of the texts are no copies; {examples:g} training examples per event, {epochs} epochs. Terms
that many cores share are divided by all of them, as if they shared it perfectly.

{predicted}

- **At 10⁸** one machine does everything within the hour. **At 10⁹** the graph still fits into one large machine, and
  what takes longest is work that is divided without a word between its parts: more processes
  (`accelerate launch -m graphsocial train`), cards for the texts, `graphsocial spark ingest` for the exports.
- **At 10¹⁰** the index does not fit into one machine, and building it on one core becomes the largest term: it has to
  be built in stretches of time, one per machine. What is asked of the whole graph (PageRank, components, trees) goes
  through Spark, at the factor that README names; training in order of time lets each rank map the stretch that it
  samples from.
- **Not in these figures:** the network between machines, disks slower than memory (a sampled example reads about a
  hundred rows), and the second copy while segments are merged.
"""

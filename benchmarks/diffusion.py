"""The diffusion engine beside its peers: CPU seconds of the same simulation in the same run, and whether they agree."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np

from benchmarks.command_options import out_option
from benchmarks.diffusion_fits import FITS, measure_fits
from benchmarks.diffusion_graphs import LARGE, SMALL, BenchmarkGraph, benchmark_graph
from benchmarks.diffusion_limits import measure_limit
from benchmarks.diffusion_peers import (
    cynetdiff_cascade,
    cynetdiff_threshold,
    eon_sir,
    ndlib_cascade,
    pynetim_cascade,
    pynetim_imm,
    pynetim_opimc,
    pynetim_threshold,
)
from benchmarks.diffusion_threads import measure_threads
from benchmarks.result_lines import ResultLines
from graphsocial.diffusion import (
    SIR,
    Activation,
    IndependentCascade,
    Influence,
    LinearThreshold,
    OpimC,
    celf,
    select_seeds,
    spread_summary,
)

SEED = 7
INFECTION, RECOVERY = 0.05, 1.0
"""Rates of the SIR model, per unit of time."""
K = 50
EPSILONS = (0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.18, 0.16, 0.14, 0.12, 0.1)
"""Tried one after the other until the seeds reach as much as those of PyNetIM's OPIM-C or IMM."""
PEER_NODES = 100_000
"""Largest graph that peers written in Python are asked about."""
Rivals = dict[str, tuple[float, float, float]]
"""CPU seconds, spread and epsilon of each peer's seeds."""


@dataclass(frozen=True)
class Timing:
    """What one of two measured beside each other took, and what it found.

    Attributes:
        seconds: CPU seconds per run, the median of several turns.
        mean: Mean number of members.
        runs: Runs in all.
    """

    seconds: float
    mean: float
    runs: int


@click.command("diffusion")
@click.option(
    "--graph",
    "graphs",
    multiple=True,
    help="Or corpus to fit; again for more than one [default: all; small graphs if --quick].",
)
@click.option(
    "--case",
    "cases",
    multiple=True,
    help="Only these, such as independent_cascade_wc or selection, beside lines that are there; again for more.",
)
@click.option("--turns", default=5, show_default=True, help="Turns that medians are taken of.")
@click.option("--threads/--no-threads", default=True, help="Two threads, too, which takes two idle cores.")
@click.option("--quick", is_flag=True, help="Within a minute: small graphs, short turns.")
@out_option("diffusion.jsonl")
def diffusion(
    graphs: tuple[str, ...], cases: tuple[str, ...], turns: int, threads: bool, quick: bool, out: Path | None
) -> None:
    """Simulation and seed selection beside CyNetDiff, PyNetIM, EoN and NDlib, in turn, per CPU second of one thread."""
    out = out or Path(f"benchmarks/results/diffusion{'_quick' if quick else ''}.jsonl")
    names = graphs or (SMALL[:3] if quick else SMALL + LARGE + (() if cases else FITS))
    digest = hashlib.sha256(repr((names, SEED)).encode()).hexdigest()
    lines = ResultLines(out, "diffusion", "graphs", digest, "monte_carlo", append=bool(cases))
    budget = 0.05 if quick else 0.5
    for name in names:
        if name in FITS:
            click.echo(f"{name}: fits")
            measure_fits(lines, name, quick)
            continue
        graph = benchmark_graph(name)
        if graph is None:
            continue
        click.echo(f"{name}: {graph.spread!r}")
        measure_graph(lines, graph, 3 if quick else turns, budget, quick, cases)
        if threads and not quick and _asked(cases, "independent_cascade_wc"):
            measure_threads(lines, graph, IndependentCascade(Activation.weighted_cascade(graph.spread)), SEED)
    click.echo(f"results in {out}")


def _asked(cases: tuple[str, ...], case: str) -> bool:
    return not cases or case in cases


def measure_graph(
    lines: ResultLines, graph: BenchmarkGraph, turns: int, budget: float, quick: bool, cases: tuple[str, ...] = ()
) -> None:
    """Everything that is measured on one graph, or the cases asked for."""
    weighted = Activation.weighted_cascade(graph.spread)
    rare = Activation.trivalency(graph.spread, SEED)
    small = graph.spread.num_nodes <= PEER_NODES
    chances: dict[str, tuple[Activation, np.ndarray | float]] = {
        "independent_cascade_wc": (weighted, weighted.probability.astype(np.float64)),
        "independent_cascade_p01": (Activation.uniform(graph.spread, 0.01), 0.01),
        "independent_cascade_trivalency": (rare, rare.probability.astype(np.float64)),
    }
    for case, (activation, chance) in chances.items():
        if not _asked(cases, case):
            continue
        model = IndependentCascade(activation)
        peers: dict[str, Callable[[], Any]] = {
            "cynetdiff": partial(cynetdiff_cascade, graph, chance),
            "pynetim": partial(pynetim_cascade, graph, chance),
        }
        if graph.name in SMALL and not case.endswith("trivalency") and (not quick or case.endswith("wc")):
            peers["ndlib"] = partial(ndlib_cascade, graph, chance)
        beside(lines, graph, case, model, peers, turns, budget)
        memory(lines, graph, case, model)
        measure_limit(lines, graph, case, model, SEED)
    if _asked(cases, "linear_threshold"):
        peers = {"cynetdiff": partial(cynetdiff_threshold, graph), "pynetim": partial(pynetim_threshold, graph)}
        threshold = LinearThreshold(Influence.even(graph.spread))
        beside(lines, graph, "linear_threshold", threshold, peers, turns, budget)
    if _asked(cases, "sir"):
        sir = SIR(graph.spread, INFECTION, RECOVERY, clock="continuous")
        peers = {"eon": partial(eon_sir, graph, INFECTION, RECOVERY)} if small else {}
        beside(lines, graph, "sir", sir, peers, turns, budget)
    if _asked(cases, "selection"):
        chance = chances["independent_cascade_wc"][1]
        selection(lines, graph, IndependentCascade(weighted), chance, turns, quick)


def beside(
    lines: ResultLines,
    graph: BenchmarkGraph,
    case: str,
    model: Any,
    peers: dict[str, Callable[[], Any]],
    turns: int,
    budget: float,
) -> None:
    """Ours and each peer in turn: a line of ours, and one for each peer with the ratio and how far means are apart."""
    times = np.linspace(0, 20, 201) if model.continuous else None

    def ours(runs: int, seed: int) -> float:
        found = spread_summary(model, graph.seeds, runs, rng=seed, times=times, threads=1)
        sizes.extend(found.size.tolist())
        return found.mean

    sizes: list[int] = []
    alone = in_turn({"graphsocial": ours}, turns, budget)["graphsocial"]
    spread, mean = float(np.std(sizes, ddof=1)), float(np.mean(sizes))
    half = 1.96 * spread / math.sqrt(len(sizes))
    config = {"nodes": graph.spread.num_nodes, "edges": graph.spread.num_edges, "seeds": len(graph.seeds)}
    common = {"unit": "s", "config": config, "seed": SEED}
    more = {"mean_spread": mean, "mean_spread_interval": [mean - half, mean + half], "runs": alone.runs, "threads": 1}
    lines.write(f"{graph.name}/{case}", "cpu_seconds", alone.seconds, extra=more, **common)
    for peer, prepare in peers.items():
        try:
            simulate = prepare()
        except ImportError as error:
            click.echo(f"  {case}: {peer} is left out, {error}")
            continue
        found = in_turn({"graphsocial": ours, peer: simulate}, turns, budget)
        mine, theirs = found["graphsocial"], found[peer]
        z = (theirs.mean - mean) / (spread * math.sqrt(1 / theirs.runs + 1 / len(sizes))) if spread else 0.0
        ratio = theirs.seconds / mine.seconds
        more = {"peer_value": theirs.seconds, "peer_mean_spread": theirs.mean, "peer_runs": theirs.runs, "z": z}
        lines.write(f"{graph.name}/{case}", "cpu_seconds", mine.seconds, peer=peer, ratio=ratio, extra=more, **common)
        click.echo(f"  {case}: {1e6 * mine.seconds:,.1f} µs, {peer} {ratio:,.1f}x, mean {mean:,.1f}, z {z:+.1f}")
    if not peers:
        click.echo(f"  {case}: {1e6 * alone.seconds:,.1f} µs, mean {mean:,.1f}")


def in_turn(simulators: dict[str, Callable[[int, int], float]], turns: int, budget: float) -> dict[str, Timing]:
    """Each simulator once to warm up and to see how many runs fill the budget, then all of them turn by turn."""
    runs = {}
    for name, simulate in simulators.items():
        simulate(1, SEED)
        begin = time.process_time()
        simulate(2, SEED)
        took = (time.process_time() - begin) / 2
        if took < budget / 20:
            begin, tried = time.process_time(), max(2, int(budget / 10 / max(took, 1e-6)))
            simulate(tried, SEED)
            took = (time.process_time() - begin) / tried
        runs[name] = max(1, int(budget / max(took, 1e-9)))
    seconds: dict[str, list[float]] = {name: [] for name in simulators}
    means: dict[str, list[float]] = {name: [] for name in simulators}
    for turn in range(turns):
        for name, simulate in simulators.items():
            begin = time.process_time()
            means[name].append(simulate(runs[name], SEED + 1 + turn * 1000))
            seconds[name].append((time.process_time() - begin) / runs[name])
    return {n: Timing(median(seconds[n]), float(np.mean(means[n])), runs[n] * turns) for n in simulators}


def memory(lines: ResultLines, graph: BenchmarkGraph, case: str, model: IndependentCascade) -> None:
    """Bytes per edge of all that is kept for a simulation, per node or per edge, beside the members it writes."""
    spread = graph.spread
    arrays = [spread.indptr, spread.target, model.activation.probability]
    arrays += [] if model.uniform is not None or not model.skips else list(model.rows)
    size = sum(a.nbytes for a in arrays) / spread.num_edges
    lines.write(f"{graph.name}/{case}", "memory/bytes_per_edge", size, unit="B", config={"edges": spread.num_edges})


def selection(
    lines: ResultLines, graph: BenchmarkGraph, model: IndependentCascade, chance: Any, turns: int, quick: bool
) -> None:
    """Seed selection: CPU seconds, factor proven, and spread under one simulator that none of them drew from."""
    runs = 2_000 if quick else 20_000 if graph.spread.num_nodes < PEER_NODES else 200

    def judged(seeds: Any) -> tuple[float, float]:
        found = spread_summary(model, seeds, runs, rng=SEED + 99)
        return found.mean, found.mean - found.interval[0]

    def report(case: str, method: OpimC, mine: float, seeds: Any, found: tuple[float, float], theirs: Rivals) -> None:
        reached, half = found
        config = {"k": K, "epsilon": method.epsilon, "shortfall": method.shortfall, "runs": runs}
        common = {"unit": "s", "seed": SEED}
        more = {"factor": seeds.factor, "sets": seeds.sets, "mean_spread": reached, "half_interval": half}
        lines.write(f"{graph.name}/{case}", "cpu_seconds", mine, config=config, extra=more, **common)
        proven = f"epsilon {method.epsilon:g}, factor {seeds.factor:.3f}"
        click.echo(f"  {case}: {1e3 * mine:,.1f} ms, {proven}, spread {reached:,.1f} ± {half:.1f}")
        for peer, (took, spread, theirs_epsilon) in theirs.items():
            more = {"peer_value": took, "peer_mean_spread": spread, "mean_spread": reached, "half_interval": half}
            told, ratio = {**config, "peer_epsilon": theirs_epsilon}, took / mine
            case_of = f"{graph.name}/{case}"
            lines.write(case_of, "cpu_seconds", mine, peer=peer, ratio=ratio, config=told, extra=more, **common)
            click.echo(f"    {peer} {ratio:,.1f}x, its spread {spread:,.1f}")

    def timed(select: Callable[[int], Any]) -> tuple[float, Any]:
        select(0)
        seconds = []
        for turn in range(turns):
            begin = time.process_time()
            found = select(turn)
            seconds.append(time.process_time() - begin)
        return median(seconds), found

    epsilon = 0.1
    others: dict[str, tuple[Callable[[], Any], float]] = {}
    if graph.spread.num_nodes < PEER_NODES:  # IMM takes minutes beyond
        others = {
            "pynetim": (partial(pynetim_opimc, graph, chance), epsilon),
            "pynetim_imm": (partial(pynetim_imm, graph, chance), 0.5),
        }
    theirs: Rivals = {}
    for peer, (prepare, theirs_epsilon) in others.items():
        try:
            select = prepare()
        except ImportError as error:
            click.echo(f"  opimc: {peer} is left out, {error}")
            continue
        took, seeds = timed(lambda seed, select=select, e=theirs_epsilon: select(K, e, seed))  # type: ignore[misc]
        theirs[peer] = took, judged(seeds)[0], theirs_epsilon
    if graph.name in SMALL and not quick:
        begin = time.process_time()
        seeds = celf(model, K, rng=SEED)
        theirs["celf"] = time.process_time() - begin, judged(seeds)[0], 0.0
    # stopping as published, and when the seeds do nearly as well on new sets as on their own
    for suffix, shortfall in (("", 1.0), ("_shortfall_05", 0.05), ("_shortfall_01", 0.01)):
        method = OpimC(epsilon, shortfall=shortfall)
        mine, seeds = timed(lambda seed, method=method: select_seeds(model, K, rng=seed, method=method, threads=1))  # type: ignore[misc]
        report(f"opimc{suffix}", method, mine, seeds, judged(seeds), theirs)
    for peer, case in (("pynetim", "opimc_equal_spread"), ("pynetim_imm", "opimc_spread_of_imm")):
        if peer not in theirs:
            continue
        for method in (OpimC(wider, shortfall=1.0) for wider in EPSILONS):
            mine, seeds = timed(lambda seed, method=method: select_seeds(model, K, rng=seed, method=method, threads=1))  # type: ignore[misc]
            found = judged(seeds)
            if sum(found) >= theirs[peer][1]:
                report(case, method, mine, seeds, found, {peer: theirs[peer]})
                break
        else:
            click.echo(f"  {case}: never as much as {peer}'s")

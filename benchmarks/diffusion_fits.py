"""What fits say of real cascades: how well activation probabilities foretell later ones, and branching ratios."""

from __future__ import annotations

import time
from pathlib import Path

import click
import numpy as np

from benchmarks.cascade_data import corpus_folder
from benchmarks.ced_weibo import read_ced_weibo
from benchmarks.result_lines import ResultLines
from graphsocial.diffusion import (
    Activation,
    EventTimes,
    ExpectationMaximisation,
    ExponentialKernel,
    PartialCredit,
    PowerLawKernel,
    SpreadGraph,
    activation_likelihood,
    fit_activation,
    fit_hawkes,
)
from graphsocial.diffusion.inference.activation_estimate import ActivationMethod
from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel
from graphsocial.graph import CascadeSet

FITS = ("android", "ced_weibo")
TRAIN = 0.8
"""Share of the cascades, by their start, that activation is fitted on, as they were known when the rest began."""
DAY = 86_400
WINDOWS = {"week": 7 * DAY, "month": 30 * DAY, "quarter": 91 * DAY}
"""How long an exposure counts; the later cascades begin after half a year, when all longer ones are still open."""
METHODS: dict[str, ActivationMethod] = {
    "em": ExpectationMaximisation(),
    "partial_credit": PartialCredit(),
    "whole_credit": PartialCredit(shared=False),
}
AGES = {"hour": 3_600, "day": DAY}
"""How much of each cascade a Hawkes process is fitted to."""
POWER_LAW_CASCADES = 200
"""The first ones: the work of a power law is quadratic in the events of a cascade."""


def measure_fits(lines: ResultLines, name: str, quick: bool) -> None:
    """All fits on one corpus, or a line that says that it is not there."""
    folder = corpus_folder(name)
    if folder is None:
        return
    if name == "android":
        measure_activation(lines, folder, quick)
    else:
        measure_branching(lines, folder, quick)


def measure_activation(lines: ResultLines, folder: Path, quick: bool) -> None:
    """Log-likelihood of later cascades, per activation that somebody exposed, for each method and window."""
    spread, cascades = read_android(folder)
    start = cascades.time[cascades.offsets[:-1]]
    cut = int(np.quantile(start, TRAIN))
    known, later = known_before(cascades, cut), begun_since(cascades, cut)
    fit_activation(known, spread, window=DAY, observed_until=cut)  # compiles
    for window_name, window in list(WINDOWS.items())[: 1 if quick else None]:
        for label, method in METHODS.items():
            begin = time.process_time()
            fit = fit_activation(known, spread, method, window=window, observed_until=cut)
            more = {"fit_cpu_seconds": time.process_time() - begin, "trials": int(fit.trials.sum())}
            scores: dict[str, Activation] = {label: fit}
            if label == "em":
                scores["one_probability"] = Activation.uniform(spread, float(fit.successes.sum() / fit.trials.sum()))
            for name, activation in scores.items():
                found = activation_likelihood(activation, later, window=window)
                lines.write(
                    f"android/activation_{name}_{window_name}",
                    "fit/log_likelihood",
                    found.per_activation,
                    unit="nat",
                    protocol="later_cascades",
                    config={"train_cascades": len(known), "test_cascades": len(later), "window": window},
                    extra={**more, "activations": found.activations, "failures": found.failures},
                )
                per, count = found.per_activation, found.activations
                click.echo(f"  {name}, {window_name}: {per:.4f} nats per activation, {count:,} of them")


def measure_branching(lines: ResultLines, folder: Path, quick: bool) -> None:
    """Branching ratio and its interval, one process for all cascades, events of a first hour or day."""
    record = read_ced_weibo(folder).record
    sequence = np.repeat(np.arange(len(record.start)), np.diff(record.offsets))
    age = (record.time - record.start[sequence]).astype(np.float64)
    ages = [np.append(0.0, age[a:b]) for a, b in zip(record.offsets[:-1], record.offsets[1:], strict=True)]
    whole = record.until + 1.0 - record.start
    kernels: tuple[type[MemoryKernel], ...] = (ExponentialKernel, PowerLawKernel)
    for kernel in kernels:
        for age_name, seconds in list(AGES.items())[: 1 if quick or kernel is PowerLawKernel else None]:
            count = POWER_LAW_CASCADES if quick or kernel is PowerLawKernel else len(ages)
            events = EventTimes.of(ages[:count], whole[:count], root=True, resolution=1.0).cut(seconds)
            begin = time.process_time()
            fit = fit_hawkes(events, kernel, threads=1)
            took = time.process_time() - begin
            case = f"ced_weibo/hawkes_{'exponential' if kernel is ExponentialKernel else 'power_law'}_{age_name}"
            more = {
                "parameters": {p: fit.value(p) for p in ("branching", *fit.process.kernel.parameters)},
                "log_likelihood_per_event": fit.log_likelihood / fit.events,
                "at_bound": list(fit.at_bound),
                "converged": fit.converged,
                "fit_cpu_seconds": took,
            }
            config = {"cascades": count, "events": fit.events, "seconds": seconds}
            value, interval = fit.process.branching, fit.interval("branching")
            lines.write(
                case,
                "fit/branching",
                value,
                unit="1",
                protocol="all_cascades",
                interval=interval,
                config=config,
                extra=more,
            )
            click.echo(f"  {case}: branching {value:.4f} [{interval[0]:.4f}, {interval[1]:.4f}], {took:.2f} s")


def read_android(folder: Path) -> tuple[SpreadGraph, CascadeSet]:
    """Its graph, each tie in both directions, and its cascades: who came when, but not from whom."""
    ties = np.loadtxt(folder / "edges.tsv", dtype=np.int64)
    rows = [row.split("\t")[2].split() for row in (folder / "cascades.tsv").read_text().splitlines()[1:]]
    members = [_first_times(row) for row in rows]
    ordered = sorted((sorted(row.items(), key=lambda event: event[1]) for row in members), key=lambda row: row[0][1])
    size = [len(row) for row in ordered]
    user, when = (np.array([event[i] for row in ordered for event in row]) for i in (0, 1))
    both = np.unique(np.concatenate([ties, ties[:, ::-1]]), axis=0)
    nodes = int(max(both.max(), user.max())) + 1
    parent, alone = np.full(len(user), -1), np.zeros(len(size), dtype=bool)
    offsets, names = np.concatenate([[0], np.cumsum(size)]), np.arange(len(size)).astype(object)
    cascades = CascadeSet(user.astype(object), parent, when, offsets, names, alone)
    return SpreadGraph.from_edges(both[:, 0], both[:, 1], nodes), cascades


def _first_times(row: list[str]) -> dict[int, int]:
    """When each user came first; a row has them in no sure order."""
    found: dict[int, int] = {}
    for event in row:
        user, when = map(int, event.split(":"))
        found[user] = min(when, found.get(user, when))
    return found


def known_before(cascades: CascadeSet, cut: int) -> CascadeSet:
    """The cascades that had begun, with the members they had by then."""
    kept = cascades.time < cut
    run = np.repeat(np.arange(len(cascades)), cascades.size)
    size = np.bincount(run[kept], minlength=len(cascades))
    begun = size > 0
    return CascadeSet(
        cascades.node[kept],
        cascades.parent[kept],
        cascades.time[kept],
        np.concatenate([[0], np.cumsum(size[begun])]),
        cascades.names[begun],
        np.ones(int(begun.sum()), dtype=bool),
    )


def begun_since(cascades: CascadeSet, cut: int) -> CascadeSet:
    """The cascades, in order of their start, that had not begun."""
    first = int(np.searchsorted(cascades.time[cascades.offsets[:-1]], cut))
    at = int(cascades.offsets[first])
    return CascadeSet(
        cascades.node[at:],
        cascades.parent[at:],
        cascades.time[at:],
        cascades.offsets[first:] - at,
        cascades.names[first:],
        cascades.censored[first:],
    )

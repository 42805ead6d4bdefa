"""Exact distributions of spread on graphs of a few nodes, and whether simulated runs agree with them.

A history says of each node the step at which it became active, -1 for never, and for competing campaigns which campaign
it took. The rules are written down once more here, as plainly as they can be, with none of the library's code.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import product

import numpy as np
from scipy.stats import binom, chi2

from graphsocial.diffusion import SpreadGraph
from graphsocial.graph.cascades import CascadeSet

Edges = Sequence[tuple[int, int, float]]
"""Source, target, and a probability or weight."""

History = tuple[int, ...]
Distribution = dict[History, float]

SIGMA = 4.5
"""How far from its expectation a count may lie: by chance once in 150,000."""


def edges_of(spread: SpreadGraph, value: np.ndarray) -> list[tuple[int, int, float]]:
    return list(zip(spread.source.tolist(), spread.target.tolist(), np.asarray(value).tolist(), strict=True))


def small_graph(seed: int, nodes: int = 6, edges: int = 12) -> SpreadGraph:
    """A random graph without loops and parallel edges; cycles are likely."""
    pairs = [(u, v) for u in range(nodes) for v in range(nodes) if u != v]
    chosen = np.random.default_rng(seed).choice(len(pairs), edges, replace=False)
    source, target = zip(*(pairs[i] for i in chosen), strict=True)
    return SpreadGraph.from_edges(source, target, nodes)


# ---- what can happen, with which chance


def independent_cascade(nodes: int, edges: Edges, seeds: Sequence[int], horizon: int | None = None) -> Distribution:
    """An inactive node stays so in a step if every edge from those active since the last step fails."""

    def chances(history: History, step: int) -> dict[int, dict[int, float]]:
        stays: dict[int, float] = {v: 1.0 for v in range(nodes) if history[v] < 0}
        for u, v, p in edges:
            if history[u] == step and v in stays:
                stays[v] *= 1 - p
        return {v: {step + 1: 1 - q, -1: q} for v, q in stays.items()}

    return _unfold(_start(nodes, seeds), chances, horizon)


def linear_threshold(nodes: int, edges: Edges, seeds: Sequence[int], horizon: int | None = None) -> Distribution:
    """By thresholds: one that lies above all that weighed on the node so far is uniform on what is left."""

    def chances(history: History, step: int) -> dict[int, dict[int, float]]:
        found = {}
        for v in (v for v in range(nodes) if history[v] < 0):
            before = sum(w for u, t, w in edges if t == v and 0 <= history[u] < step)
            now = sum(w for u, t, w in edges if t == v and 0 <= history[u] <= step)
            p = min(1.0, (now - before) / (1 - before)) if before < 1 else 0.0
            found[v] = {step + 1: p, -1: 1 - p}
        return found

    return _unfold(_start(nodes, seeds), chances, horizon)


def live_edge_trees(nodes: int, edges: Edges, seeds: Sequence[int]) -> dict[tuple[History, History], float]:
    """By live edges: each node picks one edge at most; chance of each history and of everybody's parents, or -1."""
    found: dict[tuple[History, History], float] = defaultdict(float)
    choices = []
    for v in range(nodes):
        into = [(u, w) for u, t, w in edges if t == v and w > 0]
        choices.append([*into, (-1, max(0.0, 1 - sum(w for _, w in into)))])
    for picked in product(*choices):
        chance = float(np.prod([w for _, w in picked]))
        if chance < 1e-12:
            continue
        time, parent = [0 if v in seeds else -1 for v in range(nodes)], [-1] * nodes
        for step in range(nodes):
            for v, (u, _) in enumerate(picked):
                if time[v] < 0 and u >= 0 and time[u] == step:
                    time[v], parent[v] = step + 1, u
        found[tuple(time), tuple(parent)] += chance
    return dict(found)


def complex_contagion(
    nodes: int, edges: Edges, seeds: Sequence[int], needs: Sequence[Mapping[int, float]], adoption: float, horizon: int
) -> Distribution:
    """Of each node: how many active neighbours it needs, with which chance; exposed, it adopts with a chance."""
    found: Distribution = defaultdict(float)
    for need in product(*(one.items() for one in needs)):

        def chances(
            history: History, step: int, need: tuple[tuple[int, float], ...] = need
        ) -> dict[int, dict[int, float]]:
            active = [sum(t == v and 0 <= history[u] <= step for u, t, _ in edges) for v in range(nodes)]
            exposed = [v for v in range(nodes) if history[v] < 0 and active[v] >= need[v][0]]
            return {v: {step + 1: adoption, -1: 1 - adoption} for v in exposed}

        chance = float(np.prod([p for _, p in need]))
        for history, p in _unfold(_start(nodes, seeds), chances, horizon).items():
            found[history] += chance * p
    return dict(found)


def competitive_cascade(
    nodes: int, edges: Sequence[Edges], seeds: Sequence[Sequence[int]], tie: str, horizon: int | None = None
) -> Distribution:
    """Edges and seeds of each campaign; a history's entries are step * campaigns + campaign."""
    count = len(edges)
    begin = [-1] * nodes
    for campaign, members in enumerate(seeds):
        for v in members:
            begin[v] = campaign

    def chances(history: History, step: int) -> dict[int, dict[int, float]]:
        found = {}
        for v in (v for v in range(nodes) if history[v] < 0):
            tries = [
                (campaign, p)
                for campaign in range(count)
                for u, t, p in edges[campaign]
                if t == v and history[u] == step * count + campaign
            ]
            outcome: dict[int, float] = defaultdict(float)
            for fate in product((False, True), repeat=len(tries)):
                p = float(np.prod([q if hit else 1 - q for hit, (_, q) in zip(fate, tries, strict=True)]))
                hits = [campaign for hit, (campaign, _) in zip(fate, tries, strict=True) if hit]
                winners = hits if tie == "random" else hits and [min(hits)]
                for winner in winners:
                    outcome[(step + 1) * count + winner] += p / len(winners)
                if not winners:
                    outcome[-1] += p
            found[v] = dict(outcome)
        return found

    return _unfold(tuple(begin), chances, horizon)


def _start(nodes: int, seeds: Sequence[int]) -> History:
    return tuple(0 if v in seeds else -1 for v in range(nodes))


def _unfold(
    begin: History, chances: Callable[[History, int], dict[int, dict[int, float]]], horizon: int | None
) -> Distribution:
    """Nodes choose their entries independently of each other, step after step; without horizon until all is over."""
    reached: Distribution = {begin: 1.0}
    for step in range(len(begin) if horizon is None else horizon):
        nextly: Distribution = defaultdict(float)
        for history, chance in reached.items():
            outcomes = chances(history, step)
            for fate in product(*(o.items() for o in outcomes.values())):
                p = float(np.prod([q for _, q in fate]))
                if p > 0:
                    entries = dict(zip(outcomes, (entry for entry, _ in fate), strict=True))
                    nextly[tuple(entries.get(v, h) for v, h in enumerate(history))] += chance * p
        reached = nextly
    return dict(reached)


# ---- what did happen


def histories(cascades: CascadeSet, nodes: int) -> np.ndarray:
    """Step at which each node became active, -1 for never, int64 [run, node]; ids are the nodes' positions."""
    run = np.repeat(np.arange(len(cascades)), cascades.size)
    table = np.full((len(cascades), nodes), -1, dtype=np.int64)
    table[run, cascades.node.astype(np.int64)] = cascades.time
    return table


def parents(cascades: CascadeSet, nodes: int) -> np.ndarray:
    """Whom each node has it from, -1 for none, int64 [run, node]."""
    run = np.repeat(np.arange(len(cascades)), cascades.size)
    table = np.full((len(cascades), nodes), -1, dtype=np.int64)
    node = cascades.node.astype(np.int64)
    table[run, node] = np.where(cascades.parent < 0, -1, node[cascades.parent])
    return table


def cut_short(time: np.ndarray, edges: Edges, horizon: int) -> list[bool]:
    """Whether an edge of a chance above 0 leads from a member of the last step to somebody not reached, of each run."""
    return [any(p > 0 and row[u] == horizon and row[v] < 0 for u, v, p in edges) for row in time.tolist()]


def final_sets(exact: Mapping[History, float]) -> dict[tuple[bool, ...], float]:
    """Chance of each final active set."""
    found: dict[tuple[bool, ...], float] = defaultdict(float)
    for history, p in exact.items():
        found[tuple(entry >= 0 for entry in history)] += p
    return dict(found)


def assert_agrees(seen: np.ndarray, exact: Mapping[tuple, float]) -> None:
    """Every row [run, ...] can happen, each outcome as often as it should, and all together not too far off."""
    assert abs(sum(exact.values()) - 1) < 1e-6  # weights are float32
    runs = len(seen)
    counts = Counter(map(tuple, seen.tolist()))
    impossible = [outcome for outcome in counts if exact.get(outcome, 0.0) < 1e-12]
    assert not impossible, f"cannot happen: {impossible[:3]}"
    outcome = list(exact)
    n = np.array([counts[o] for o in outcome])
    p = np.array([min(1.0, exact[o]) for o in outcome])
    rare = 2 * np.minimum(binom.cdf(n, runs, p), binom.sf(n - 1, runs, p))
    far = int(rare.argmin())
    assert rare[far] > 6.8e-6, f"{outcome[far]} came {n[far]} times in {runs}, expected {p[far] * runs:.1f}"
    often = p * runs >= 5
    expected = np.append(p[often] * runs, max(p[~often].sum() * runs, 1e-9))
    observed = np.append(n[often], n[~often].sum())
    kept = expected >= 5
    if kept.sum() > 1:
        distance = float(((observed - expected)[kept] ** 2 / expected[kept]).sum())
        assert chi2.sf(distance, kept.sum() - 1) > 6.8e-6, f"chi-square {distance:.1f} of {kept.sum()} outcomes"


def assert_rate(hits: np.ndarray | int, runs: int, chance: np.ndarray | float) -> None:
    """Counts of runs with something lie within SIGMA of what the chance says."""
    hits, chance = np.asarray(hits, dtype=np.float64), np.asarray(chance, dtype=np.float64)
    z = (hits - runs * chance) / np.sqrt(np.maximum(runs * chance * (1 - chance), 1e-12))
    assert np.abs(z).max() < SIGMA, f"z = {z.flat[np.abs(z).argmax()]:.1f} at {np.abs(z).argmax()}"

"""Cascades of known origin, made without the library's simulator, and small graphs to make them on."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from graphsocial.diffusion import SpreadGraph
from graphsocial.graph.cascades import CascadeSet

Run = list[tuple[object, float]]
"""Members of one cascade, each with its time."""


def cascades_of(
    runs: Sequence[Run], censored: bool | list[bool] = False, known_until: int | None = None, steps: bool = False
) -> CascadeSet:
    """Runs as a `CascadeSet` without parents; with `steps`, each later member hangs under the one a step before."""
    node, parent, time, offsets = [], [], [], [0]
    for run in runs:
        ordered = sorted(run, key=lambda member: member[1])
        for i, (name, moment) in enumerate(ordered):
            up = [j for j in range(i) if ordered[j][1] == moment - 1] if steps else []
            parent.append(offsets[-1] + up[0] if up else -1)
            node.append(name)
            time.append(moment)
        offsets.append(len(node))
    names = [f"c{i}" for i in range(len(runs))]
    cut = censored if isinstance(censored, list) else [censored] * len(runs)
    return CascadeSet(node, parent, np.array(time), offsets, names, cut, known_until=known_until)


def random_graph(rng: np.random.Generator, nodes: int, edges: int) -> SpreadGraph:
    """Distinct edges between distinct nodes."""
    every = np.array([(a, b) for a in range(nodes) for b in range(nodes) if a != b])
    chosen = every[rng.choice(len(every), edges, replace=False)]
    return SpreadGraph.from_edges(chosen[:, 0], chosen[:, 1], nodes)


def independent_cascade(
    rng: np.random.Generator, spread: SpreadGraph, probability: np.ndarray, seeds: Sequence[int], last: float = np.inf
) -> Run:
    """One run in steps, as the definition reads."""
    when = {s: 0 for s in seeds}
    fresh, step = list(seeds), 0
    while fresh and step < last:
        step += 1
        hit = set()
        for u in fresh:
            for e in range(spread.indptr[u], spread.indptr[u + 1]):
                if spread.target[e] not in when and rng.random() < probability[e]:
                    hit.add(int(spread.target[e]))
        fresh = sorted(hit)
        when.update({v: step for v in fresh})
    return list(when.items())


def continuous_cascade(
    rng: np.random.Generator, nodes: int, rate: np.ndarray, delay: Callable[[float], float], seed: int, until: float
) -> Run:
    """One run in continuous time: each edge takes a random delay, who is reached first becomes active."""
    when: dict[int, float] = {}
    queue = [(0.0, seed)]
    while queue:
        moment, u = heapq.heappop(queue)
        if u in when or moment >= until:
            continue
        when[u] = moment
        for v in range(nodes):
            if rate[u, v] > 0 and v not in when:
                heapq.heappush(queue, (moment + delay(rate[u, v]), v))
    return [(u, moment) for u, moment in when.items()]


def exact_states(
    spread: SpreadGraph, probability: np.ndarray, seeds: Sequence[int], last: int
) -> dict[frozenset[int], float]:
    """Probability of every set of nodes active by a step, over all ways the edges can be live or not."""
    found: dict[frozenset[int], float] = {}
    for live in product([False, True], repeat=spread.num_edges):
        chance = float(np.prod(np.where(live, probability, 1 - probability)))
        active, fresh = set(seeds), set(seeds)
        for _ in range(min(last, spread.num_nodes)):
            fresh = {int(spread.target[e]) for e in np.flatnonzero(live) if int(spread.source[e]) in fresh} - active
            active |= fresh
        key = frozenset(active)
        found[key] = found.get(key, 0.0) + chance
    return found

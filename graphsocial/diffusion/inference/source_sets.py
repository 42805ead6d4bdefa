"""Sets of candidates that are tried as sources: all of them, or those that a random walk meets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from math import comb

import numpy as np

from graphsocial.diffusion.inference.source_observation import SourceObservation

WALK_MARGIN = 0.25
"""How much disagreement the walk forgives: enough to feel its way from afar."""

_IMPOSSIBLE = -2_000.0
"""Logarithm of the likelihood for each active node that a set cannot reach, below that of any set that can."""

Score = Callable[[np.ndarray], np.ndarray]
"""Similarities of a set's runs to what was observed, float [run]."""


def every_set(observation: SourceObservation, sources: int) -> np.ndarray:
    """All sets that reach everybody who was active, positions among the candidates, int64 [set, member]."""
    count = len(observation.candidate)
    every = np.array(list(combinations(range(count), sources)), dtype=np.int64).reshape(comb(count, sources), sources)
    return every[observation.possible(every)]


def walk_sets(
    observation: SourceObservation, sources: int, most_sets: int, score: Score, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Sets that a Metropolis walk proposes, each once, with the similarities of its runs.

    It begins at the set that is nearest to everybody who was active, exchanges one member at a time, and moves by prior
    times likelihood, softened by `WALK_MARGIN`. Sets that cannot reach everybody are crossed, not simulated.
    """
    levels: dict[tuple[int, ...], float] = {}
    here, level, simulated = _nearest(observation, sources), -np.inf, 0
    there = here
    for _ in range(20 * most_sets):
        name = tuple(sorted(there.tolist()))
        if len(set(name)) == sources:
            if name not in levels:
                missed = int((observation.hops[there].min(axis=0) > observation.most).sum())
                levels[name] = _IMPOSSIBLE * missed
                if not missed:
                    similarity = score(there)
                    levels[name] = _level(observation, there, similarity)
                    yield np.array(name), similarity
                    simulated += 1
            if np.log1p(-rng.random()) < levels[name] - level:
                here, level = there, levels[name]
        if simulated >= most_sets:
            break
        there = here.copy()
        there[rng.integers(sources)] = rng.integers(len(observation.candidate))


def _level(observation: SourceObservation, chosen: np.ndarray, similarity: np.ndarray) -> float:
    likelihood = float(np.exp(-(((1 - similarity) / WALK_MARGIN) ** 2)).mean())
    return float(np.log(observation.weight[chosen]).sum()) + np.log(max(likelihood, 1e-300))


def _nearest(observation: SourceObservation, sources: int) -> np.ndarray:
    """The candidates that have the fewest edges to those active, picked one after the other."""
    chosen: list[int] = []
    hops = observation.hops.astype(np.int64)
    hops[hops > observation.most] = 4 * hops.size + 4 * int(hops[hops <= observation.most].max(initial=0)) + 4
    nearest = np.full(hops.shape[1], hops.max(initial=0))
    for _ in range(sources):
        total = np.minimum(hops, nearest).sum(axis=1)
        total[chosen] = np.iinfo(np.int64).max
        chosen.append(int(total.argmin()))
        nearest = np.minimum(nearest, hops[chosen[-1]])
    return np.array(chosen, dtype=np.int64)

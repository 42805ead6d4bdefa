"""Bursts as states of an automaton that would rather stay where it is (Kleinberg 2003)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln, xlog1py, xlogy

from graphsocial.errors import SchemaError

_MOST_STATES = 64
_HIGHEST = 0.9999
"""A share of all posts in a burst stays below 1, or a single other post would cost infinity."""


class LevelBurst(NamedTuple):
    """A run of steps at a level or above it.

    Attributes:
        level: 1 for a burst, 2 for one inside it, …
        first: First step of the run.
        last: Its last step.
        weight: How much cheaper the run is at this level than one below, at least 0 for a run that pays.
    """

    level: int
    first: int
    last: int
    weight: float


def count_costs(counts: np.ndarray, totals: np.ndarray, s: float = 2.0, states: int = 2) -> np.ndarray:
    """Cost of each window's count in each state, float64 [window, state].

    State i draws each of the window's posts with probability `p * s**i`, p the share over all windows; the cost is the
    negative log of the binomial probability of the count (Kleinberg, "Bursty and hierarchical structure in streams",
    Data Mining and Knowledge Discovery 7, 2003, section 4).

    Args:
        counts: Posts with the word in each window [window].
        totals: All posts in each window [window].
        s: Ratio between the rates of neighbouring states, above 1.
        states: Number of states, 2 or more.

    Raises:
        SchemaError: Arrays do not fit, a count exceeds its total, or a setting is out of range.
    """
    counts, totals = np.asarray(counts, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    if counts.ndim != 1 or counts.shape != totals.shape or (counts < 0).any() or (counts > totals).any():
        raise SchemaError(
            f"got counts {counts.shape} and totals {totals.shape}, expected [window] twice and 0 <= count <= total"
        )
    _check(s, states)
    share = counts.sum() / totals.sum() if totals.sum() > 0 else 0.0
    rate = np.minimum(share * s ** np.arange(states), max(_HIGHEST, share))[None, :]
    seen, of = counts[:, None], totals[:, None]
    ways = gammaln(of + 1) - gammaln(seen + 1) - gammaln(of - seen + 1)
    return -(ways + xlogy(seen, rate) + xlog1py(of - seen, -rate))


def gap_costs(gaps: np.ndarray, s: float = 2.0, states: int | None = None, shortest: float = 1.0) -> np.ndarray:
    """Cost of each gap between neighbouring posts in each state, float64 [gap, state].

    State i waits exponentially, with the rate `s**i / mean gap` (Kleinberg 2003, section 2).

    Args:
        gaps: Seconds between neighbouring posts [gap].
        s: Ratio between the rates of neighbouring states, above 1.
        states: Number of states; None for as many as a sequence of these gaps can make use of.
        shortest: Shorter gaps count as this: clocks of whole seconds have zeros, which would cost minus infinity.

    Raises:
        SchemaError: A gap below 0, or a setting out of range.
    """
    gaps = np.asarray(gaps, dtype=np.float64)
    if gaps.ndim != 1 or not (gaps >= 0).all() or not shortest > 0:
        raise SchemaError(f"got gaps {gaps.shape} and shortest={shortest}, expected gaps >= 0 [gap] and a time above 0")
    _check(s, 2 if states is None else states)
    gaps = np.maximum(gaps, shortest)
    if not len(gaps):
        return np.zeros((0, states or 1))
    if states is None:
        useful = 1 + (np.log(gaps.sum()) - np.log(gaps.min())) / np.log(s)
        states = int(np.clip(np.ceil(useful), 2, _MOST_STATES))
    rate = s ** np.arange(states) / gaps.mean()
    return rate[None, :] * gaps[:, None] - np.log(rate)[None, :]


def burst_states(costs: np.ndarray, gamma: float = 1.0) -> np.ndarray:
    """State of each step on the cheapest path, int64 [step]; rising by a level costs `gamma * ln(steps)`.

    What a step is called depends on what follows it, so the states are those known at the end of the last step.

    Args:
        costs: From `count_costs` or `gap_costs`, [step, state].
        gamma: How reluctant the automaton is to rise, at least 0.

    Raises:
        SchemaError: Costs that are no table of numbers, or a negative `gamma`.

    >>> burst_states(count_costs(np.array([1, 1, 8, 9, 1]), np.full(5, 10)), gamma=1.0).tolist()
    [0, 0, 1, 1, 0]
    """
    from graphsocial.trends.viterbi_kernel import cheapest_states  # numba: imported when first needed

    costs = np.ascontiguousarray(costs, dtype=np.float64)
    if costs.ndim != 2 or costs.shape[1] < 1 or np.isnan(costs).any() or not gamma >= 0:
        raise SchemaError(f"got costs {costs.shape} and gamma={gamma}, expected numbers [step, state] and gamma >= 0")
    return cheapest_states(costs, float(gamma * np.log(max(len(costs), 1))))


def level_bursts(costs: np.ndarray, states: np.ndarray) -> list[LevelBurst]:
    """Runs of steps at or above each level, outer ones before those inside them.

    Args:
        costs: What the states were found with, [step, state].
        states: From `burst_states`, [step].

    >>> costs = count_costs(np.array([1, 1, 8, 9, 1]), np.full(5, 10))
    >>> [(burst.level, burst.first, burst.last) for burst in level_bursts(costs, burst_states(costs))]
    [(1, 2, 3)]
    """
    states = np.asarray(states)
    if states.shape != (len(costs),):
        raise SchemaError(f"got states {states.shape}, expected {(len(costs),)}")
    found = []
    for level in range(1, int(states.max(initial=0)) + 1):
        edge = np.diff(np.pad((states >= level).astype(np.int8), 1))
        saved = np.concatenate([[0.0], np.cumsum(costs[:, level - 1] - costs[:, level])])
        for first, end in zip(np.flatnonzero(edge == 1), np.flatnonzero(edge == -1), strict=True):
            found.append(LevelBurst(level, int(first), int(end) - 1, float(saved[end] - saved[first])))
    return sorted(found, key=lambda burst: (burst.first, burst.level))


def _check(s: float, states: int) -> None:
    if not s > 1 or isinstance(states, bool) or not 2 <= states <= _MOST_STATES:
        raise SchemaError(f"got s={s} and {states} states, expected s above 1 and 2 to {_MOST_STATES} states")

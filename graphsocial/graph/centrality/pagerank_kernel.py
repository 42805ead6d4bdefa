"""PageRank over plain rows of neighbours."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.graph.kernels import jit


def pagerank_values(
    first: np.ndarray,
    last: np.ndarray,
    neighbour: np.ndarray,
    weight: np.ndarray | None = None,
    restart: np.ndarray | None = None,
    dangling: np.ndarray | None = None,
    damping: float = 0.85,
    tolerance: float = 1e-9,
    max_iterations: int = 200,
) -> tuple[np.ndarray, int, float]:
    """PageRank of every node, from rows that hold the nodes a step comes FROM.

    Solves `y = restart + damping · Pᵀ y` and scales the sum to one, as PRPACK does (Gleich, Gray, Greif, Lau 2010, "An
    inner-outer iteration for computing PageRank"): Gauss–Seidel sweeps in the order that most steps go, each followed
    by scaling y so that what restarts balances what leaves (aggregation, Koury, McAllister, Stewart 1984). Loops are
    solved exactly, and nodes that no step leaves are computed once, at the end.

    Args:
        first: First entry of each node's row, int64 [node].
        last: One past the last entry of each node's row, int64 [node].
        neighbour: Nodes that a step to this one comes from, int32 or int64 [entry].
        weight: Not negative, [entry]; None counts every entry as one.
        restart: Where the walk begins anew, summing to one, float64 [node]; None: anywhere.
        dangling: Where it goes on from a node that no step leaves, summing to one, float64 [node]; None: as `restart`.
        damping: Chance of a step along an edge, in [0, 1).
        tolerance: Largest error of the values allowed, summed over nodes.
        max_iterations: Most sweeps.

    Returns:
        Values that sum to one, float64 [node]; sweeps done; an upper bound of the error, summed over nodes.
    """
    count = len(first)
    if count == 0:
        return np.empty(0), 0, 0.0
    begin = np.full(count, 1 / count) if restart is None else restart
    leaving, kept, loop, ascending = steps(first, last, neighbour, weight)
    stuck = leaving == 0
    scale = np.divide(1.0, leaving, out=np.zeros(count), where=~stuck)
    lost = 1 - damping * kept * scale
    system = (first, last, neighbour, weight, scale, loop, lost, ascending)
    if dangling is None or not stuck.any():
        value, sweeps, error = solve(*system, begin, damping, tolerance, max_iterations)
        return value / value.sum(), sweeps, error
    # x = (1 - d) a + d m b, where a and b solve the system for either distribution and m is the mass that is stuck;
    # m (1 - d) |b| = (1 - d) (stuck mass of a), and the errors of a and b reach x grown by the factors below
    finer = tolerance * (1 - damping) / 4
    a, sweeps, error_a = solve(*system, begin, damping, finer, max_iterations)
    b, more, error_b = solve(*system, dangling, damping, finer, max_iterations)
    value = (1 - damping) * a + damping * a[stuck].sum() / b.sum() * b
    return value / value.sum(), max(sweeps, more), error_a / (1 - damping) + 2 * error_b


@jit
def steps(first, last, neighbour, weight):  # type: ignore[no-untyped-def]
    """Weight of the steps that leave each node, of those to nodes that a step leaves, and of its loops, [node] each.

    Last, whether most entries name a node before their own.
    """
    count = len(first)
    leaving, kept, loop = np.zeros(count), np.zeros(count), np.zeros(count)
    earlier = 0
    for i in range(count):
        for j in range(first[i], last[i]):
            size = 1.0 if weight is None else weight[j]
            leaving[np.uint64(neighbour[j])] += size
            if neighbour[j] == i:
                loop[i] += size
            earlier += 1 if neighbour[j] < i else -1
    for i in range(count):
        if leaving[i] > 0:
            for j in range(first[i], last[i]):
                kept[np.uint64(neighbour[j])] += 1.0 if weight is None else weight[j]
    return leaving, kept, loop, earlier > 0


@numba.njit(inline="always")
def _arriving(low, high, neighbour, weight, share):  # type: ignore[no-untyped-def]
    """What flows into a node; unsigned positions spare the test for counting from the end."""
    total = 0.0
    for j in range(low, high):
        total += share[np.uint64(neighbour[j])] * (1.0 if weight is None else weight[j])
    return total


@numba.njit(inline="always")
def _added(total, carry, term):  # type: ignore[no-untyped-def]
    """Kahan's sum: plain rounding over many nodes would keep the scaling from settling."""
    term -= carry
    grown = total + term
    return grown, (grown - total) - term


@jit
def solve(  # type: ignore[no-untyped-def]
    first, last, neighbour, weight, scale, loop, lost, ascending, restart, damping, tolerance, max_iterations
):
    """Solution of `y = restart + damping · Pᵀ y`, sweeps done, and an upper bound of the error of y / sum(y)."""
    count = len(first)
    value, share = np.empty(count), np.empty(count)
    fed, carry = 0.0, 0.0
    for i in range(count):
        value[i] = restart[i] / (1 - damping)
        share[i] = value[i] * scale[i]
        fed, carry = _added(fed, carry, restart[i] if scale[i] > 0 else 0.0)
    sweep, error = 0, np.inf
    while sweep < max_iterations:
        change, mass, drained, carry = 0.0, 0.0, 0.0, 0.0
        for k in range(count):
            i = k if ascending else count - 1 - k
            if scale[i] > 0:
                arriving = _arriving(first[i], last[i], neighbour, weight, share) - loop[i] * share[i]
                now = (restart[i] + damping * arriving) / (1 - damping * loop[i] * scale[i])
                change += abs(now - value[i])
                value[i], share[i] = now, now * scale[i]
                mass += now
                drained, carry = _added(drained, carry, now * lost[i])
        sweep += 1
        # the residual is damping · change at most, the system's inverse 1 / (1 - damping), and |y| is 1 at least
        error = 2 * damping / (1 - damping) * change / max(mass, 1.0)
        if error <= tolerance:
            break
        for i in range(count):
            value[i] *= fed / drained
            share[i] *= fed / drained
    for i in range(count):
        if scale[i] == 0:  # nobody's value depends on these
            value[i] = restart[i] + damping * _arriving(first[i], last[i], neighbour, weight, share)
    return value, sweep, error

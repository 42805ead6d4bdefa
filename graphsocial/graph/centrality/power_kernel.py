"""The power method on plain rows of neighbours, stopped as NetworkX stops it."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.graph.kernels import jit


@jit
def power_iterations(first, last, neighbour, weight, scale, jump, stuck, value, damping, tolerance, limit):  # type: ignore[no-untyped-def]
    """Steps of a walk with jumps until two in a row differ by less than the tolerance, summed over nodes.

    Args:
        first: First entry of each node's row, int64 [node].
        last: One past the last entry of each node's row, int64 [node].
        neighbour: Nodes that a step to this one comes from, [entry].
        weight: Of that step, [entry]; None counts every entry as one.
        scale: One over the weight of the steps that leave each node, 0 where it is 0, float64 [node].
        jump: Where a jump leads, float64 [node].
        stuck: Where the walk goes on from a node that no step leaves, float64 [node].
        value: Where it starts; output, where it ends, float64 [node].
        damping: Chance of a step along an edge.
        tolerance: Difference that ends it.
        limit: Most steps.

    Returns:
        Whether the difference fell below the tolerance.
    """
    count = len(first)
    share = np.empty(count)
    for _ in range(limit):
        ended = 0.0
        for i in range(count):
            share[i] = value[i] * scale[i]
            if scale[i] == 0:
                ended += value[i]
        change = 0.0
        for i in range(count):
            arriving = _row_sum(first[i], last[i], neighbour, weight, share)
            now = damping * (arriving + ended * stuck[i]) + (1 - damping) * jump[i]
            change += abs(now - value[i])
            value[i] = now
        if change < tolerance:
            return True
    return False


@jit
def arriving_values(first, last, neighbour, weight, value, arriving):  # type: ignore[no-untyped-def]
    """Writes the sum of the neighbours' values, each times the weight of its entry, float64 [node]."""
    for i in range(len(first)):
        arriving[i] = _row_sum(first[i], last[i], neighbour, weight, value)


@numba.njit(inline="always")
def _row_sum(low, high, neighbour, weight, value):  # type: ignore[no-untyped-def]
    """Sum of the values of a row; four sums, so that additions need not wait for each other."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    j = low
    if weight is None:
        while j + 4 <= high:
            a += value[neighbour[j]]
            b += value[neighbour[j + 1]]
            c += value[neighbour[j + 2]]
            d += value[neighbour[j + 3]]
            j += 4
        while j < high:
            a += value[neighbour[j]]
            j += 1
    else:
        while j < high:
            a += weight[j] * value[neighbour[j]]
            j += 1
    return (a + b) + (c + d)

"""Means of neighbours' opinions, all nodes at once."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def average(  # type: ignore[no-untyped-def]
    indptr, source, weight, own, susceptibility, initial, opinion, begin, count, tolerance
):
    """Moves opinions to weighted means, `count` steps on from step `begin`, or until none moves.

    Args:
        indptr: First entry of each node's row, [node + 1].
        source: Whom the node hears, [entry].
        weight: How much, [entry].
        own: Weight of the node's own opinion, [node].
        susceptibility: Share of the mean in the next opinion; the rest is the initial one [node].
        initial: Opinions at step 0, [node].
        opinion: Opinions, written [node].
        begin: Step they are of.
        count: Steps to go.
        tolerance: Moves up to this much count as none.

    Returns:
        First step from which on nothing moves, -1 if that is not reached.
    """
    before = opinion.copy()
    for step in range(begin, begin + count):
        most = 0.0
        for v in range(len(before)):
            mean = own[v] * before[v]
            for place in range(indptr[v], indptr[v + 1]):
                mean += weight[place] * before[source[place]]
            opinion[v] = susceptibility[v] * mean + (1.0 - susceptibility[v]) * initial[v]
            most = max(most, abs(opinion[v] - before[v]))
        if most <= tolerance:
            return step
        before[:] = opinion
    return -1


@numba.njit(cache=True, nogil=True)
def average_of_the_near(indptr, source, bound, opinion, begin, count, tolerance):  # type: ignore[no-untyped-def]
    """Moves opinions to the mean of the neighbours' within the bound and the node's own.

    Args:
        indptr: First entry of each node's row, [node + 1].
        source: Whom the node hears, [entry].
        bound: Largest difference at which it listens, [node].
        opinion: Opinions, written [node].
        begin: Step they are of.
        count: Steps to go.
        tolerance: Moves up to this much count as none.

    Returns:
        First step from which on nothing moves, -1 if that is not reached.
    """
    before = opinion.copy()
    for step in range(begin, begin + count):
        most = 0.0
        for v in range(len(before)):
            total, heard = before[v], 1
            for place in range(indptr[v], indptr[v + 1]):
                x = before[source[place]]
                if abs(x - before[v]) <= bound[v]:
                    total += x
                    heard += 1
            opinion[v] = total / np.float64(heard)
            most = max(most, abs(opinion[v] - before[v]))
        if most <= tolerance:
            return step
        before[:] = opinion
    return -1

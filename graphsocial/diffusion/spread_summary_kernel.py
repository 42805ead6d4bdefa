"""Compiled loops that add up simulated runs."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def add_growth(time, size, times, total, squares):  # type: ignore[no-untyped-def]
    """Adds each run's number of members up to each time, and its square.

    Args:
        time: When each member became active, in any order within a run [member].
        size: Members of each run, [run].
        times: Ascending [time].
        total: Added to, [time].
        squares: Added to, [time].
    """
    fresh = np.zeros(len(times), dtype=np.int64)
    base = 0
    for run in range(len(size)):
        fresh[:] = 0
        for i in range(base, base + size[run]):
            place = np.searchsorted(times, time[i])  # members up to a time are those at it, too
            if place < len(times):
                fresh[place] += 1
        base += size[run]
        count = 0
        for place in range(len(times)):
            count += fresh[place]
            total[place] += count
            squares[place] += count * count


@numba.njit(cache=True, nogil=True)
def add_steps(time, size, total, squares):  # type: ignore[no-untyped-def]
    """As `add_growth`, for times that are steps from 0 on.

    Args:
        time: Step of each member, [member].
        size: Members of each run, [run].
        total: Added to, one place for each step there is, [step].
        squares: Added to, [step].
    """
    fresh = np.zeros(len(total), dtype=np.int64)
    base = 0
    for run in range(len(size)):
        fresh[:] = 0
        for i in range(base, base + size[run]):
            fresh[np.uint64(time[i])] += 1
        base += size[run]
        count = 0
        for place in range(len(total)):
            count += fresh[place]
            total[place] += count
            squares[place] += count * count


@numba.njit(cache=True, nogil=True)
def count_nodes(node, size, active):  # type: ignore[no-untyped-def]
    """Adds one to each node that is a member of a run, once per run.

    Args:
        node: Members of the runs, one run after the other [member].
        size: Members of each run, [run].
        active: Added to, [node].
    """
    last = np.full(len(active), -1, dtype=np.int64)
    base = 0
    for run in range(len(size)):
        for i in range(base, base + size[run]):
            if last[node[i]] != run:
                last[node[i]] = run
                active[node[i]] += 1
        base += size[run]

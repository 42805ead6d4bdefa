"""Which runs had not reached everybody they could: an edge leads out of them that something can pass along."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def mark_open_edges(runs, indptr, target, passes, earliest, node, size, censored):  # type: ignore[no-untyped-def]
    """Writes for each of some runs whether it might go on.

    Args:
        runs: Number of runs.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        passes: Whether something can pass along each edge, bool [edge].
        earliest: Infinite everywhere, before and after [node].
        node: Members, run after run [member].
        size: Members of each run, [run].
        censored: Written, [run].
    """
    base = 0
    for run in range(runs):
        end = base + size[run]
        for i in range(base, end):
            earliest[node[i]] = 0.0
        leads_out = False
        for i in range(end - 1, base - 1, -1):  # those who came last have their edges open
            for place in range(indptr[node[i]], indptr[node[i] + 1]):
                if passes[place] and earliest[target[place]] == np.inf:
                    leads_out = True
                    break
            if leads_out:
                break
        censored[run] = leads_out
        for i in range(base, end):
            earliest[node[i]] = np.inf
        base = end

"""Which runs the horizon cut short: members of the last step had an edge left to somebody not reached yet."""

from __future__ import annotations

import numba


@numba.njit(cache=True, nogil=True)
def mark_open_frontier(runs, horizon, indptr, target, passes, active, node, time, size, censored):  # type: ignore[no-untyped-def]
    """Writes for each of some runs whether something could have happened after the last step.

    Args:
        runs: Number of runs.
        horizon: The last step.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        passes: Whether something can pass along each edge, bool [edge].
        active: 0 everywhere, before and after, uint8 [node].
        node: Members, run after run, in order of their steps [member].
        time: Step at which each became active [member].
        size: Members of each run, [run].
        censored: Written, [run].
    """
    base = 0
    for run in range(runs):
        end = base + size[run]
        censored[run] = False
        if time[end - 1] == horizon:
            for i in range(base, end):
                active[node[i]] = 1
            last = end - 1
            while last >= base and time[last] == horizon and not censored[run]:
                for place in range(indptr[node[last]], indptr[node[last] + 1]):
                    if passes[place] and active[target[place]] == 0:
                        censored[run] = True
                        break
                last -= 1
            for i in range(base, end):
                active[node[i]] = 0
        base = end

"""Complex contagion: active neighbours are counted down, step after step."""

from __future__ import annotations

import math

import numba

from graphsocial.diffusion.random_stream_kernel import advance, coin, mix, stream_of, unit

ROUNDING = 1e-9
"""A share of the neighbours that is a whole number but for this much needs no further neighbour."""


@numba.njit(cache=True, nogil=True)
def contagion_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, horizon, indptr, target, low, high, adoption, stamp, missing, waiting, node, parent, time,
    size, censored,
):  # fmt: skip
    """Runs `begin` to `end`, member after member; stops before a run that might not fit.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        horizon: Nothing happens after this step.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        low: Least number of neighbours that each node may need, [node].
        high: Largest number, [node].
        adoption: Chance of an exposed node to adopt in a step.
        stamp: Number that no run before had, nor the next ones up to `end - begin`.
        missing: Stamp of the run that last reached each node, and how many neighbours it then waits for, [node, 2].
        waiting: Room for the exposed nodes and their parents, [node, 2].
        node: Who became active, in order [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: Step at which it became active [member].
        size: Members of each run, [run].
        censored: Written: whether somebody exposed had yet to adopt after the horizon, [run].

    Returns:
        Number of runs done.
    """
    nodes, room, base = len(missing), len(node), 0
    for run in range(begin, end):
        if room - base < nodes + 1:
            return run - begin
        stream = stream_of(key, run)
        state, this = stream, stamp + run - begin
        tail = base
        for s in range(len(seeds)):
            node[tail], parent[tail], time[tail] = seeds[s], -1, 0
            missing[seeds[s], 0], missing[seeds[s], 1] = this, 0
            tail += 1
        head, now, exposed = base, 0, 0
        while head < tail or exposed > 0:
            while head < tail:
                u = node[head]
                for place in range(indptr[u], indptr[u + 1]):
                    v = target[place]
                    if missing[v, 0] != this:
                        needed = math.ceil(low[v] + coin(stream, v) * (high[v] - low[v]) - ROUNDING)
                        missing[v, 0], missing[v, 1] = this, max(1, needed)
                    if missing[v, 1] > 0:
                        missing[v, 1] -= 1
                        if missing[v, 1] == 0:
                            waiting[exposed, 0], waiting[exposed, 1] = v, head - base
                            exposed += 1
                head += 1
            if now >= horizon or adoption == 0.0:
                break
            now += 1
            kept = 0
            for i in range(exposed):
                state = advance(state)
                if unit(mix(state)) < adoption:
                    node[tail], parent[tail], time[tail] = waiting[i, 0], waiting[i, 1], now
                    tail += 1
                else:
                    waiting[kept, 0], waiting[kept, 1] = waiting[i, 0], waiting[i, 1]
                    kept += 1
            exposed = kept
        censored[run - begin] = exposed > 0 and adoption > 0.0
        size[run - begin] = tail - base
        base = tail
    return end - begin

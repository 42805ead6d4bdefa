"""SIS, event by event: whoever is infected draws at once for how long, and everything that it tries in that time."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.epidemics.event_heap_kernel import drop_first, grown, sift_in, waiting_time
from graphsocial.diffusion.random_stream_kernel import exponential, stream_of
from graphsocial.graph.prefetch import prefetch

_LOW = np.int64(2**32 - 1)


@numba.njit(cache=True, nogil=True)
def infected_again_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, horizon, steps, hazard, hazards, duration, indptr, target, until,
    node, parent, time, marks, size, censored
):  # fmt: skip
    """Runs `begin` to `end`; stops before a run that does not fit.

    What an edge tries within a window are the points of a Poisson process on a stretch, see `infected_once_kernel`; in
    steps, the cells that are hit. Tries that come before their target has recovered are known to be in vain.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, infectious at 0 [seed].
        horizon: Nothing happens after it; finite.
        steps: Whether time goes in steps.
        hazard: Of every edge, per unit of time or step.
        hazards: Of each edge, float64 [edge]; empty where they are all the same.
        duration: Mean time from infection until recovery, in steps 1 / hazard.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        until: -1 everywhere, before and after: when a node last recovers as far as is known [node].
        node: Who was infected, in order [member].
        parent: Position within the run of who infected it, -1 for seeds [member].
        time: When [member].
        marks: When it recovered, infinite after the horizon [1, member].
        size: Members of each run, [run].
        censored: Written: whether somebody was infectious still [run].

    Returns:
        Number of runs done.
    """
    room, base, uniform = len(node), 0, len(hazards) == 0
    due, what = np.empty(1024), np.empty(1024, dtype=np.int64)
    for run in range(begin, end):
        state, left = exponential(stream_of(key, run))
        tail, waiting, ongoing = base, 0, False
        for s in range(len(seeds)):
            until[seeds[s]] = 0.0  # none of them is infected by another one at 0
        while True:
            if tail - base < len(seeds):
                u, now, source = np.int64(seeds[tail - base]), 0.0, np.int64(-1)
            elif waiting > 0:
                u, now, source = what[0] >> 32, due[0], what[0] & _LOW
                drop_first(due, what, waiting)
                waiting -= 1
                if waiting:
                    prefetch(indptr, what[0] >> 32)  # type: ignore[call-arg]
                if not until[u] < now:
                    continue
            else:
                break
            if tail == room:
                for i in range(base, tail):
                    until[node[i]] = -1.0
                for s in range(len(seeds)):
                    until[seeds[s]] = -1.0
                return run - begin
            node[tail], parent[tail], time[tail] = u, source, now
            state, period = waiting_time(state, duration, steps)
            until[u] = now + period
            ongoing |= until[u] > horizon
            marks[0, tail] = until[u] if until[u] <= horizon else np.inf
            window = min(period, horizon - now)
            place, last, spent = np.int64(indptr[u]), np.int64(indptr[u + 1]), 0.0
            stretch = window * (last - place) if uniform else window
            while window > 0.0 and place < last:
                each = hazard if uniform else hazards[place]
                rest = stretch - spent
                if rest <= 0.0 or not left < rest * each:
                    if rest > 0.0:
                        left -= rest * each
                    place, spent = last if uniform else place + 1, 0.0
                    continue
                spent += left / each
                if steps:
                    spent = np.floor(spent)
                over = min(np.int64(spent / window), last - place - 1) if uniform else np.int64(0)
                delay = max(spent - over * window, 0.0)
                if steps:
                    delay += 1.0
                    spent += 1.0
                when = min(now + delay, horizon)
                v = np.int64(target[place + over])
                if until[v] < when:
                    if waiting == len(due):
                        due, what = grown(due), grown(what)
                    sift_in(due, what, waiting, when, v << 32 | np.int64(tail - base))
                    waiting += 1
                state, left = exponential(state)
            tail += 1
        censored[run - begin] = ongoing
        for i in range(base, tail):
            until[node[i]] = -1.0
        size[run - begin] = tail - base
        base = tail
    return end - begin

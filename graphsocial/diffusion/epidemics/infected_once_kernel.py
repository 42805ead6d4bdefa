"""SI, SIR and SEIR, event by event: every edge is drawn once, however long it could pass something on.

Whoever becomes infectious draws at once for how long. An edge of infection hazard h then passes something on within
that window of length w if a Poisson process of rate 1 hits a stretch of length h w; edges are laid one after the other,
so one exponential number leads to the next edge that is hit, and where in its stretch it is hit is when. What is left
of the number at the end of a row still is an exponential number. In steps, h is -log(1 - p), and a stretch has w cells.
(The idea of drawing a whole infectious period at once: fast_SIR of Kiss, Miller and Simon, "Mathematics of Epidemics on
Networks", Springer 2017, appendix A.)
"""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.epidemics.event_heap_kernel import drop_first, grown, sift_in, waiting_time
from graphsocial.diffusion.random_stream_kernel import exponential, stream_of
from graphsocial.graph.prefetch import prefetch


@numba.njit(cache=True, nogil=True)
def infected_once_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, horizon, steps, hazard, hazards, incubation, duration, indptr, target, earliest, source,
    node, parent, time, marks, size, censored
):  # fmt: skip
    """Runs `begin` to `end`; stops before a run that might not fit.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, infectious at 0 [seed].
        horizon: Nothing happens after it; finite.
        steps: Whether time goes in steps.
        hazard: Of every edge, per unit of time or step.
        hazards: Of each edge, float64 [edge]; empty where they are all the same.
        incubation: Mean time from infection until infectious, in steps 1 / hazard; not read without that phase.
        duration: Mean time from then until recovery, in steps 1 / hazard; not read without that phase.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        earliest: Infinite everywhere, before and after: when a node will be infected as far as is known [node].
        source: Scratch: position within the run of whom it will be infected by [node].
        node: Who was infected, in order [member].
        parent: Position within the run of who infected it, -1 for seeds [member].
        time: When [member].
        marks: When it recovered, or when it became infectious and when it recovered; infinite after the horizon
            [mark, member].
        size: Members of each run, [run].
        censored: Written: whether somebody was exposed or infectious still; not written without recovery [run].

    Returns:
        Number of runs done.
    """
    nodes, room, base = len(earliest), len(node), 0
    phases, uniform = len(marks), len(hazards) == 0
    due, who = np.empty(1024), np.empty(1024, dtype=np.int32)
    for run in range(begin, end):
        if room - base < nodes:
            return run - begin
        state, left = exponential(stream_of(key, run))
        for s in range(len(seeds)):
            earliest[seeds[s]] = 0.0
        tail, waiting, ongoing = base, 0, False
        while True:
            if tail - base < len(seeds):
                u, now = np.int64(seeds[tail - base]), 0.0
                parent[tail] = -1
            elif waiting > 0:
                u, now = np.int64(who[0]), due[0]
                drop_first(due, who, waiting)
                waiting -= 1
                if waiting:
                    prefetch(indptr, np.int64(who[0]))  # type: ignore[call-arg]
                if now > earliest[u]:
                    continue
                parent[tail] = source[u]
            else:
                break
            node[tail], time[tail] = u, now
            start, period = now, np.inf
            if phases == 2:
                if parent[tail] >= 0:
                    state, latency = waiting_time(state, incubation, steps)
                    start += latency
                marks[0, tail] = start if start <= horizon else np.inf
            if phases:
                state, period = waiting_time(state, duration, steps)
                recovered = start + period
                ongoing |= recovered > horizon
                marks[phases - 1, tail] = recovered if recovered <= horizon else np.inf
            window = min(period, horizon - start)
            place, last = np.int64(indptr[u]), np.int64(indptr[u + 1])
            if window > 0.0:
                each = hazard * window
                per_edge = 1.0 / each if each > 0.0 else np.inf
                while place < last:
                    if uniform:
                        ahead = left * per_edge
                        if not ahead < last - place:
                            left = max(left - (last - place) * each, 0.0)
                            break
                        skipped = np.int64(ahead)
                        place += skipped
                        delay = (ahead - skipped) * window
                    else:
                        each = hazards[place] * window
                        if not left < each:
                            left -= each
                            place += 1
                            continue
                        delay = left / hazards[place]
                    if steps:
                        delay = min(np.floor(delay), window - 1.0) + 1.0
                    when = min(start + delay, horizon)
                    v = target[place]
                    if when < earliest[v]:
                        earliest[v], source[v] = when, tail - base
                        if waiting == len(due):
                            due, who = grown(due), grown(who)
                        sift_in(due, who, waiting, when, v)
                        waiting += 1
                    state, left = exponential(state)
                    place += 1
            tail += 1
        if phases:
            censored[run - begin] = ongoing
        for i in range(base, tail):
            earliest[node[i]] = np.inf
        size[run - begin] = tail - base
        base = tail
    return end - begin

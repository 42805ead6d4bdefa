"""Independent cascade with delays, event by event: successes are found without asking the edges that fail.

What an edge of chance p passes on, it passes on after a delay: by age a with probability 1 - exp(-M h F(a)), with
h = -log(1 - p), the law F of delays and a factor M of the run. That is a Poisson process of rate 1 on a stretch of
length M h F(longest age): whether it hits is whether the edge succeeds, where it first hits is when. All stretches are
laid one after the other, so one exponential number leads to the next success, across rows as well; hazards summed up
along each row say which edge that is.
"""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.delay_law_kernel import delay_of, share_of
from graphsocial.diffusion.epidemics.event_heap_kernel import drop_first, grown, sift_in
from graphsocial.diffusion.gamma_variate_kernel import gamma_variate
from graphsocial.diffusion.random_stream_kernel import advance, coin, exponential, logarithm, mix, stream_of, unit
from graphsocial.graph.prefetch import prefetch


@numba.njit(cache=True)
def lay_hazards(indptr, target, hazard, summed, sure_indptr, sure):  # type: ignore[no-untyped-def]
    """Sums hazards along each row and sets the sure edges, whose hazard is infinite, apart.

    Args:
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        hazard: -log(1 - p) of each edge, [edge].
        summed: Written: finite hazards from the row's beginning up to and with each edge, float64 [edge].
        sure_indptr: Written: first sure edge of each row, [node + 1].
        sure: Written: whom the sure edges reach, [sure edge].
    """
    count = 0
    for u in range(len(indptr) - 1):
        total = 0.0
        sure_indptr[u] = count
        for place in range(indptr[u], indptr[u + 1]):
            if hazard[place] < np.inf:
                total += hazard[place]
            else:
                sure[count] = target[place]
                count += 1
            summed[place] = total
    sure_indptr[len(indptr) - 1] = count


@numba.njit
def _point_of(factors, cumulative, number):  # type: ignore[no-untyped-def]
    """The table's value at a number of [0, 1): that of the first point whose cumulative chance is above it."""
    first, rest = 0, len(cumulative)
    while rest > 0:
        half = rest >> 1
        passed = cumulative[first + half] <= number
        first = first + half + 1 if passed else first
        rest = rest - half - 1 if passed else half
    return factors[first]


@numba.njit
def _expect(v, when, member, earliest, source, due, who, waiting):  # type: ignore[no-untyped-def]
    """Notes that somebody will become active, unless that is known to come earlier; returns the events."""
    if when < earliest[v]:
        earliest[v], source[v] = when, member
        if waiting == len(due):
            due, who = grown(due), grown(who)
        sift_in(due, who, waiting, when, v)
        waiting += 1
    return due, who, waiting


@numba.njit(cache=True, nogil=True)
def delayed_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, ages, horizon, virality, factors, cumulative, coupled, quantile, indptr, target, hazard,
    summed, sure_indptr, sure, earliest, source, node, parent, time, size, spreads
):  # fmt: skip
    """Runs `begin` to `end`; stops before a run that might not fit.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        ages: How long each had been active at 0, [seed].
        horizon: Nothing happens after it; infinite for none.
        virality: Shape of each run's factor, which has mean 1; infinite where it is 1, or has a table.
        factors: Table of the factor's values, none where it has no table [point].
        cumulative: Chance of at most each of them; the last is 1 [point].
        coupled: Whether each edge of a run has a number of its own.
        quantile: The table of the delay law, [knot].
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        hazard: -log(1 - p) of each edge, infinite for sure ones; read where coupled only [edge].
        summed: See `lay_hazards`; this and the next two are read where not coupled only.
        sure_indptr: See `lay_hazards`.
        sure: See `lay_hazards`.
        earliest: Infinite everywhere, before and after: when a node will be active as far as is known [node].
        source: Scratch: position within the run of whom it will be activated by [node].
        node: Who became active, in order [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: When it became active [member].
        size: Members of each run, [run].
        spreads: Written: False where the table's factor is 0, so that nothing is passed on [run].

    Returns:
        Number of runs done.
    """
    nodes, room, base = len(earliest), len(node), 0
    due, who = np.empty(1024), np.empty(1024, dtype=np.int32)
    for run in range(begin, end):
        if room - base < nodes:
            return run - begin
        stream = stream_of(key, run)
        state, factor, left = stream, 1.0, 0.0
        if virality < np.inf:
            state, drawn = gamma_variate(state, virality)
            factor = drawn / virality
        if len(factors):
            state = advance(state)
            factor = _point_of(factors, cumulative, unit(mix(state)))
        spreads[run - begin] = len(factors) == 0 or factor > 0.0
        if not coupled:
            state, left = exponential(state)
        for s in range(len(seeds)):
            earliest[seeds[s]] = 0.0 - ages[s]
        tail, waiting = base, 0
        while True:
            member = tail - base
            if member < len(seeds):
                u, now = np.int64(seeds[member]), 0.0 - ages[member]
                parent[tail] = -1
                spent = share_of(quantile, ages[member]) if ages[member] > 0.0 else 0.0
            elif waiting > 0:
                u, now = np.int64(who[0]), due[0]
                drop_first(due, who, waiting)
                waiting -= 1
                if waiting:
                    prefetch(indptr, np.int64(who[0]))  # type: ignore[call-arg]
                if now > earliest[u]:
                    continue
                parent[tail] = source[u]
                spent = 0.0
            else:
                break
            node[tail], time[tail] = u, now
            tail += 1
            if not spreads[run - begin]:
                continue
            place, last = np.int64(indptr[u]), np.int64(indptr[u + 1])
            soonest = max(now, 0.0)
            if coupled:
                unspent = 1.0 - spent
                for edge in range(place, last):
                    mass = hazard[edge] * factor if hazard[edge] < np.inf else np.inf
                    number = coin(stream, edge)
                    if not number < mass * unspent:  # the exponential number is larger still
                        continue
                    share = spent - logarithm(1.0 - number) / mass
                    if share <= 1.0:
                        when = max(now + delay_of(quantile, share), soonest)
                        if when <= horizon:
                            due, who, waiting = _expect(target[edge], when, member, earliest, source, due, who, waiting)
                continue
            unspent = share_of(quantile, horizon - now) - spent
            if not unspent > 0.0:
                continue
            if sure_indptr[u] < sure_indptr[u + 1]:
                when = min(max(now + delay_of(quantile, spent), soonest), horizon)
                for edge in range(sure_indptr[u], sure_indptr[u + 1]):
                    due, who, waiting = _expect(sure[edge], when, member, earliest, source, due, who, waiting)
            scale = factor * unspent
            if place == last or not scale > 0.0:
                continue
            total, before = summed[last - 1], 0.0
            while True:
                hit = before + left / scale
                if not hit < total:
                    left = max(left - (total - before) * scale, 0.0)
                    break
                rest = last - place
                while rest > 0:  # the first edge whose stretch ends beyond the hit
                    half = rest >> 1
                    passed = summed[place + half] <= hit
                    place = place + half + 1 if passed else place
                    rest = rest - half - 1 if passed else half
                if place > indptr[u]:
                    before = summed[place - 1]
                share = spent + (hit - before) / (summed[place] - before) * unspent
                when = min(max(now + delay_of(quantile, min(share, 1.0)), soonest), horizon)
                due, who, waiting = _expect(target[place], when, member, earliest, source, due, who, waiting)
                before = summed[place]
                place += 1
                state, left = exponential(state)
        for i in range(base, tail):
            earliest[node[i]] = np.inf
        size[run - begin] = tail - base
        base = tail
    return end - begin


@numba.njit(cache=True, nogil=True)
def mark_unspent(runs, horizon, longest, indptr, target, hazard, earliest, node, time, size, censored):  # type: ignore[no-untyped-def]
    """Writes for each of some runs whether a member could have activated somebody else after the horizon.

    Args:
        runs: Number of runs.
        horizon: Nothing happened after it.
        longest: Longest delay.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        hazard: -log(1 - p) of each edge, [edge].
        earliest: Infinite everywhere, before and after [node].
        node: Members, run after run [member].
        time: When each became active [member].
        size: Members of each run, [run].
        censored: False where nothing is passed on whatever the edges say; the others are written [run].
    """
    base = 0
    for run in range(runs):
        end = base + size[run]
        for i in range(base, end):
            earliest[node[i]] = 0.0
        goes_on = False
        oldest = base if censored[run] else end
        for i in range(end - 1, oldest - 1, -1):  # those who came last have most of their time ahead
            if horizon - time[i] < longest:
                for place in range(indptr[node[i]], indptr[node[i] + 1]):
                    if hazard[place] > 0.0 and earliest[target[place]] == np.inf:
                        goes_on = True
                        break
            if goes_on:
                break
        censored[run] = goes_on
        for i in range(base, end):
            earliest[node[i]] = np.inf
        base = end

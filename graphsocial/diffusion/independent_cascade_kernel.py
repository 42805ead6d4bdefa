"""Independent cascade, one chance per edge: where successes are rare, the next one is found without asking those that fail.

An edge of probability p is a stretch of length -log(1 - p) on a line on which all edges that get their chance are laid
one after the other; successes are the stretches that a Poisson process of rate 1 hits. So one exponential number leads to
the next success, however many edges lie between, across rows as well: what is left of it at the end of a row still is an
exponential number. (The idea of geometric skips, as in SUBSIM, Guo et al., SIGMOD 2020, for probabilities that differ.)
"""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.float_bits import float32_of
from graphsocial.diffusion.random_stream_kernel import advance, coin, exponential, mix, stream_of, unit
from graphsocial.graph.prefetch import prefetch

HEADER_AHEAD = 16
ROW_AHEAD = 8
"""Members of the queue whose header, and whose row, is asked for before it is read."""

SLACK = 8
"""Entries past the last edge that may be read, not used."""


@numba.njit(cache=True, nogil=True)
def mixed_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, horizon, header, target, value, active, node, parent, time, size
):
    """Runs `begin` to `end`, member after member; stops before a run that might not fit.

    A row has three parts: edges that are skipped to, with hazards summed up from the row's beginning, ascending; edges
    with a coin each, with probabilities; edges that are sure.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        horizon: Nothing happens after this step.
        header: First edge, first edge with a coin, first sure edge, bits of the hazard of the first part, int32
            [node + 1, 4].
        target: Whom each edge reaches, [edge].
        value: Summed hazard or probability, float32 [edge + SLACK].
        active: 0 everywhere, before and after, int8 [node].
        node: Who became active, in order [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: Step at which it became active [member].
        size: Members of each run, [run].

    Returns:
        Number of runs done.
    """
    nodes, room, base = len(active), len(node), 0
    for run in range(begin, end):
        if room - base < nodes + HEADER_AHEAD + 1:
            return run - begin
        state, left = exponential(stream_of(key, run))
        tail = base
        for s in range(len(seeds)):
            node[tail], parent[tail], time[tail] = seeds[s], -1, 0
            active[seeds[s]] = 1
            tail += 1
        head = base
        while head < tail and time[head] < horizon:
            if head + HEADER_AHEAD < tail:
                prefetch(header, 4 * np.int64(node[head + HEADER_AHEAD]))
                row = np.int64(header[node[head + ROW_AHEAD], 0])
                prefetch(value, row)
                prefetch(target, row)
            u, now = node[head], time[head] + 1
            place, coins = np.int64(header[u, 0]), np.int64(header[u, 1])
            if place < coins:
                total = np.float64(float32_of(header[u, 3]))
                if left > total:
                    left -= total
                else:
                    past = 0.0
                    while True:
                        goal = np.float32(past + left)
                        rest = coins - place
                        while rest > 8:
                            half = rest >> 1
                            up = value[place + half] <= goal
                            place = place + half + 1 if up else place
                            rest = rest - half - 1 if up else half
                        step = 0
                        for k in range(8):  # without a branch: the processor could not guess it
                            step += np.int64((value[place + k] <= goal) & (k < rest))
                        place += step
                        if place >= coins:
                            left = max(left - (total - past), 0.0)
                            break
                        past = np.float64(value[place])
                        v = target[place]
                        node[tail], parent[tail], time[tail] = v, head - base, now
                        tail += 1 - active[v]
                        active[v] = 1
                        state, left = exponential(state)
                        place += 1
            sure = np.int64(header[u, 2])
            for place in range(coins, sure):
                state = advance(state)
                v = target[place]
                succeeds = (unit(mix(state)) < value[place]) & (active[v] == 0)
                node[tail], parent[tail], time[tail] = v, head - base, now
                tail += np.int64(succeeds)
                active[v] |= np.int8(succeeds)
            for place in range(sure, np.int64(header[u + 1, 0])):
                v = target[place]
                node[tail], parent[tail], time[tail] = v, head - base, now
                tail += 1 - active[v]
                active[v] = 1
            head += 1
        for i in range(base, tail):
            active[node[i]] = 0
        size[run - begin] = tail - base
        base = tail
    return end - begin


@numba.njit(cache=True, nogil=True)
def uniform_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, horizon, indptr, target, rate, active, node, parent, time, size
):
    """As `mixed_runs`, where all edges have one probability: the next success is a whole number of edges away.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        horizon: Nothing happens after this step.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        rate: -1 / log(1 - p): edges per unit of hazard, 0 where they are all sure.
        active: 0 everywhere, before and after, int8 [node].
        node: Who became active, in order [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: Step at which it became active [member].
        size: Members of each run, [run].
    """
    nodes, room, base = len(active), len(node), 0
    for run in range(begin, end):
        if room - base < nodes + HEADER_AHEAD + 1:
            return run - begin
        state, left = exponential(stream_of(key, run))
        gap = np.int64(left * rate)
        tail = base
        for s in range(len(seeds)):
            node[tail], parent[tail], time[tail] = seeds[s], -1, 0
            active[seeds[s]] = 1
            tail += 1
        head = base
        while head < tail and time[head] < horizon:
            if head + HEADER_AHEAD < tail:
                prefetch(indptr, np.int64(node[head + HEADER_AHEAD]))
            u, now = node[head], time[head] + 1
            place = np.int64(indptr[u])
            rest = np.int64(indptr[u + 1]) - place
            while gap < rest:
                v = target[place + gap]
                place += gap + 1
                rest -= gap + 1
                node[tail], parent[tail], time[tail] = v, head - base, now
                tail += 1 - active[v]
                active[v] = 1
                state, left = exponential(state)
                gap = np.int64(left * rate)
            gap -= rest
            head += 1
        for i in range(base, tail):
            active[node[i]] = 0
        size[run - begin] = tail - base
        base = tail
    return end - begin


@numba.njit(cache=True, nogil=True)
def coupled_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, horizon, indptr, target, probability, active, node, parent, time, size
):
    """As `mixed_runs`, with a coin that belongs to each edge of a run: what does not change falls out the same way.

    Two models over one graph with one key differ only where their probabilities do, and with every probability raised
    no run loses a member.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        horizon: Nothing happens after this step.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        probability: Chance of each edge, [edge].
        active: 0 everywhere, before and after, int8 [node].
        node: Who became active, in order [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: Step at which it became active [member].
        size: Members of each run, [run].
    """
    nodes, room, base = len(active), len(node), 0
    for run in range(begin, end):
        if room - base < nodes + HEADER_AHEAD + 1:
            return run - begin
        stream = stream_of(key, run)
        tail = base
        for s in range(len(seeds)):
            node[tail], parent[tail], time[tail] = seeds[s], -1, 0
            active[seeds[s]] = 1
            tail += 1
        head = base
        while head < tail and time[head] < horizon:
            u, now = node[head], time[head] + 1
            for place in range(indptr[u], indptr[u + 1]):
                v = target[place]
                succeeds = (coin(stream, place) < probability[place]) & (active[v] == 0)
                node[tail], parent[tail], time[tail] = v, head - base, now
                tail += np.int64(succeeds)
                active[v] |= np.int8(succeeds)
            head += 1
        for i in range(base, tail):
            active[node[i]] = 0
        size[run - begin] = tail - base
        base = tail
    return end - begin


SKIP_BELOW = 0.13
"""Edges less likely than this may be skipped to; others get a coin each."""
_COIN, _ROW, _SUCCESS = 4.0, 12.0, 30.0
"""Nanoseconds of a coin, of beginning to skip in a row, and of a success found so; only their ratios matter."""


@numba.njit(cache=True)
def lay_rows(indptr, target, probability, hazard, header, laid, value, bits_of):  # type: ignore[no-untyped-def]
    """Puts every row's edges in ascending order of probability and decides which are skipped to.

    Args:
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        probability: Chance of each edge, [edge].
        hazard: -log(1 - p), float64 [edge].
        header: Written, see `mixed_runs`; hazards as float32 in `bits_of`.
        laid: Written: targets in the new order, [edge].
        value: Written: summed hazards and probabilities, [edge + SLACK].
        bits_of: Written: hazard of each row's first part, float32 [node].
    """
    for u in range(len(indptr) - 1):
        begin, end = indptr[u], indptr[u + 1]
        order = begin + np.argsort(probability[begin:end], kind="mergesort")
        rare, chance, sure = 0, 0.0, end
        for i in range(end - begin):
            p = probability[order[i]]
            laid[begin + i] = target[order[i]]
            value[begin + i] = p
            if p < SKIP_BELOW:
                rare += 1
                chance += p
            if p >= 1.0 and sure == end:
                sure = begin + i
        if _COIN * rare < _ROW + _SUCCESS * chance:
            rare = 0
        total = 0.0
        for i in range(rare):
            total += hazard[order[i]]
            value[begin + i] = total
        header[u, 0], header[u, 1], header[u, 2] = begin, begin + rare, sure
        bits_of[u] = value[begin + rare - 1] if rare else np.float32(0.0)
    header[len(indptr) - 1, 0] = indptr[-1]

"""Independent cascade, one chance per edge: where successes are rare, the next is found without asking failures.

An edge of probability p is a stretch of length -log(1 - p) on a line on which all edges that get their chance are laid
one after the other; successes are the stretches that a Poisson process of rate 1 hits. So one exponential number leads
to the next success, however many edges lie between, across rows as well: what is left of it at the end of a row still
is an exponential number. (The idea of geometric skips, as in SUBSIM, Guo et al., SIGMOD 2020, for probabilities that
differ.) Where successes are not rare, edges get a coin each, four at a time and without a branch on how it falls.
"""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.float_bits import bits32, float32_of
from graphsocial.diffusion.random_stream_kernel import advance, coin, exponential, mix, stream_of
from graphsocial.graph.prefetch import prefetch

HEADER_AHEAD = 16
ROW_AHEAD = 8
"""Members whose header, and whose row, is asked for before it is read."""

SLACK = 8
"""Entries past the last edge that may be read, not used."""

PART = 64
"""Members whose successes are collected before they are looked at."""

_LOW = np.uint64(0xFFFFFFFF)
_HIGH = np.uint64(0xFFFFFFFF00000000)
_HALF_WORD = np.uint64(32)


@numba.njit(inline="always")
def _join(stage, staged, node, parent, base, tail, active):  # type: ignore[no-untyped-def]
    """Appends those reached who are not active yet, in order; returns the new end of the members."""
    for i in range(staged):
        prefetch(active, np.int64(stage[i + 32] & _LOW))  # type: ignore[call-arg]
        v = np.uint64(stage[i] & _LOW)
        node[tail], parent[tail] = v, np.int64(stage[i] >> _HALF_WORD) - base
        tail += 1 - np.int64(active[v])
        active[v] = 1
    return tail


@numba.njit(cache=True, nogil=True)
def mixed_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, horizon, header, edges, stage, active, node, parent, time, size
):
    """Runs `begin` to `end`, member after member; stops before a run that might not fit.

    A row has two parts: edges that are skipped to, with hazards summed up from the row's beginning, ascending; edges
    with a coin each. Whom a row reaches is collected first and joined afterwards, so that neither loop waits for the
    other.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        horizon: Nothing happens after this step.
        header: First edge, first edge with a coin, end, bits of the hazard of the first part, int32 [node, 4].
        edges: Low half: whom each edge reaches; high half: bits of the summed hazard, float32, or the probability in
            units of 2**-32 less one of them, so that 1 is sure, uint64 [edge + SLACK].
        stage: Scratch, uint64 [PART * longest row + 40]; it holds nodes from the beginning on, whichever.
        active: 0 everywhere, before and after, uint8 [node].
        node: Who became active, in order; it holds nodes from the beginning on, whichever [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: Step at which it became active [member].
        size: Members of each run, [run].

    Returns:
        Number of runs done.
    """
    nodes, room, base = len(active), len(node), 0
    for run in range(begin, end):
        if room - base <= nodes + HEADER_AHEAD:
            return run - begin
        state, left = exponential(stream_of(key, run))
        tail = base
        for s in range(len(seeds)):
            node[tail], parent[tail], time[tail] = seeds[s], -1, 0
            active[np.uint64(seeds[s])] = 1
            tail += 1
        first, step = base, 0
        while first < tail and step < horizon:
            last = tail
            step += 1
            for part in range(first, last, PART):
                staged = np.uint64(0)
                for member in range(part, min(part + PART, last)):
                    prefetch(header, 4 * np.int64(node[member + HEADER_AHEAD]))  # type: ignore[call-arg]
                    row = np.int64(header[node[member + ROW_AHEAD], 0])
                    prefetch(edges, row)  # type: ignore[call-arg]
                    u = np.uint64(node[member])
                    place, coins = np.uint64(header[u, 0]), np.uint64(header[u, 1])
                    stop = np.uint64(header[u, 2])
                    up = np.uint64(member) << _HALF_WORD
                    if place < coins:
                        total = np.float64(float32_of(header[u, 3]))  # type: ignore[call-arg]
                        if left > total:
                            left -= total
                        else:
                            past = 0.0
                            while True:
                                goal = (np.uint64(bits32(np.float32(past + left))) << _HALF_WORD) | _LOW  # type: ignore[call-arg]
                                rest = coins - place
                                while rest > np.uint64(8):
                                    half = rest >> np.uint64(1)
                                    above = edges[place + half] <= goal
                                    place = place + half + np.uint64(1) if above else place
                                    rest = rest - half - np.uint64(1) if above else half
                                skipped = np.uint64(0)
                                for k in range(8):
                                    skipped += np.uint64((edges[place + np.uint64(k)] <= goal) & (np.uint64(k) < rest))
                                place += skipped
                                if place >= coins:
                                    left = max(left - (total - past), 0.0)
                                    break
                                edge = edges[place]
                                past = np.float64(float32_of(np.int32(edge >> _HALF_WORD)))  # type: ignore[call-arg]
                                stage[staged] = up | (edge & _LOW)
                                staged += np.uint64(1)
                                place += np.uint64(1)
                                state, left = exponential(state)
                    place = coins
                    while place < stop:
                        state = advance(state)
                        bits = mix(state)
                        edge = edges[place]
                        stage[staged] = up | (edge & _LOW)
                        staged += np.uint64((bits & _HIGH) <= edge)
                        here = place + np.uint64(1)
                        edge = edges[here]
                        stage[staged] = up | (edge & _LOW)
                        staged += np.uint64((bits << _HALF_WORD) <= edge) & np.uint64(here < stop)
                        state = advance(state)
                        bits = mix(state)
                        here = place + np.uint64(2)
                        edge = edges[here]
                        stage[staged] = up | (edge & _LOW)
                        staged += np.uint64((bits & _HIGH) <= edge) & np.uint64(here < stop)
                        here = place + np.uint64(3)
                        edge = edges[here]
                        stage[staged] = up | (edge & _LOW)
                        staged += np.uint64((bits << _HALF_WORD) <= edge) & np.uint64(here < stop)
                        place += np.uint64(4)
                tail = _join(stage, np.int64(staged), node, parent, base, tail, active)
            for member in range(last, tail):
                time[member] = step
            first = last
        for i in range(base, tail):
            active[np.uint64(node[i])] = 0
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
        active: 0 everywhere, before and after, uint8 [node].
        node: Who became active, in order; it holds nodes from the beginning on, whichever [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: Step at which it became active [member].
        size: Members of each run, [run].
    """
    nodes, room, base = len(active), len(node), 0
    for run in range(begin, end):
        if room - base <= nodes + HEADER_AHEAD:
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
            prefetch(indptr, np.int64(node[head + HEADER_AHEAD]))  # type: ignore[call-arg]
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
        active: 0 everywhere, before and after, uint8 [node].
        node: Who became active, in order; it holds nodes from the beginning on, whichever [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: Step at which it became active [member].
        size: Members of each run, [run].
    """
    nodes, room, base = len(active), len(node), 0
    for run in range(begin, end):
        if room - base <= nodes + HEADER_AHEAD:
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
                tail += int(succeeds)
                active[v] |= np.uint8(succeeds)
            head += 1
        for i in range(base, tail):
            active[node[i]] = 0
        size[run - begin] = tail - base
        base = tail
    return end - begin


SKIP_BELOW = 0.1
"""Edges less likely than this may be skipped to; others get a coin each."""
_COIN, _ROW, _SUCCESS = 2.0, 20.0, 25.0
"""Nanoseconds of a coin, of beginning to skip in a row, and of a success found so; only their ratios matter."""
_FINEST = 2.0**-16
"""Rarer edges never get a coin: its 32 bits would round their chance by more than 1 in 100,000."""


@numba.njit(cache=True)
def lay_rows(indptr, target, probability, hazard, header, edges, total_hazard):  # type: ignore[no-untyped-def]
    """Puts every row's edges in ascending order of probability and decides which are skipped to.

    Args:
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        probability: Chance of each edge, [edge].
        hazard: -log(1 - p), float64 [edge].
        header: Written, see `mixed_runs`, but for the hazards.
        edges: Written, see `mixed_runs`.
        total_hazard: Written: hazard of each row's first part, float32 [node].
    """
    for u in range(len(indptr) - 1):
        begin, end = indptr[u], indptr[u + 1]
        order = begin + np.argsort(probability[begin:end], kind="mergesort")
        rare, finest, chance = 0, 0, 0.0
        for i in range(end - begin):
            p = np.float64(probability[order[i]])
            chance_bits = np.uint64(max(p * 2.0**32 - 0.5, 0.0))
            edges[begin + i] = (chance_bits << _HALF_WORD) | np.uint64(target[order[i]])
            if p < SKIP_BELOW:
                rare += 1
                chance += p
            if p < _FINEST:
                finest += 1
        if _COIN * rare < _ROW + _SUCCESS * chance:
            rare = finest
        total = 0.0
        for i in range(rare):
            total += hazard[order[i]]
            hazard_bits = np.uint64(bits32(np.float32(total)))  # type: ignore[call-arg]
            edges[begin + i] = (hazard_bits << _HALF_WORD) | (edges[begin + i] & _LOW)
        header[u, 0], header[u, 1], header[u, 2] = begin, begin + rare, end
        total_hazard[u] = np.float32(total)

"""Independent cascade, one chance per edge: where successes are rare, the next is found without asking failures.

An edge of probability p is a stretch of length -log(1 - p) on a line on which all edges that get their chance are laid
one after the other; successes are the stretches that a Poisson process of rate 1 hits. So one exponential number leads
to the next success, however many edges lie between, across rows as well: what is left of it at the end of a row still
is an exponential number. (The idea of geometric skips, as in SUBSIM, Guo et al., SIGMOD 2020, for probabilities that
differ.) Where successes are not rare, edges get a coin each, eight at a time; where that holds for nearly all rows,
`coin_cascade_kernel` needs less memory and less time.
"""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.coin_cascade_kernel import HEADER_AHEAD, PART, ROW_AHEAD, SUCCESS_AHEAD
from graphsocial.diffusion.eight_coins import FIRST_LANES, LANES, count_bits, eight_coins, offset_of, set_down
from graphsocial.diffusion.float_bits import float32_of
from graphsocial.diffusion.random_stream_kernel import coin, exponential, stream_of
from graphsocial.graph.prefetch import prefetch

_ZERO, _ONE, _LANES = np.uint64(0), np.uint64(1), np.uint64(LANES)
_HALF_WORD = np.uint64(32)
_EVERY_BYTE = np.uint64(0x0101010101010101)


@numba.njit(cache=True, nogil=True)
def mixed_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, horizon, header, value, order, target, stage, by, active, node, parent, time, size
):
    """Runs `begin` to `end`, member after member; stops before a run that might not fit.

    A row has two parts: edges that are skipped to, with hazards summed up from the row's beginning, ascending; edges
    with a coin each. Which edges succeed is collected first, and whom they reach joined afterwards, so that neither
    loop waits for the other.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        horizon: Nothing happens after this step.
        header: First entry, first entry with a coin, end, bits of the hazard of the first part, int32 [node, 4].
        value: Summed hazard, or chance, float32 [edge + LANES].
        order: Which of its row's edges an entry is, [edge].
        target: Whom each edge reaches, [edge].
        stage: Scratch, uint32 [PART * longest row + LANES + SUCCESS_AHEAD]; it holds entries from the beginning on,
            whichever.
        by: Scratch, uint8, as long.
        active: 0 everywhere, before and after, uint8 [node].
        node: Who became active, in order; it holds nodes from the beginning on, whichever [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: Step at which it became active [member].
        size: Members of each run, [run].

    Returns:
        Number of runs done.
    """
    room, base = np.uint64(len(node)), _ZERO
    most = np.uint64(len(active) + HEADER_AHEAD)
    for run in range(begin, end):
        if room - base <= most:
            return run - begin
        stream = stream_of(key, run)
        low_key, high_key, offset = np.uint32(stream), np.uint32(stream >> _HALF_WORD), offset_of(stream)
        state, left = exponential(stream)
        tail = base
        for s in range(len(seeds)):
            node[tail], parent[tail], time[tail] = seeds[s], -1, 0
            active[np.uint64(seeds[s])] = 1
            tail += _ONE
        first, step = base, 0
        while first < tail and step < horizon:
            last = tail
            step += 1
            for part in range(first, last, np.uint64(PART)):
                staged = _ZERO
                for member in range(part, min(part + np.uint64(PART), last)):
                    prefetch(header, 4 * np.int64(node[member + np.uint64(HEADER_AHEAD)]))  # type: ignore[call-arg]
                    row = np.int64(header[np.uint64(node[member + np.uint64(ROW_AHEAD)]), 0])
                    prefetch(value, row)  # type: ignore[call-arg]
                    u = np.uint64(node[member])
                    place, coins = np.uint64(header[u, 0]), np.uint64(header[u, 1])
                    stop = np.uint64(header[u, 2])
                    by_member = np.uint8(member - part)
                    if place < coins:
                        total = np.float64(float32_of(header[u, 3]))  # type: ignore[call-arg]
                        if left > total:
                            left -= total
                        else:
                            past = 0.0
                            while True:
                                goal = np.float32(past + left)
                                rest = coins - place
                                while rest > _LANES:
                                    half = rest >> _ONE
                                    above = value[place + half] <= goal
                                    place = place + half + _ONE if above else place
                                    rest = rest - half - _ONE if above else half
                                skipped = _ZERO
                                for k in range(8):
                                    skipped += np.uint64((value[place + np.uint64(k)] <= goal) & (np.uint64(k) < rest))
                                place += skipped
                                if place >= coins:
                                    left = max(left - (total - past), 0.0)
                                    break
                                past = np.float64(value[place])
                                stage[staged], by[staged] = place, by_member
                                staged += _ONE
                                place += _ONE
                                state, left = exponential(state)
                    place = coins
                    who = (member - part) * _EVERY_BYTE
                    while place < stop:
                        chosen = np.uint32(eight_coins(value, place, place, offset, low_key, high_key))  # type: ignore[call-arg]
                        rest = stop - place
                        chosen = np.uint32(chosen & np.uint32((_ONE << rest) - _ONE)) if rest < _LANES else chosen
                        set_down(stage, by, staged, FIRST_LANES, np.uint64(chosen), place, who)  # type: ignore[call-arg]
                        staged += count_bits(chosen)  # type: ignore[call-arg]
                        place += _LANES
                for i in range(staged):
                    prefetch(order, np.int64(stage[i + np.uint64(SUCCESS_AHEAD)]))  # type: ignore[call-arg]
                    who = part + np.uint64(by[i])
                    edge = np.uint64(header[np.uint64(node[who]), 0]) + np.uint64(order[stage[i]])
                    stage[i] = target[edge]
                for i in range(staged):
                    v = np.uint64(stage[i])
                    node[tail], parent[tail] = v, part - base + np.uint64(by[i])
                    tail += _ONE - np.uint64(active[v])
                    active[v] = 1
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
_COINS, _ROW, _SKIPS, _SUCCESS = 4.5, 4.0, 10.0, 150.0
"""Nanoseconds of eight coins, of a row of two parts, of beginning to skip in it, and of a success found so; only their
ratios matter."""


@numba.njit
def _split(probability):  # type: ignore[no-untyped-def]
    """How many of a row's edges are skipped to, and about how many nanoseconds that saves."""
    rare, chance = 0, 0.0
    for p in probability:
        if p < SKIP_BELOW:
            rare += 1
            chance += p
    coins = -(-len(probability) // LANES) - -(-(len(probability) - rare) // LANES)
    saved = _COINS * coins - _SKIPS - _SUCCESS * chance
    return (rare, saved) if saved > 0 else (0, 0.0)


@numba.njit(cache=True)
def skips_pay(indptr, target, probability):  # type: ignore[no-untyped-def]
    """Whether runs are faster if rows have two parts than if each edge gets a coin.

    Rows count as often as edges reach their node, and once more for a seed.

    Args:
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        probability: Chance of each edge, [edge].
    """
    often = np.ones(len(indptr) - 1)
    for v in target:
        often[v] += 1
    saved = 0.0
    for u in range(len(indptr) - 1):
        if indptr[u + 1] > indptr[u]:
            saved += often[u] * (_split(probability[indptr[u] : indptr[u + 1]])[1] - _ROW)
    return saved > 0


@numba.njit(cache=True)
def lay_rows(indptr, probability, hazard, header, value, order, total_hazard):  # type: ignore[no-untyped-def]
    """Puts every row's edges in ascending order of probability and decides which are skipped to.

    Args:
        indptr: First edge of each row, [node + 1].
        probability: Chance of each edge, [edge].
        hazard: -log(1 - p), float64 [edge].
        header: Written, see `mixed_runs`, but for the hazards.
        value: Written, see `mixed_runs`.
        order: Written, see `mixed_runs`.
        total_hazard: Written: hazard of each row's first part, float32 [node].
    """
    for u in range(len(indptr) - 1):
        begin, end = indptr[u], indptr[u + 1]
        ascending = np.argsort(probability[begin:end], kind="mergesort")
        rare = _split(probability[begin:end])[0]
        total = 0.0
        for i in range(end - begin):
            edge = begin + ascending[i]
            order[begin + i] = ascending[i]
            if i < rare:
                total += hazard[edge]
            value[begin + i] = total if i < rare else probability[edge]
        header[u, 0], header[u, 1], header[u, 2] = begin, begin + rare, end
        total_hazard[u] = np.float32(total)

"""Independent cascade with a coin for each edge, eight at a time, straight from the graph's own arrays.

Two loops take turns, so that neither waits for the other: one tosses the coins of some members' rows and sets down
which edges succeed, without a branch on how a coin falls; the other looks whether whom they reach is active.
"""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.eight_coins import FIRST_LANES, LANES, count_bits, eight_coins, offset_of, set_down
from graphsocial.diffusion.random_stream_kernel import stream_of
from graphsocial.graph.prefetch import prefetch

HEADER_AHEAD = 16
ROW_AHEAD = 8
"""Members whose place in `indptr`, and whose row, is asked for before it is read."""

SUCCESS_AHEAD = 32
"""Successes whose target's mark is asked for before it is read; a stage has this many entries to spare."""

PART = 64
"""Members whose successes are collected before they are looked at, at most 256."""

_ZERO, _ONE, _LANES = np.uint64(0), np.uint64(1), np.uint64(LANES)
_HALF_WORD = np.uint64(32)
_EVERY_BYTE = np.uint64(0x0101010101010101)


@numba.njit(cache=True, nogil=True)
def coin_runs(  # type: ignore[no-untyped-def]
    begin, end, key, seeds, horizon, indptr, target, chance, stage, by, active, node, parent, time, size
):
    """Runs `begin` to `end`, member after member; stops before a run that might not fit.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        horizon: Nothing happens after this step.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        chance: Chance of each edge, float32 [edge + LANES].
        stage: Scratch, uint32 [PART * longest row + LANES + SUCCESS_AHEAD]; it holds edges from the beginning on,
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
        tail = base
        for s in range(len(seeds)):
            node[tail], parent[tail], time[tail] = seeds[s], -1, 0
            active[np.uint64(seeds[s])] = 1
            tail += _ONE
        first, step = base, np.int32(0)
        while first < tail and step < horizon:
            last = tail
            step += np.int32(1)
            for part in range(first, last, np.uint64(PART)):
                staged = _ZERO
                for member in range(part, min(part + np.uint64(PART), last)):
                    prefetch(indptr, np.int64(node[member + np.uint64(HEADER_AHEAD)]))  # type: ignore[call-arg]
                    row = indptr[np.uint64(node[member + np.uint64(ROW_AHEAD)])]
                    prefetch(chance, np.int64(row))  # type: ignore[call-arg]
                    u = np.uint64(node[member])
                    place, stop = np.uint64(indptr[u]), np.uint64(indptr[u + _ONE])
                    who = (member - part) * _EVERY_BYTE
                    while place < stop:
                        chosen = np.uint32(eight_coins(chance, place, place, offset, low_key, high_key))  # type: ignore[call-arg]
                        rest = stop - place
                        chosen = np.uint32(chosen & np.uint32((_ONE << rest) - _ONE)) if rest < _LANES else chosen
                        set_down(stage, by, staged, FIRST_LANES, np.uint64(chosen), place, who)  # type: ignore[call-arg]
                        staged += count_bits(chosen)  # type: ignore[call-arg]
                        place += _LANES
                for i in range(staged):
                    prefetch(active, np.int64(target[stage[i + np.uint64(SUCCESS_AHEAD)]]))  # type: ignore[call-arg]
                    v = np.uint64(target[stage[i]])
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

"""Linear threshold without sums: each node of a run listens to at most one of its edges.

With thresholds uniform on [0, 1] and edges that weigh a, b, c into a node, the first crosses the threshold with chance
a, the second b, the third c, whoever else is active; so let each node draw one number and listen to the one edge whose
stretch of the line that number falls on (Kempe, Kleinberg and Tardos, KDD 2003, Theorem 2.5: the active sets of every
step, and who crossed, have the same distribution). Nothing is kept per node, so nothing has to be fetched or cleared.
"""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.eight_draws import LANES, eight_draws, lowest_bit
from graphsocial.diffusion.influence import TOLERANCE
from graphsocial.diffusion.random_stream_kernel import stream_of
from graphsocial.graph.prefetch import prefetch

HEADER_AHEAD = 16
ROW_AHEAD = 8
"""Members of the queue whose header, and whose row, is asked for before it is read."""

LINE = 2.0**31
"""Length of a node's line."""

_ONE, _LANES = np.uint64(1), np.uint64(LANES)


@numba.njit(cache=True, nogil=True)
def threshold_runs(  # type: ignore[no-untyped-def]
    begin,
    end,
    key,
    seeds,
    horizon,
    indptr,
    target,
    last_target,
    first,
    length,
    is_seed,
    node,
    parent,
    time,
    size,
):
    """Runs `begin` to `end`, member after member; stops before a run that might not fit.

    Args:
        begin: First run.
        end: One past the last run.
        key: Key of the streams.
        seeds: Distinct nodes, [seed].
        horizon: Nothing happens after this step.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, int32 [edge].
        last_target: The last entries of `target`, at most LANES, and LANES more, int32.
        first: Where each edge's stretch begins, uint32 [edge + LANES].
        length: How long it is, uint32 [edge + LANES].
        is_seed: 1 for seeds, int8 [node].
        node: Who became active, in order [member].
        parent: Position within the run of the member it came from, -1 for seeds [member].
        time: Step at which it became active [member].
        size: Members of each run, [run].

    Returns:
        Number of runs done.
    """
    nodes, room, base = len(is_seed), len(node), 0
    edges = np.uint64(len(target))
    before_last = edges - np.uint64(len(last_target)) + _LANES
    for run in range(begin, end):
        if room - base < nodes + 1:
            return run - begin
        stream = stream_of(key, run)
        low_key, high_key = np.uint32(stream), np.uint32(stream >> np.uint64(32))
        tail = base
        for s in range(len(seeds)):
            node[tail], parent[tail], time[tail] = seeds[s], -1, 0
            tail += 1
        head = base
        while head < tail and time[head] < horizon:
            if head + HEADER_AHEAD < tail:
                prefetch(indptr, np.int64(node[head + HEADER_AHEAD]))  # type: ignore[call-arg]
                row = np.int64(indptr[node[head + ROW_AHEAD]])
                prefetch(target, row)  # type: ignore[call-arg]
                prefetch(first, row)  # type: ignore[call-arg]
                prefetch(length, row)  # type: ignore[call-arg]
            u, now = np.uint64(node[head]), time[head] + 1
            place, stop = np.uint64(indptr[u]), np.uint64(indptr[u + _ONE])
            while place < stop:
                near_end = place + _LANES > edges
                whom = last_target if near_end else target
                at = place - before_last if near_end else place
                falls = np.uint32(eight_draws(whom, at, first, length, place, low_key, high_key))  # type: ignore[call-arg]
                if stop - place < _LANES:
                    falls = np.uint32(falls & np.uint32((_ONE << (stop - place)) - _ONE))
                while falls:
                    v = target[place + lowest_bit(falls)]
                    falls = np.uint32(falls & np.uint32(falls - np.uint32(1)))
                    if is_seed[np.uint64(v)] == 0:
                        node[tail], parent[tail], time[tail] = v, head - base, now
                        tail += 1
                place += _LANES
            head += 1
        size[run - begin] = tail - base
        base = tail
    return end - begin


@numba.njit(cache=True)
def lay_stretches(target, weight, nodes, first, length):  # type: ignore[no-untyped-def]
    """Lays the edges into each node one after the other on a line of length 2**31.

    Args:
        target: Whom each edge reaches, [edge].
        weight: Weight of each edge, [edge].
        nodes: Number of nodes.
        first: Written: where each edge's stretch begins, uint32 [edge + LANES].
        length: Written: how long it is, uint32 [edge + LANES].
    """
    total, past = np.zeros(nodes), np.zeros(nodes)
    for edge in range(len(target)):
        total[target[edge]] += weight[edge]
    for edge in range(len(target)):
        v = target[edge]
        whole = total[v] if abs(total[v] - 1.0) <= TOLERANCE else 1.0
        begin = np.int64(past[v] / whole * LINE + 0.5)
        past[v] += weight[edge]
        first[edge] = begin
        length[edge] = np.int64(past[v] / whole * LINE + 0.5) - begin

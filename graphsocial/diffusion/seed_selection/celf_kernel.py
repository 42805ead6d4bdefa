"""Spread from added seeds over sampled graphs that are never stored."""

from __future__ import annotations

import numba

from graphsocial.diffusion.random_stream_kernel import coin, stream_of


@numba.njit(cache=True, nogil=True)
def added_reach(  # type: ignore[no-untyped-def]
    begin, end, nodes, key, samples, deadline, indptr, target, item, low, high, reached, gain, queue, mark
):
    """How many nodes each of some nodes adds to those reached already, summed over the sampled graphs.

    Args:
        begin: First of the nodes to do.
        end: One past the last.
        nodes: Nodes to add, each alone, [candidate].
        key: Key of the streams.
        samples: Number of sampled graphs.
        deadline: Most steps; number of nodes: nothing is late.
        indptr: First edge of each row, [node + 1].
        target: Whom each edge reaches, [edge].
        item: Whose coin decides, [edge].
        low: Live from this coin on, [edge].
        high: And below this, [edge].
        reached: Steps in which a node is reached already, deadline + 1 where it is not; where nothing is late, 0 and 1
            [sample, node].
        gain: Written: nodes added, int64 [candidate].
        queue: Scratch, [node].
        mark: Scratch, zeros before and after, int8 [node].
    """
    for c in range(begin, end):
        added = 0
        for i in range(samples):
            added += _spread_from(
                nodes[c], i, key, deadline, indptr, target, item, low, high, reached, queue, mark, False
            )
        gain[c] = added


@numba.njit(cache=True, nogil=True)
def add_seed(  # type: ignore[no-untyped-def]
    seed, key, samples, deadline, indptr, target, item, low, high, reached, queue, mark
):
    """Writes whom a new seed reaches, and earlier than before, to `reached`; arguments as in `added_reach`."""
    for i in range(samples):
        _spread_from(seed, i, key, deadline, indptr, target, item, low, high, reached, queue, mark, True)


@numba.njit(inline="always")
def _spread_from(  # type: ignore[no-untyped-def]
    seed, i, key, deadline, indptr, target, item, low, high, reached, queue, mark, keep
):
    """Walks on through nodes that are reached earlier than before; counts those that were not reached at all."""
    if reached[i, seed] == 0:
        return 0
    timed = deadline < len(mark)
    unreached = deadline + 1 if timed else 1
    stream = stream_of(key, i)
    queue[0], mark[seed] = seed, 1
    head, tail, level, level_end, added = 0, 1, 0, 1, 0
    while head < tail:
        if head == level_end:
            level += 1
            level_end = tail
        u = queue[head]
        head += 1
        added += reached[i, u] == unreached
        if keep:
            reached[i, u] = level if timed else 0
        if level >= deadline:
            continue
        soon = level + 1 if timed else 0
        for edge in range(indptr[u], indptr[u + 1]):
            v = target[edge]
            if mark[v] == 0 and reached[i, v] > soon:
                x = coin(stream, item[edge])
                if low[edge] <= x < high[edge]:
                    queue[tail], mark[v] = v, 1
                    tail += 1
    for j in range(tail):
        mark[queue[j]] = 0
    return added

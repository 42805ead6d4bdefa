"""Compiled breadth-first searches: one that keeps the order of discovery, and one from 64 sources at a time."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.graph.kernels import jit

LANES = 64
"""Sources of one pass of `spread`, one bit each."""


@jit
def breadth_first(source, limit, first, last, neighbour, distance, parent, order):  # type: ignore[no-untyped-def]
    """Finds the nodes within `limit` steps of any source, in the order a queue finds them.

    Args:
        source: Distinct nodes, [source].
        limit: Most steps.
        first: First entry of each node's row, [node].
        last: One past the last entry of each node's row, [node].
        neighbour: Nodes, [entry].
        distance: -1 everywhere; output, steps from the nearest source, [node].
        parent: Output, node that a found one was found from, the sources' is -1, [node].
        order: Output, nodes as they are found, [node].

    Returns:
        How many nodes were found.
    """
    for i in range(len(source)):
        distance[source[i]], parent[source[i]], order[i] = 0, -1, source[i]
    done, count = 0, len(source)
    while done < count < len(first):
        here = order[done]
        done += 1
        step = distance[here] + 1
        if step > limit:
            break
        for j in range(first[here], last[here]):
            other = neighbour[j]
            if distance[other] < 0:
                distance[other], parent[other], order[count] = step, here, other
                count += 1
    return count


@numba.njit(inline="always")
def _bits(word):  # type: ignore[no-untyped-def]
    """Number of bits that are set."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@jit
def spread(begin, end, source, first, last, neighbour, reached, total, inverse, height):  # type: ignore[no-untyped-def]
    """Adds up, at every node, its distances from each of the sources `begin` to `end` that reach it.

    Sixty-four searches share one pass over the rows (Then et al. 2014, "The more the merrier: efficient multi-source
    graph traversal", PVLDB 8): a word holds which of them are at a node.

    Args:
        begin: First source to do.
        end: One past the last source to do.
        source: Distinct nodes, [source].
        first: First entry of each node's row, [node].
        last: One past the last entry of each node's row, [node].
        neighbour: Nodes, [entry].
        reached: Output, added to: sources that reach the node, itself included where it is one, int64 [node].
        total: Output, added to: sum of their distances to it, int64 [node].
        inverse: Output, added to: sum of one over each distance of at least 1, float64 [node].
        height: Output: largest distance from the source, int64 [source].
    """
    count = len(first)
    # per node: searches that have been here, that are here now, that arrive next; together, as they are read together
    state = np.zeros((count, 3), dtype=np.uint64)
    now, then = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    for low in range(begin, end, LANES):
        high = min(low + LANES, end)
        state[:] = 0
        here = 0
        for i in range(low, high):
            bit = np.uint64(1) << np.uint64(i - low)
            v = source[i]
            state[v, 0], state[v, 1] = bit, bit
            reached[v] += 1
            height[i] = 0
            now[here] = v
            here += 1
        step = 0
        while here:
            step += 1
            there, arriving = 0, np.uint64(0)
            for i in range(here):
                v = now[i]
                moving = state[v, 1]
                for j in range(first[v], last[v]):
                    w = neighbour[j]
                    new = moving & ~state[w, 0]
                    if new:
                        if not state[w, 2]:
                            then[there] = w
                            there += 1
                        state[w, 2] |= new
            for i in range(here):
                state[now[i], 1] = 0
            for i in range(there):
                w = then[i]
                new = state[w, 2]
                state[w, 0] |= new
                state[w, 1], state[w, 2] = new, 0
                arrived = _bits(new)
                reached[w] += arrived
                total[w] += step * arrived
                arriving |= new
                inverse[w] += arrived / step
            for i in range(low, high):
                if arriving >> np.uint64(i - low) & np.uint64(1):
                    height[i] = step
            now, then = then, now
            here = there

"""Greedy choice of seeds by the walks of at most two edges that begin at them."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.seed_selection.rank_heap_kernel import make_heap, sink


@numba.njit(inline="always")
def _worth(u, indptr, target, chance, left, ahead):  # type: ignore[no-untyped-def]
    """Walks expected from u, where going on to v counts `ahead[v]`."""
    walks = 1.0
    for edge in range(indptr[u], indptr[u + 1]):
        walks += chance[edge] * ahead[target[edge]]
    return walks * left[u]


@numba.njit(cache=True, nogil=True)
def expected_walks(indptr, target, chance, hops):  # type: ignore[no-untyped-def]
    """Walks expected from each node, [node], that of no edge included; and those of one edge less.

    Args:
        indptr: First edge of each node, [node + 1].
        target: Who is reached, [edge].
        chance: Of each edge, [edge].
        hops: Edges of the longest walk that counts.
    """
    nodes = len(indptr) - 1
    left, ahead, worth = np.ones(nodes), np.zeros(nodes), np.ones(nodes)
    for hop in range(hops):
        ahead[:] = worth
        for u in range(nodes):
            if hop == 0:  # all counts ahead are 1 and need not be looked up
                for edge in range(indptr[u], indptr[u + 1]):
                    worth[u] += chance[edge]
            else:
                worth[u] = _worth(u, indptr, target, chance, left, ahead)
    return worth, ahead


@numba.njit(inline="always")
def _heap_of(allowed, worth, least):  # type: ignore[no-untyped-def]
    heap = np.flatnonzero(allowed & (worth >= least))
    make_heap(heap, worth)
    return heap


@numba.njit(cache=True, nogil=True)
def discounted_choice(indptr, target, chance, worth, ahead, least, allowed, chosen):  # type: ignore[no-untyped-def]
    """Takes again and again the node of most worth; worths only fall, so that those looked up before are bounds.

    Args:
        indptr: First edge of each node, [node + 1].
        target: Who is reached, [edge].
        chance: Of each edge, [edge].
        worth: Walks expected from each node, changed on the way [node].
        ahead: What each node counts for those that reach it, changed on the way [node].
        least: Nodes of less worth are not looked at before the best has fallen to it, which decides time alone.
        allowed: Whether a node may be chosen, changed on the way, bool [node].
        chosen: Written: nodes in the order taken, at most as many as are allowed [k].
    """
    left, looked_up = np.ones(len(worth)), np.zeros(len(worth), dtype=np.int64)
    heap = _heap_of(allowed, worth, least)
    length = len(heap)
    for step in range(len(chosen)):
        while True:
            if length == 0 or worth[heap[0]] < least:
                least = -np.inf
                heap = _heap_of(allowed, worth, least)
                length = len(heap)
            u = heap[0]
            if looked_up[u] == step:
                break
            looked_up[u] = step
            worth[u] = _worth(u, indptr, target, chance, left, ahead)
            sink(heap, 0, length, worth)
        chosen[step], allowed[u] = u, False
        left[u], ahead[u] = 0.0, 0.0
        for edge in range(indptr[u], indptr[u + 1]):
            left[target[edge]] *= 1.0 - chance[edge]
            ahead[target[edge]] *= 1.0 - chance[edge]
        length -= 1
        heap[0] = heap[length]
        sink(heap, 0, length, worth)

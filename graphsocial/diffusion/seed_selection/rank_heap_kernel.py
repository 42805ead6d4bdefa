"""A heap of nodes, the one of highest rank first; of equal ranks the first node."""

from __future__ import annotations

import numba


@numba.njit(inline="always")
def ahead(a, b, rank):  # type: ignore[no-untyped-def]
    """Whether node a comes before node b."""
    return rank[a] > rank[b] or (rank[a] == rank[b] and a < b)


@numba.njit(inline="always")
def sink(heap, place, length, rank):  # type: ignore[no-untyped-def]
    """Moves one entry of a heap down to where it belongs."""
    v = heap[place]
    while 2 * place + 1 < length:
        below = 2 * place + 1
        if below + 1 < length and ahead(heap[below + 1], heap[below], rank):
            below += 1
        if not ahead(heap[below], v, rank):
            break
        heap[place] = heap[below]
        place = below
    heap[place] = v


@numba.njit(inline="always")
def make_heap(heap, rank):  # type: ignore[no-untyped-def]
    """Orders nodes as a heap."""
    for place in range(len(heap) // 2 - 1, -1, -1):
        sink(heap, place, len(heap), rank)

"""Triangles over plain rows of neighbours."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from graphsocial.graph.kernels import jit
from graphsocial.graph.prefetch import prefetch
from graphsocial.graph.threads import default_threads

_AHEAD = 8
"""Rows between one that is read and the one that is asked for: about a memory access's time."""

_CHUNK = 1_000_000
"""Fewest edges worth a thread of their own."""


def triangle_counts(
    first: np.ndarray, last: np.ndarray, neighbour: np.ndarray, threads: int | None = None
) -> np.ndarray:
    """Triangles through every node, int64 [node], from rows of distinct neighbours in both directions, without loops.

    Every edge is kept at its end of smaller degree, so that no row is longer than the root of twice the edges; a row's
    nodes are marked and looked up from the rows of its members (Latapy 2008, "Main-memory triangle computations for
    very large (sparse (power-law)) graphs").

    Args:
        first: First entry of each node's row, int64 [node].
        last: One past the last entry of each node's row, int64 [node].
        neighbour: Distinct neighbours, int32 or int64 [entry].
        threads: At most this many, None for one per core; the result does not depend on it.
    """
    rank, indptr, later = forward_rows(first, last, neighbour)
    parts = min(default_threads() if threads is None else threads, max(len(later) // _CHUNK, 1))
    bounds = np.searchsorted(indptr, np.linspace(0, len(later), parts + 1)[1:-1])
    bounds = np.concatenate([[0], bounds, [len(first)]])
    if parts <= 1:
        return count_forward(0, len(first), indptr, later)[rank]
    with ThreadPoolExecutor(parts) as pool:
        counts = pool.map(lambda p: count_forward(bounds[p], bounds[p + 1], indptr, later), range(parts))
        return sum(counts)[rank]  # type: ignore[index]


@jit
def forward_rows(first, last, neighbour):  # type: ignore[no-untyped-def]
    """Rank of each node by degree, [node]; rows of the neighbours that rank higher, by rank, [rank + 1] and [edge]."""
    count = len(first)
    largest = 0
    for v in range(count):
        largest = max(largest, last[v] - first[v])
    slot = np.zeros(largest + 2, dtype=np.int64)
    for v in range(count):
        slot[last[v] - first[v] + 1] += 1
    for d in range(largest + 1):
        slot[d + 1] += slot[d]
    rank = np.empty(count, dtype=neighbour.dtype)
    node = np.empty(count, dtype=neighbour.dtype)
    for v in range(count):
        rank[v] = slot[last[v] - first[v]]
        node[rank[v]] = v
        slot[last[v] - first[v]] += 1
    entries = 0
    for v in range(count):
        entries += last[v] - first[v]
    indptr = np.zeros(count + 1, dtype=np.int64)
    later = np.empty(entries // 2, dtype=neighbour.dtype)
    filled = 0
    for r in range(count):
        v = node[r]
        for j in range(first[v], last[v]):
            other = rank[np.uint64(neighbour[j])]
            if other > r:
                later[filled] = other
                filled += 1
        indptr[r + 1] = filled
    return rank, indptr, later


@jit
def count_forward(begin, end, indptr, later):  # type: ignore[no-untyped-def]
    """Triangles through every node whose lowest corner ranks in `[begin, end)`, int64 [rank]."""
    count = len(indptr) - 1
    found = np.zeros(count, dtype=np.int64)
    mark = np.zeros(count, dtype=np.bool_)
    for u in range(begin, end):
        low, high = indptr[u], indptr[u + 1]
        if high - low < 2:
            continue
        for j in range(low, high):
            mark[np.uint64(later[j])] = True
        for j in range(low, high):
            if j + _AHEAD < len(later):  # rows lie anywhere in memory: half the time would be spent waiting
                coming = indptr[np.uint64(later[j + _AHEAD])]
                prefetch(later, coming)  # type: ignore[call-arg]
                prefetch(later, coming + 16)  # type: ignore[call-arg]
            v = np.uint64(later[j])
            through = 0
            for k in range(indptr[v], indptr[v + np.uint64(1)]):
                w = np.uint64(later[k])
                if mark[w]:
                    found[w] += 1
                    through += 1
            found[v] += through
            found[u] += through
        for j in range(low, high):
            mark[np.uint64(later[j])] = False
    return found

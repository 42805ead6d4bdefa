"""Compiled counts over signed pairs."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def signed_triangles(indptr, neighbour, pair, negative):  # type: ignore[no-untyped-def]
    """Counts triangles by their negative pairs; every pair stands in one row, that of its end of lower rank.

    Returns:
        Triangles with 0, 1, 2 and 3 negative pairs, int64 [4]; triangles that each pair is in, int64 [pair]; triangles
        with an odd number of negative pairs that share no pair, taken as they come.
    """
    kinds = np.zeros(4, dtype=np.int64)
    per_pair = np.zeros(len(negative), dtype=np.int64)
    used = np.zeros(len(negative), dtype=np.bool_)
    nodes = len(indptr) - 1
    owner, reached_by = np.full(nodes, -1, dtype=np.int64), np.empty(nodes, dtype=np.int64)
    apart = 0
    for u in range(nodes):
        for i in range(indptr[u], indptr[u + 1]):
            owner[neighbour[i]], reached_by[neighbour[i]] = u, pair[i]
        for i in range(indptr[u], indptr[u + 1]):
            v, a = neighbour[i], pair[i]
            for j in range(indptr[v], indptr[v + 1]):
                if owner[neighbour[j]] != u:
                    continue
                b, c = pair[j], reached_by[neighbour[j]]
                count = np.int64(negative[a]) + np.int64(negative[b]) + np.int64(negative[c])
                kinds[count] += 1
                per_pair[a] += 1
                per_pair[b] += 1
                per_pair[c] += 1
                if count % 2 == 1 and not (used[a] or used[b] or used[c]):
                    used[a], used[b], used[c] = True, True, True
                    apart += 1
    return kinds, per_pair, apart


@jit
def two_sides(indptr, neighbour, pair, negative):  # type: ignore[no-untyped-def]
    """Splits nodes into two sides, moving one as long as that helps; every pair stands in the rows of both its ends.

    Returns:
        Pairs at odds with the split: positive ones across it, negative ones within a side.
    """
    nodes = len(indptr) - 1
    side = np.zeros(nodes, dtype=np.bool_)
    waiting, queue = np.ones(nodes, dtype=np.bool_), np.arange(nodes)
    begin, count = 0, nodes
    while count > 0:
        node = queue[begin]
        begin = (begin + 1) % nodes
        count -= 1
        waiting[node] = False
        odds = 0  # pairs at odds minus pairs in order
        for i in range(indptr[node], indptr[node + 1]):
            odds += 1 if (side[node] != side[neighbour[i]]) != negative[pair[i]] else -1
        if odds > 0:
            side[node] = not side[node]
            for i in range(indptr[node], indptr[node + 1]):
                if not waiting[neighbour[i]]:
                    waiting[neighbour[i]] = True
                    queue[(begin + count) % nodes] = neighbour[i]
                    count += 1
    at_odds = 0
    for node in range(nodes):
        for i in range(indptr[node], indptr[node + 1]):
            if node < neighbour[i] and (side[node] != side[neighbour[i]]) != negative[pair[i]]:
                at_odds += 1
    return at_odds

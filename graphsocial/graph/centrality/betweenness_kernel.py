"""Dependencies of nodes on each other's shortest paths, over plain rows of neighbours."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from graphsocial.graph.kernels import jit
from graphsocial.graph.threads import default_threads

LANES = 8
"""Searches that share one pass over the rows: their path counts fill a cache line."""

_BLOCK = 64
"""Pivots that are added up together; sums over blocks are taken in order, whichever thread did them."""


def dependency_sums(
    first: np.ndarray, last: np.ndarray, neighbour: np.ndarray, pivot: np.ndarray, threads: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Sum and sum of squares over the pivots of each one's dependency on every node, float64 [node] each.

    A pivot depends on a node as many times as there are other nodes whose shortest paths from the pivot lead through
    it, ties shared (Brandes 2001, "A faster algorithm for betweenness centrality").

    Args:
        first: First entry of each node's row, int64 [node].
        last: One past the last entry of each node's row, int64 [node].
        neighbour: Distinct nodes that a step leads to, int32 or int64 [entry].
        pivot: Nodes that paths start from, int64 [pivot].
        threads: At most this many, None for one per core; the result does not depend on it.
    """
    blocks = [pivot[i : i + _BLOCK] for i in range(0, len(pivot), _BLOCK)]
    total, square = np.zeros(len(first)), np.zeros(len(first))
    parts = max(min(default_threads() if threads is None else threads, len(blocks)), 1)
    with ThreadPoolExecutor(parts) as pool:
        for i in range(0, len(blocks), parts):
            for sums in pool.map(lambda block: dependencies(block, first, last, neighbour), blocks[i : i + parts]):
                total += sums[0]
                square += sums[1]
    return total, square


@jit
def dependencies(pivot, first, last, neighbour):  # type: ignore[no-untyped-def]
    """Sum and sum of squares of the pivots' dependencies, float64 [node] each.

    Eight searches at a time, a bit of a byte and a lane of a row of floats each, so that a neighbour's cache line
    serves all (as Then et al. 2014, "The more the merrier", do for distances).
    """
    count = len(first)
    total, square = np.zeros(count), np.zeros(count)
    lane = np.zeros((256, LANES))  # lanes of each set of bits, as factors 0 and 1
    for bits in range(256):
        for b in range(LANES):
            lane[bits, b] = (bits >> b) & 1
    seen, mark = np.zeros(count, dtype=np.uint8), np.zeros(count, dtype=np.uint8)
    paths, share = np.zeros((count, LANES)), np.zeros((count, LANES))
    # level by level, the nodes that some searches reach there, and which
    node, reached = np.empty(count * LANES, dtype=neighbour.dtype), np.empty(count * LANES, dtype=np.uint8)
    level = np.empty(count + 2, dtype=np.int64)
    own = np.empty(LANES)
    for low in range(0, len(pivot), LANES):
        filled = 0
        for v in pivot[low : low + LANES]:
            paths[v, filled], seen[v] = 1.0, 1 << filled
            node[filled], reached[filled] = v, 1 << filled
            filled += 1
        level[0], level[1], depth = 0, filled, 0
        while level[depth] < level[depth + 1]:
            begin, end = level[depth], level[depth + 1]
            for i in range(begin, end):
                v, here = np.uint64(node[i]), reached[i]
                for b in range(LANES):
                    own[b] = paths[v, b]
                for j in range(first[v], last[v]):
                    w = np.uint64(neighbour[j])
                    new = here & ~seen[w]
                    if new:
                        if mark[w] == 0:
                            node[filled] = neighbour[j]
                            filled += 1
                        mark[w] |= new
                        for b in range(LANES):
                            paths[w, b] += own[b] * lane[new, b]
            for i in range(end, filled):
                w = np.uint64(node[i])
                reached[i] = mark[w]
                seen[w] |= mark[w]
                mark[w] = 0
            depth += 1
            level[depth + 1] = filled
        for d in range(depth - 1, -1, -1):
            begin, end, far = level[d], level[d + 1], level[min(d + 2, depth)]
            for i in range(end, far):
                mark[np.uint64(node[i])] = reached[i]
            for i in range(begin, end):
                v, here = np.uint64(node[i]), reached[i]
                for b in range(LANES):
                    own[b] = 0.0
                for j in range(first[v], last[v]):
                    w = np.uint64(neighbour[j])
                    below = here & mark[w]
                    if below:
                        for b in range(LANES):
                            own[b] += share[w, b] * lane[below, b]
                for b in range(LANES):
                    if here >> b & 1:
                        share[v, b] = own[b] + 1 / paths[v, b]
                        if d > 0:
                            total[v] += own[b] * paths[v, b]
                            square[v] += (own[b] * paths[v, b]) ** 2
            for i in range(end, far):
                mark[np.uint64(node[i])] = 0
        for i in range(filled):
            v = np.uint64(node[i])
            seen[v] = 0
            for b in range(LANES):
                paths[v, b] = 0.0
    return total, square

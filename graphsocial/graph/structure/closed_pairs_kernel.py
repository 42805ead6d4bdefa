"""Triangles and squares seen from single nodes."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def closed_pairs(node, first, last, neighbour, weight, found):  # type: ignore[no-untyped-def]
    """Writes how many ordered pairs of each node's neighbours are joined: twice its triangles, [node].

    A pair counts the product of the three weights. `triangles_kernel` is the faster way where all nodes are asked.

    Args:
        node: Nodes that are asked, [node].
        first: First entry of each row, [row].
        last: One past the last entry of each row, [row].
        neighbour: Distinct neighbours, without self-loops, [entry].
        weight: Whole numbers, [entry]; None counts every entry as one.
        found: Output, int64 [node].
    """
    mark = np.zeros(len(first), dtype=np.int64)
    for i in range(len(node)):
        v = node[i]
        for j in range(first[v], last[v]):
            mark[neighbour[j]] = 1 if weight is None else weight[j]
        pairs = 0
        for j in range(first[v], last[v]):
            u = neighbour[j]
            through = 0
            for k in range(first[u], last[u]):
                through += mark[neighbour[k]] * (1 if weight is None else weight[k])
            pairs += through * mark[u]
        for j in range(first[v], last[v]):
            mark[neighbour[j]] = 0
        found[i] = pairs


@jit
def squares(node, first, last, neighbour, closed, possible):  # type: ignore[no-untyped-def]
    """Writes the squares through each node, and how many more its neighbours could close, int64 [node] each.

    A square is a pair of neighbours that share another node (Lind, González, Herrmann 2005, "Cycles and clustering in
    bipartite networks"); rows as in `closed_pairs`.
    """
    ways = np.zeros(len(first), dtype=np.int64)
    for i in range(len(node)):
        v = node[i]
        degree = last[v] - first[v]
        ends, triangles, twice = 0, 0, 0
        for j in range(first[v], last[v]):
            u = neighbour[j]
            ends += (last[u] - first[u]) * (degree - 1)
            for k in range(first[u], last[u]):
                if neighbour[k] != v:
                    ways[neighbour[k]] += 1
        for j in range(first[v], last[v]):
            triangles += ways[neighbour[j]]
        for j in range(first[v], last[v]):
            u = neighbour[j]
            for k in range(first[u], last[u]):
                x = neighbour[k]
                twice += ways[x] * (ways[x] - 1)
                ways[x] = 0
        closed[i] = twice // 2
        possible[i] = ends - degree * (degree - 1) - triangles - twice // 2

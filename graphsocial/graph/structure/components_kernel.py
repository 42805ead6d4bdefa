"""Connected components over plain rows of neighbours."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.graph.kernels import jit


@numba.njit(inline="always")
def _root(parent, v):  # type: ignore[no-untyped-def]
    """Root of a node's tree, halving the path to it."""
    while parent[v] != v:
        parent[v] = parent[parent[v]]
        v = parent[v]
    return v


@jit
def weak_labels(first, last, neighbour):  # type: ignore[no-untyped-def]
    """Smallest node of each node's component, [node]; every edge needs to stand in one of its ends' rows only."""
    count = len(first)
    parent = np.arange(count).astype(neighbour.dtype)
    for v in range(count):
        here = _root(parent, v)
        for j in range(first[v], last[v]):
            there = _root(parent, neighbour[j])
            if there < here:
                parent[here] = there
                here = there
            elif here < there:
                parent[there] = here
    for v in range(count):
        parent[v] = parent[parent[v]]  # parents are smaller: theirs are done
    return parent


@jit
def strong_labels(first, last, neighbour):  # type: ignore[no-untyped-def]
    """Number of each node's strongly connected component, [node]; no edge leads to a component with a larger number.

    Depth-first search without recursion (Tarjan 1972, "Depth-first search and linear graph algorithms").
    """
    count = len(first)
    label = np.full(count, -1, dtype=neighbour.dtype)
    low = np.zeros(count, dtype=neighbour.dtype)  # 0 where not seen; else the earliest open node seen from here
    seen = np.zeros(count, dtype=neighbour.dtype)
    cursor = np.empty(count, dtype=np.int64)
    path, open_nodes = np.empty(count, dtype=neighbour.dtype), np.empty(count, dtype=neighbour.dtype)
    opened, clock, found = 0, 0, 0
    for root in range(count):
        if seen[root]:
            continue
        depth = 0
        v = root
        clock += 1
        seen[v], low[v], cursor[v] = clock, clock, first[v]
        path[0], open_nodes[opened] = v, v
        opened += 1
        while depth >= 0:
            v = path[depth]
            deeper = False
            while cursor[v] < last[v]:
                u = neighbour[cursor[v]]
                cursor[v] += 1
                if not seen[u]:
                    clock += 1
                    seen[u], low[u], cursor[u] = clock, clock, first[u]
                    depth += 1
                    path[depth], open_nodes[opened] = u, u
                    opened += 1
                    deeper = True
                    break
                if label[u] < 0 and seen[u] < low[v]:
                    low[v] = seen[u]
            if deeper:
                continue
            if low[v] == seen[v]:
                while True:
                    opened -= 1
                    label[open_nodes[opened]] = found
                    if open_nodes[opened] == v:
                        break
                found += 1
            depth -= 1
            if depth >= 0 and low[v] < low[path[depth]]:
                low[path[depth]] = low[v]
    return label

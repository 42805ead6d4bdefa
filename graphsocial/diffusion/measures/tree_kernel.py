"""Compiled passes over the trees of cascades; parents stand before their children, -1 marks a root."""

from __future__ import annotations

import numba
import numpy as np

jit = numba.njit(cache=True, nogil=True)


@jit
def largest_generations(offsets, generation, out):  # type: ignore[no-untyped-def]
    """Writes the members of each cascade's largest generation, [cascade]."""
    deepest = 0
    for i in range(len(generation)):
        deepest = max(deepest, generation[i])
    count = np.zeros(deepest + 1, dtype=np.int64)
    for c in range(len(out)):
        most = 0
        for i in range(offsets[c], offsets[c + 1]):
            count[generation[i]] += 1
            most = max(most, count[generation[i]])
        for i in range(offsets[c], offsets[c + 1]):
            count[generation[i]] = 0
        out[c] = most


@jit
def pair_distances(offsets, parent, distance, pairs):  # type: ignore[no-untyped-def]
    """Writes the distances of all pairs of members with a root in common, added up, and how many there are, [cascade].

    The edge above a member lies on the way of every pair with one end below it: `below * (tree - below)` of them. Sums
    are float64: a chain of some millions goes beyond int64.
    """
    below = np.ones(len(parent), dtype=np.int64)
    for i in range(len(parent) - 1, -1, -1):
        if parent[i] >= 0:
            below[parent[i]] += below[i]
    tree = np.empty(len(parent), dtype=np.int64)
    for c in range(len(distance)):
        total, count = 0.0, 0.0
        for i in range(offsets[c], offsets[c + 1]):
            if parent[i] < 0:
                tree[i] = below[i]
                count += tree[i] * (tree[i] - 1) / 2
            else:
                tree[i] = tree[parent[i]]
                total += float(below[i]) * float(tree[i] - below[i])
        distance[c], pairs[c] = total, count


@jit
def keep_descent(parent, keep):  # type: ignore[no-untyped-def]
    """Takes the mark from every member whose parent has none, [member]."""
    for i in range(len(parent)):
        if parent[i] >= 0 and not keep[parent[i]]:
            keep[i] = False


@jit
def roots(parent, root):  # type: ignore[no-untyped-def]
    """Writes the root that each member descends from, [member]."""
    for i in range(len(parent)):
        root[i] = i if parent[i] < 0 else root[parent[i]]

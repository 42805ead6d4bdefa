"""Pairs that no edge joins, to be told from pairs that one joins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sparse

from graphsocial.learn.relations.relation_edges import among, pair_keys

ROUNDS = 30
"""Draws for each pair before it is given up: in a nearly complete graph there is nobody left."""

Allowed = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(src, dst) to which pairs may be drawn, bool [pair]."""


def uniform_pairs(
    count: int,
    pools: tuple[np.ndarray, np.ndarray],
    nodes: int,
    joined: np.ndarray,
    rng: np.random.Generator,
    allowed: Allowed | None = None,
) -> np.ndarray:
    """Ordered pairs drawn evenly, with replacement, among those that are not joined, int64 [pair, 2].

    Args:
        count: How many.
        pools: Nodes that may be source and target.
        nodes: Number of all nodes.
        joined: Sorted `pair_keys` that are left out.
        rng: Draws.
        allowed: What else a pair must satisfy; None: nothing.

    >>> pool = np.arange(3)
    >>> joined = np.array([0 * 3 + 1, 1 * 3 + 0, 1 * 3 + 2, 2 * 3 + 0, 2 * 3 + 1])
    >>> uniform_pairs(2, (pool, pool), 3, joined, np.random.default_rng(0)).tolist()
    [[0, 2], [0, 2]]
    """
    return _drawn(count, lambda k: (rng.choice(pools[0], k), rng.choice(pools[1], k)), nodes, joined, allowed)


def two_hop_pairs(
    src: np.ndarray,
    graph: sparse.csr_array,
    pool: np.ndarray,
    joined: np.ndarray,
    rng: np.random.Generator,
    allowed: Allowed | None = None,
) -> np.ndarray:
    """For each source, the end of two random steps along edges in either direction, int64 [pair, 2].

    Sources from which no such end can be found are left out.

    Args:
        src: Sources, one per wanted pair [pair].
        graph: Edges, symmetric [node, node]; an end that it joins with its source is one step away, and not drawn.
        pool: Nodes that may be a target.
        joined: Sorted `pair_keys` that are left out.
        rng: Draws.
        allowed: What else a pair must satisfy; None: nothing.
    """
    nodes = graph.shape[0]
    may = np.zeros(nodes, dtype=bool)
    may[pool] = True
    rows, columns = graph.nonzero()
    near = np.union1d(joined, pair_keys(rows, columns, nodes))

    def step(at: np.ndarray) -> np.ndarray:
        degree = np.diff(graph.indptr)[at]
        place = graph.indptr[at] + (rng.random(len(at)) * degree).astype(np.int64)
        return np.where(degree > 0, graph.indices[np.minimum(place, max(graph.nnz - 1, 0))], at)

    def ok(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return may[b] if allowed is None else may[b] & allowed(a, b)

    out = np.full((len(src), 2), -1, dtype=np.int64)
    todo = np.arange(len(src)) if graph.nnz else np.zeros(0, dtype=np.int64)
    for _ in range(ROUNDS):
        a = src[todo]
        b = step(step(a))
        good = (a != b) & ~among(pair_keys(a, b, nodes), near) & ok(a, b)
        out[todo[good], 0], out[todo[good], 1] = a[good], b[good]
        todo = todo[~good]
    return out[out[:, 0] >= 0]


def _drawn(
    count: int,
    draw: Callable[[int], tuple[np.ndarray, np.ndarray]],
    nodes: int,
    joined: np.ndarray,
    allowed: Allowed | None,
) -> np.ndarray:
    found: list[np.ndarray] = [np.zeros((0, 2), dtype=np.int64)]
    missing = count
    for _ in range(ROUNDS):
        if missing <= 0:
            break
        a, b = draw(2 * missing + 20)
        good = (a != b) & ~among(pair_keys(a, b, nodes), joined)
        if allowed is not None:
            good &= allowed(a, b)
        found.append(np.stack([a[good], b[good]], axis=1)[:missing])
        missing -= len(found[-1])
    return np.concatenate(found)

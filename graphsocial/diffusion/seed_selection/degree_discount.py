"""Seeds by discounted degree: edges to and from seeds count for less."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

import numpy as np

from graphsocial.diffusion.independent_cascade import IndependentCascade
from graphsocial.diffusion.seed_selection.candidates import allowed_nodes, seed_count
from graphsocial.diffusion.seed_selection.known_by import known_by
from graphsocial.diffusion.seed_selection.seed_set import SeedSet
from graphsocial.errors import SchemaError


def degree_discount(model: IndependentCascade, k: int, candidates: Iterable[Any] | None = None) -> SeedSet:
    """The k nodes with the largest degree after discounts for seeds next to them; nothing is guaranteed.

    Chen, Wang and Yang, "Efficient influence maximization in social networks", KDD 2009: a node of degree d with t
    edges from seeds counts d - 2 t - (d - t) t p. Derived for one small probability p of all edges; where they differ,
    p is their mean.

    Args:
        model: An `IndependentCascade`.
        k: How many seeds.
        candidates: Nodes that may be chosen; None: all.

    Raises:
        SchemaError: Another model, k makes no sense, or there are fewer candidates.
        UnknownNodeError: A candidate is not in the graph.

    >>> from graphsocial.diffusion import Activation, SpreadGraph
    >>> ends = [0, 0, 0, 1, 1, 1, 5, 5], [1, 2, 3, 0, 2, 3, 6, 7]  # 0 and 1 reach the same nodes, and each other
    >>> list(degree_discount(IndependentCascade(Activation.uniform(SpreadGraph.from_edges(*ends), 0.1)), 2))
    [0, 5]
    """
    if not isinstance(model, IndependentCascade):
        raise SchemaError(f"degree discounts are for an IndependentCascade, got {type(model).__name__}")
    spread = model.spread
    allowed = allowed_nodes(spread, candidates)
    k = seed_count(k, int(allowed.sum()))
    probability = model.activation.probability
    p = float(probability.mean(dtype=np.float64)) if len(probability) else 0.0
    degree, from_seeds = spread.out_degree.astype(np.float64), np.zeros(spread.num_nodes)
    worth = degree.copy()
    heap = [(-worth[node], int(node)) for node in np.flatnonzero(allowed)]
    heapq.heapify(heap)
    seeds: list[int] = []
    taken = ~allowed
    while len(seeds) < k:
        value, node = heapq.heappop(heap)
        if taken[node] or -value != worth[node]:
            continue
        seeds.append(node)
        taken[node] = True
        near, times = np.unique(spread.target[spread.indptr[node] : spread.indptr[node + 1]], return_counts=True)
        from_seeds[near] += times
        d, t = degree[near], from_seeds[near]
        worth[near] = d - 2 * t - (d - t) * t * p
        for other in near[~taken[near]].tolist():
            heapq.heappush(heap, (-worth[other], other))
    return SeedSet(tuple(spread.ids[seeds].tolist()), "degree discount", known_until=known_by(model), selected=True)

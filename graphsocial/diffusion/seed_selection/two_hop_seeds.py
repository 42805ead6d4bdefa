"""Seeds by the walks of at most two edges that begin at them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphsocial.diffusion.independent_cascade import IndependentCascade
from graphsocial.diffusion.linear_threshold import LinearThreshold
from graphsocial.diffusion.seed_selection.candidates import allowed_nodes, seed_count
from graphsocial.diffusion.seed_selection.known_by import known_by
from graphsocial.diffusion.seed_selection.seed_set import SeedSet
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.errors import SchemaError

LOOKED_AT = 8
"""Nodes that are looked at first, for each seed."""


def two_hop_seeds(model: SpreadModel, k: int, candidates: Iterable[Any] | None = None) -> SeedSet:
    """The k nodes from which most nodes are expected within two steps, taken one by one; nothing is guaranteed.

    After Tang, Tang and Yuan, "Influence maximization meets efficiency and effectiveness: a hop-based approach", ASONAM
    2017. A node's worth is the number of walks expected from it, with the chances of their edges; a node that a seed
    reaches at once with chance p counts 1 - p from then on, a seed nothing. Chances of different walks to one node are
    added up, hence two hops: more of them count the same nodes again and again where much spreads.

    Args:
        model: `IndependentCascade` or `LinearThreshold`, whose weights stand for the chances.
        k: How many seeds.
        candidates: Nodes that may be chosen; None: all.

    Raises:
        SchemaError: Another model, k makes no sense, or there are fewer candidates.
        UnknownNodeError: A candidate is not in the graph.

    >>> from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
    >>> ends = [0, 0, 1, 2, 5, 5], [1, 2, 3, 4, 6, 7]  # 0 reaches four within two steps
    >>> list(two_hop_seeds(IndependentCascade(Activation.uniform(SpreadGraph.from_edges(*ends), 0.5)), 2))
    [0, 5]
    """
    allowed = allowed_nodes(model.spread, candidates)
    chosen = two_hop_nodes(model, seed_count(k, int(allowed.sum())), allowed)
    ids = tuple(model.spread.ids[chosen].tolist())
    return SeedSet(ids, "walks of two hops", known_until=known_by(model), selected=True)


def two_hop_nodes(model: SpreadModel, k: int, allowed: np.ndarray, deadline: int | None = None) -> np.ndarray:
    """Positions of the nodes, int64 [k].

    Args:
        model: The spread model.
        k: How many, at most as many as are allowed.
        allowed: Whether a node may be chosen, bool [node].
        deadline: Walks have at most this many edges, and at most two.

    Raises:
        SchemaError: A model whose edges have no chances of their own.
    """
    from graphsocial.diffusion.seed_selection import two_hop_kernel as kernel  # numba: imported when first needed

    if isinstance(model, IndependentCascade):
        chance = model.activation.probability
    elif isinstance(model, LinearThreshold):
        chance = model.influence.weight
    else:
        raise SchemaError(
            f"walks of two hops are for an IndependentCascade or a LinearThreshold, got {type(model).__name__}"
        )
    graph, chosen = (model.spread.indptr, model.spread.target, chance), np.empty(k, dtype=np.int64)
    worth, ahead = kernel.expected_walks(*graph, 2 if deadline is None else min(deadline, 2))
    looked_at = min(LOOKED_AT * k, len(worth))
    least = float(np.partition(worth, len(worth) - looked_at)[len(worth) - looked_at])
    kernel.discounted_choice(*graph, worth, ahead, least, allowed.copy(), chosen)
    return chosen

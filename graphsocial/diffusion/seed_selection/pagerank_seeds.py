"""Seeds by PageRank: those that walks against the flow of influence come to most often."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphsocial.diffusion.seed_selection.candidates import allowed_nodes, seed_count
from graphsocial.diffusion.seed_selection.seed_set import SeedSet
from graphsocial.diffusion.spread_model import SpreadModel


def pagerank_seeds(
    model: SpreadModel, k: int, candidates: Iterable[Any] | None = None, damping: float = 0.85
) -> SeedSet:
    """The k nodes with the largest PageRank, edges walked from the influenced to who influences; nothing is guaranteed.

    Args:
        model: Any spread model; only its graph is looked at.
        k: How many seeds.
        candidates: Nodes that may be chosen; None: all.
        damping: Chance that a walk goes on.

    Raises:
        SchemaError: k makes no sense, or there are fewer candidates.
        UnknownNodeError: A candidate is not in the graph.

    >>> from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
    >>> stars = SpreadGraph.from_edges([0, 0, 0, 4, 4], [1, 2, 3, 5, 6])
    >>> list(pagerank_seeds(IndependentCascade(Activation.uniform(stars, 0.1)), 2))
    [0, 4]
    """
    from graphsocial.graph.centrality.pagerank_kernel import pagerank_values  # numba: imported when first needed

    spread = model.spread
    allowed = np.flatnonzero(allowed_nodes(spread, candidates))
    value, _, _ = pagerank_values(spread.indptr[:-1], spread.indptr[1:], spread.target, damping=damping)
    order = np.argsort(-value[allowed], kind="stable")
    chosen = allowed[order[: seed_count(k, len(allowed))]]
    return SeedSet(tuple(spread.ids[chosen].tolist()), "PageRank", known_until=spread.known_until, selected=True)

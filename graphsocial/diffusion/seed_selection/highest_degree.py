"""Seeds by degree: those with the most edges to others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphsocial.diffusion.seed_selection.candidates import allowed_nodes, seed_count
from graphsocial.diffusion.seed_selection.seed_set import SeedSet
from graphsocial.diffusion.spread_model import SpreadModel


def highest_degree(model: SpreadModel, k: int, candidates: Iterable[Any] | None = None) -> SeedSet:
    """The k nodes with the most edges along which influence leaves; of equal ones the first. Nothing is guaranteed.

    Args:
        model: Any spread model; only its graph is looked at.
        k: How many seeds.
        candidates: Nodes that may be chosen; None: all.

    Raises:
        SchemaError: k makes no sense, or there are fewer candidates.
        UnknownNodeError: A candidate is not in the graph.

    >>> from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
    >>> stars = SpreadGraph.from_edges([0, 0, 0, 4, 4], [1, 2, 3, 5, 6])
    >>> list(highest_degree(IndependentCascade(Activation.uniform(stars, 0.1)), 2))
    [0, 4]
    """
    spread = model.spread
    allowed = np.flatnonzero(allowed_nodes(spread, candidates))
    order = np.argsort(-spread.out_degree[allowed], kind="stable")
    chosen = allowed[order[: seed_count(k, len(allowed))]]
    return SeedSet(tuple(spread.ids[chosen].tolist()), "highest degree", known_until=spread.known_until, selected=True)

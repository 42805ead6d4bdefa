"""Random seeds: what any choice has to beat."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphsocial.diffusion.seed_selection.candidates import allowed_nodes, seed_count
from graphsocial.diffusion.seed_selection.seed_set import SeedSet
from graphsocial.diffusion.spread_model import SpreadModel


def random_seeds(
    model: SpreadModel, k: int, *, rng: int | np.random.Generator, candidates: Iterable[Any] | None = None
) -> SeedSet:
    """K different nodes, all as likely.

    Args:
        model: Any spread model; only its graph is looked at.
        k: How many seeds.
        rng: Whole number or numpy generator.
        candidates: Nodes that may be chosen; None: all.

    Raises:
        SchemaError: k makes no sense, or there are fewer candidates.
        UnknownNodeError: A candidate is not in the graph.

    >>> from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
    >>> pair = SpreadGraph.from_edges([0], [1])
    >>> sorted(random_seeds(IndependentCascade(Activation.uniform(pair, 0.1)), 2, rng=7))
    [0, 1]
    """
    spread = model.spread
    allowed = np.flatnonzero(allowed_nodes(spread, candidates))
    chosen = np.random.default_rng(rng).choice(allowed, seed_count(k, len(allowed)), replace=False)
    return SeedSet(tuple(spread.ids[chosen].tolist()), "chance", known_until=spread.known_until, selected=True)

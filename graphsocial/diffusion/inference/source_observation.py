"""What was seen of a spread, and who could have begun it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class SourceObservation:
    """Roles of nodes, and candidates with their prior.

    Attributes:
        role: 1 observed active, 2 observed inactive, 0 not observed, int8 [node].
        candidate: Positions of nodes that could be among the sources, int64, ascending [candidate].
        weight: Prior weight of each, above 0, float64 [candidate].
        hops: Fewest edges from each candidate to each node observed active, by way of nodes that may have been active,
            int32 [candidate, active].
        most: Most edges that a spread can have passed; larger hops stand for no way.
    """

    role: np.ndarray
    candidate: np.ndarray
    weight: np.ndarray
    hops: np.ndarray
    most: int

    def possible(self, chosen: np.ndarray) -> np.ndarray:
        """Whether some candidates together reach everybody who was active, bool [set], for sets [set, member]."""
        return (self.hops[chosen].min(axis=1) <= self.most).all(axis=1)


def source_observation(
    spread: SpreadGraph,
    active: Iterable[Any],
    inactive: Iterable[Any] | None,
    candidates: Iterable[Any] | None,
    prior: Mapping[Any, float] | None,
    most: int,
) -> SourceObservation:
    """Checks what was seen, and lists who could have begun it; see `locate_sources`."""
    from graphsocial.diffusion.inference.source_kernel import hops_to  # numba: imported when first needed

    seen = spread.numbers(active)
    if not len(seen):
        raise SchemaError("nobody was observed active, expected at least one node: anything could be its source")
    role = np.full(spread.num_nodes, 2 if inactive is None else 0, dtype=np.int8)
    if inactive is not None:
        role[spread.numbers(inactive)] = 2
        both = seen[role[seen] == 2]
        if len(both):
            raise SchemaError(
                f"node {spread.ids[both[0]]!r} was observed both active and inactive, expected one of them"
            )
    role[seen] = 1
    weight = np.ones(spread.num_nodes)
    if prior is not None:
        weight = _prior(spread, prior)
    if candidates is not None:
        chosen = np.unique(spread.numbers(candidates))
        missing = chosen[np.isnan(weight[chosen])]
        if len(missing):
            raise SchemaError(
                f"the prior has no weight for candidate {spread.ids[missing[0]]!r}, expected one for each"
            )
    else:
        chosen = np.flatnonzero(weight > 0)
    chosen = chosen[(role[chosen] != 2) & (weight[chosen] > 0)]
    targets = np.unique(seen)
    hops = np.empty((len(chosen), len(targets)), dtype=np.int32)
    every, queue = np.empty(spread.num_nodes, dtype=np.int64), np.empty(spread.num_nodes, dtype=np.int64)
    for column, target in enumerate(targets):
        hops_to(target, most, spread.reverse.indptr, spread.reverse.source, role, every, queue)
        hops[:, column] = every[chosen]
    useful = (hops <= most).any(axis=1)
    return SourceObservation(role, chosen[useful], weight[chosen[useful]], hops[useful], most)


def _prior(spread: SpreadGraph, prior: Mapping[Any, float]) -> np.ndarray:
    if not isinstance(prior, Mapping):
        raise SchemaError(f"got prior={type(prior).__name__}, expected a mapping of nodes to weights, or None")
    weight = np.full(spread.num_nodes, np.nan)
    for node, value in prior.items():
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value < np.inf:
            raise SchemaError(f"the prior of {node!r} got {value!r}, expected a number, at least 0")
        weight[spread.numbers([node])] = value
    return weight

"""Which nodes may be selected, and how many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError


def allowed_nodes(
    spread: SpreadGraph, candidates: Iterable[Any] | None, excluded: np.ndarray | None = None
) -> np.ndarray:
    """Whether each node may be selected, bool [node].

    Args:
        spread: The graph.
        candidates: Ids; None for all nodes.
        excluded: Positions of those that may not.

    Raises:
        SchemaError: Nobody may be.
        UnknownNodeError: A candidate is not in the graph.
    """
    allowed = np.full(spread.num_nodes, candidates is None)
    if candidates is not None:
        allowed[spread.numbers(candidates)] = True
    if excluded is not None:
        allowed[excluded] = False
    if not allowed.any():
        raise SchemaError(f"no candidates, expected at least one of the {spread.num_nodes} nodes")
    return allowed


def seed_count(k: int, most: int, what: str = "candidates") -> int:
    """How many to select, checked.

    Raises:
        SchemaError: Less than one, or more than there are.
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise SchemaError(f"got k={k!r}, expected a whole number, at least 1")
    if k > most:
        raise SchemaError(f"got k={k}, but there are only {most:,} {what}")
    return int(k)

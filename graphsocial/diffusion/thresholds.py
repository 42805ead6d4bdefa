"""Thresholds: how many of its neighbours a node waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class Thresholds:
    """Active in-neighbours that each node needs, known or drawn anew in each run: what `ComplexContagion` takes.

    Make one with `counts`, `shares` or `shares_between`. Shares are of the edges that reach a node, and a node needs
    one neighbour at least: those that need nobody belong in the seed set.

    Attributes:
        spread: The graph.
        low: Least number that each node may need, float64 [node]; a fraction is rounded up.
        high: Largest number; where it differs, each run draws evenly between the two, float64 [node].
        origin: Where the numbers come from, a few words.

    >>> spread = SpreadGraph.from_edges([0, 1, 2, 0], [3, 3, 3, 1])
    >>> Thresholds.shares(spread, 0.5)
    Thresholds of 4 nodes, 0.5 of the neighbours
    >>> Thresholds.shares(spread, 0.5).low.tolist(), Thresholds.counts(spread, 2).low.tolist()
    ([0.0, 0.5, 0.0, 1.5], [2.0, 2.0, 2.0, 2.0])
    """

    spread: SpreadGraph
    low: np.ndarray
    high: np.ndarray
    origin: str = "given"

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            values = _per_node(f"thresholds {name}", self.spread, getattr(self, name))
            wrong = np.flatnonzero(~((values >= 0) & np.isfinite(values)))
            if len(wrong):
                raise SchemaError(
                    f"thresholds {name} of {self._name(wrong[0])} got {values[wrong[0]]}, expected 0 or more"
                )
            object.__setattr__(self, name, values)
        wrong = np.flatnonzero(self.low > self.high)
        if len(wrong):
            low, high = self.low[wrong[0]], self.high[wrong[0]]
            raise SchemaError(f"thresholds of {self._name(wrong[0])} got low {low} above high {high}")

    @classmethod
    def counts(cls, spread: SpreadGraph, count: int | Sequence[int] | np.ndarray) -> Thresholds:
        """A number of neighbours, for all nodes or for each (Centola and Macy, Am. J. Sociol. 2007).

        Raises:
            SchemaError: Not whole numbers of 1 and more.
        """
        values = _per_node("threshold counts", spread, count)
        _refuse(
            values,
            (values >= 1) & (values == np.floor(values)),
            "threshold count",
            "a whole number, at least 1",
            spread,
        )
        return cls(spread, values, values, f"{count} neighbours" if np.ndim(count) == 0 else "numbers of neighbours")

    @classmethod
    def shares(cls, spread: SpreadGraph, share: float | Sequence[float] | np.ndarray) -> Thresholds:
        """A share of the neighbours, for all nodes or for each (Watts, PNAS 2002); such as `rng.beta(2, 5, nodes)`.

        Raises:
            SchemaError: Not numbers above 0 and at most 1.
        """
        values = _per_node("threshold shares", spread, share)
        _refuse(values, (values > 0) & (values <= 1), "threshold share", "a number above 0, at most 1", spread)
        origin = f"{share:g} of the neighbours" if np.ndim(share) == 0 else "shares of the neighbours"
        return cls(spread, values * spread.in_degree, values * spread.in_degree, origin)

    @classmethod
    def shares_between(cls, spread: SpreadGraph, low: float = 0.0, high: float = 1.0) -> Thresholds:
        """Shares that each run draws anew, evenly between two; from 0 to 1 this is linear threshold with even weights.

        Raises:
            SchemaError: Not two numbers of [0, 1], the first at most the second.
        """
        if not 0 <= low <= high <= 1:
            raise SchemaError(
                f"threshold shares between {low!r} and {high!r}, expected two numbers of [0, 1] that ascend"
            )
        return cls(
            spread, low * spread.in_degree, high * spread.in_degree, f"{low:g} to {high:g} of the neighbours, drawn"
        )

    def __repr__(self) -> str:
        return f"Thresholds of {len(self.low):,} nodes, {self.origin}"

    def _name(self, node: int) -> str:
        return f"node {self.spread.ids[node]}"


def _per_node(what: str, spread: SpreadGraph, values: float | Sequence[float] | np.ndarray) -> np.ndarray:
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise SchemaError(f"{what} got {values!r}, expected a number, or one per node") from None
    if array.shape not in ((), (spread.num_nodes,)):
        raise SchemaError(f"{what} got shape {array.shape}, expected a number, or ({spread.num_nodes},), one per node")
    array = np.full(spread.num_nodes, array) if array.shape == () else array
    array.setflags(write=False)
    return array


def _refuse(values: np.ndarray, right: np.ndarray, what: str, expected: str, spread: SpreadGraph) -> None:
    wrong = np.flatnonzero(~right)
    if len(wrong):
        raise SchemaError(f"{what} of node {spread.ids[wrong[0]]} got {values[wrong[0]]:g}, expected {expected}")

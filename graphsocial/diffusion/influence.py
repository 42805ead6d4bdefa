"""Influence weights: how much of what it takes each edge brings to whom it reaches."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError
from graphsocial.graph.time import format_time

TOLERANCE = 1e-6
"""How far from 1 the weights into a node may add up by rounding."""


@dataclass(frozen=True, eq=False)
class Influence:
    """One weight per edge of a spread graph, those into a node at most 1 together: what `LinearThreshold` takes.

    Attributes:
        spread: The graph.
        weight: Weight of each edge, float32 [edge].
        origin: Where the numbers come from, a few words.
        known_until: What the numbers were fitted on came before this second; None for numbers that saw no data, or all.
        fitted: Whether they were fitted on data.
        allow_future_model: The loud switch: numbers fitted on what the graph does not know yet are used anyway.

    Raises:
        SchemaError: Not one number of [0, 1] per edge, or more than 1 into a node.
        LeakageError: Fitted on what came after the graph's end.

    >>> spread = SpreadGraph.from_edges([0, 0, 1], [1, 2, 2])
    >>> Influence.even(spread).weight.tolist()
    [1.0, 0.5, 0.5]
    >>> Influence(spread, [1.0, 0.5, 0.75])
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: influence weights into node 2 add up to 1.25, expected at most 1
    """

    spread: SpreadGraph
    weight: np.ndarray
    origin: str = "given"
    known_until: int | None = None
    fitted: bool = False
    allow_future_model: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        spread = self.spread
        weight = np.array(self.weight, dtype=np.float64)
        if weight.shape != (spread.num_edges,):
            raise SchemaError(
                f"influence weights got shape {weight.shape}, expected ({spread.num_edges},), one per edge; even() "
                "takes 1 / in-degree for all"
            )
        wrong = np.flatnonzero(~((weight >= 0) & (weight <= 1 + TOLERANCE)))  # nan, too
        if len(wrong):
            edge = f"{spread.ids[spread.source[wrong[0]]]} -> {spread.ids[spread.target[wrong[0]]]}"
            raise SchemaError(f"influence weight of edge {edge} got {weight[wrong[0]]}, expected a number of [0, 1]")
        total = np.bincount(spread.target, weight, spread.num_nodes)
        heavy = np.flatnonzero(total > 1 + TOLERANCE)
        if len(heavy):
            raise SchemaError(
                f"influence weights into node {spread.ids[heavy[0]]} add up to {total[heavy[0]]:.7g}, "
                "expected at most 1" + (f"; {len(heavy) - 1} more nodes get too much" if len(heavy) > 1 else "")
            )
        if self.fitted:
            spread.check_known(f"influence ({self.origin})", self.known_until, self.allow_future_model)
        narrow = weight.astype(np.float32)
        narrow.setflags(write=False)
        object.__setattr__(self, "weight", narrow)

    @classmethod
    def even(cls, spread: SpreadGraph) -> Influence:
        """1 / in-degree of whom the edge reaches: all neighbours count the same (Kempe, Kleinberg and Tardos 2003)."""
        return cls(spread, (1 / np.maximum(spread.in_degree, 1))[spread.target], "1 / in-degree")

    @classmethod
    def of_values(cls, spread: SpreadGraph, name: str) -> Influence:
        """The spread graph's own edge values of that name."""
        return cls(spread, spread.edge_value(name), f"edge values {name!r}")

    @classmethod
    def shares(cls, spread: SpreadGraph, name: str) -> Influence:
        """Edge values of that name, such as `count`, as shares of all that reach the same node.

        Raises:
            SchemaError: The graph has no such values, or one is negative or not finite.
        """
        value = np.asarray(spread.edge_value(name), dtype=np.float64)
        wrong = np.flatnonzero(~((value >= 0) & np.isfinite(value)))
        if len(wrong):
            raise SchemaError(f"edge values {name!r} got {value[wrong[0]]}, expected finite numbers, none below 0")
        total = np.bincount(spread.target, value, spread.num_nodes)[spread.target]
        return cls(spread, np.divide(value, total, out=np.zeros_like(value), where=total > 0), f"shares of {name!r}")

    def __repr__(self) -> str:
        mean = float(self.weight.mean()) if len(self.weight) else float("nan")
        until = f", fitted until {format_time(self.known_until)}" if self.known_until is not None else ""
        return f"Influence of {len(self.weight):,} edges, mean {mean:.4g} ({self.origin}{until})"

"""Friedkin-Johnsen: everybody listens, and holds on to where they began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.influence import Influence
from graphsocial.diffusion.opinions.averaging_model import AveragingModel
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class FriedkinJohnsen(AveragingModel):
    """All at once, each node moves to a mix of the mean of those it listens to and of its own first opinion.

    Friedkin and Johnsen, "Social influence and opinions", J. Math. Sociol. 1990: x(t + 1) = A W x(t) + (1 - A) x(0),
    with A the susceptibility and W the `matrix`; where every node is, or hears by some way of, one with A below 1,
    opinions end at (1 - A W)^-1 (1 - A) x(0).

    Attributes:
        influence: Weight of each edge.
        susceptibility: How much of its next opinion comes from others, for all nodes or for each, [node].
        self_weight: Share of its own last opinion that every node keeps.

    >>> from graphsocial.diffusion.opinions.simulate_opinions import simulate_opinions
    >>> from graphsocial.diffusion.spread_graph import SpreadGraph
    >>> pair = SpreadGraph.from_edges([0, 1], [1, 0])
    >>> simulate_opinions(FriedkinJohnsen(Influence.even(pair), 0.5), [0.0, 1.0], steps=200).final.round(6).tolist()
    [[0.333333, 0.666667]]
    """

    influence: Influence
    susceptibility: float | Sequence[float] | np.ndarray
    self_weight: float = 0.0

    def __post_init__(self) -> None:
        _ = self.rows  # checks them
        spread = self.spread
        values = np.array(self.susceptibility, dtype=np.float64)
        if values.shape not in ((), (spread.num_nodes,)):
            raise SchemaError(
                f"susceptibility got shape {values.shape}, expected a number, or ({spread.num_nodes},), one per node"
            )
        values = np.full(spread.num_nodes, values) if values.shape == () else values
        wrong = np.flatnonzero(~((values >= 0) & (values <= 1)))
        if len(wrong):
            raise SchemaError(
                f"susceptibility of node {spread.ids[wrong[0]]} got {values[wrong[0]]}, expected a number of [0, 1]"
            )
        values.setflags(write=False)
        object.__setattr__(self, "susceptibility", values)

    def advance(
        self, opinion: np.ndarray, initial: np.ndarray, state: np.uint64, begin: int, count: int, tolerance: float
    ) -> tuple[np.uint64, int]:
        """See `OpinionModel`."""
        from graphsocial.diffusion.opinions.averaging_kernel import average

        return state, average(*self.rows.arrays, self.susceptibility, initial, opinion, begin, count, tolerance)

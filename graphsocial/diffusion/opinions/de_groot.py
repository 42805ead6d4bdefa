"""DeGroot: everybody takes the mean of those they listen to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.influence import Influence
from graphsocial.diffusion.opinions.averaging_model import AveragingModel


@dataclass(frozen=True, eq=False)
class DeGroot(AveragingModel):
    """All at once, each node's opinion becomes the weighted mean of those it listens to.

    DeGroot, "Reaching a consensus", J. Am. Stat. Assoc. 1974. What the weights into a node leave of 1 it gives itself,
    so nodes that nobody reaches keep their opinion. Where everybody reaches everybody and the graph has no period, all
    end at the initial opinions weighted by the left eigenvector of `matrix`; with a period opinions may swing for ever,
    which some `self_weight` ends.

    Attributes:
        influence: Weight of each edge.
        self_weight: Share of its own opinion that every node keeps.

    >>> from graphsocial.diffusion.opinions.simulate_opinions import simulate_opinions
    >>> from graphsocial.diffusion.spread_graph import SpreadGraph
    >>> pair = SpreadGraph.from_edges([0, 1], [1, 0])
    >>> simulate_opinions(DeGroot(Influence.even(pair), self_weight=0.5), [0.0, 1.0], steps=1).final.tolist()
    [[0.5, 0.5]]
    """

    influence: Influence
    self_weight: float = 0.0

    def __post_init__(self) -> None:
        _ = self.rows  # checks them

    def advance(
        self, opinion: np.ndarray, initial: np.ndarray, state: np.uint64, begin: int, count: int, tolerance: float
    ) -> tuple[np.uint64, int]:
        """See `OpinionModel`."""
        from graphsocial.diffusion.opinions.averaging_kernel import average

        all_of_it = np.ones(len(opinion))
        return state, average(*self.rows.arrays, all_of_it, initial, opinion, begin, count, tolerance)

"""What DeGroot and Friedkin-Johnsen have in common: everybody hears a weighted mean."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from graphsocial.diffusion.influence import Influence
from graphsocial.diffusion.opinions.averaging_rows import AveragingRows
from graphsocial.diffusion.spread_graph import SpreadGraph

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class AveragingModel:
    """An opinion model of weights; nothing is left to chance.

    Attributes:
        influence: Weight of each edge.
        self_weight: Share of its own last opinion that every node keeps.
    """

    influence: Influence
    self_weight: float

    @property
    def spread(self) -> SpreadGraph:
        """The graph."""
        return self.influence.spread

    @property
    def random(self) -> bool:
        """Nothing is left to chance."""
        return False

    @cached_property
    def rows(self) -> AveragingRows:
        """Who hears whom, checked."""
        return AveragingRows(self.influence, self.self_weight)

    @property
    def matrix(self) -> csr_array:
        """Whose opinion counts how much for each node, rows add up to 1, float64 [node, node]."""
        return self.rows.matrix

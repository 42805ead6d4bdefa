"""Who counts how much in a node's next opinion: rows that add up to 1."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.diffusion.influence import TOLERANCE, Influence
from graphsocial.diffusion.opinions.opinion_model import number_between
from graphsocial.errors import SchemaError

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class AveragingRows:
    """Weights of each node's in-neighbours; what they leave of 1 the node gives itself.

    Attributes:
        influence: Weight of each edge.
        self_weight: Share that every node gives itself first, the rest is as the influence says.
    """

    influence: Influence
    self_weight: float

    def __post_init__(self) -> None:
        if not isinstance(self.influence, Influence):
            raise SchemaError(
                f"weights got {type(self.influence).__name__}, expected an Influence, such as Influence.even(spread)"
            )
        number_between("self_weight", self.self_weight, 0, 1)

    @cached_property
    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """First entry of each node's row [node + 1], whom it hears and how much [entry], its own weight [node]."""
        spread = self.influence.spread
        rows = spread.reverse
        weight = self.influence.weight[rows.edge].astype(np.float64)
        total = np.bincount(spread.target, self.influence.weight.astype(np.float64), spread.num_nodes)
        whole = np.where(np.abs(total - 1) <= TOLERANCE, total, 1.0)  # what rounding took or added
        weight *= (1 - self.self_weight) / np.repeat(whole, np.diff(rows.indptr))
        own = self.self_weight + (1 - self.self_weight) * np.where(whole == total, 0.0, 1 - total)
        own[total == 0] = 1.0
        return rows.indptr, rows.source, weight, own

    @cached_property
    def matrix(self) -> csr_array:
        """The rows as a matrix, float64 [node, node]."""
        from scipy.sparse import csr_array, diags_array

        indptr, source, weight, own = self.arrays
        return csr_array((weight, source, indptr), shape=(len(own), len(own))) + diags_array(own)

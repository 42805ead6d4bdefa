"""A network inferred from cascades: who seems to influence whom, and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphsocial.diffusion.inference.transmission import Transmission
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.graph.query_result import Column, QueryResult


@dataclass(frozen=True, repr=False, eq=False)
class InferredNetwork(QueryResult):
    """Edges with their rates, the largest rate first as a table.

    Attributes:
        spread: The nodes of the cascades and the edges found; edge values `rate`, per unit of time, `transmissions`,
            how often the edge passed something on, in shares, and `together`, cascades in which its source came first.
        transmission: Shape of the hazard that the rates multiply.
        candidates: Pairs of which one came before the other, edge or not.
        log_likelihood: Of all activations but the first ones, penalty included, natural logarithm.
        iterations: Most turns that any node took.
        notes: What has to be believed, a sentence each.
    """

    spread: SpreadGraph
    transmission: Transmission
    candidates: int
    log_likelihood: float
    iterations: int
    notes: tuple[str, ...]

    @cached_property
    def rank(self) -> np.ndarray:
        """Edges in order of falling rate, of equal ones the one seen to pass on more often first, int64 [row]."""
        return np.lexsort((-self.spread.edge_value("transmissions"), -self.spread.edge_value("rate")))

    def title(self) -> str:
        """How many edges, of how many that were possible."""
        return (
            f"network of {self.spread.num_nodes:,} nodes and {self.spread.num_edges:,} edges, inferred from times of "
            f"{self.candidates:,} candidate pairs ({self.transmission})" + "".join(f"; {s}" for s in self.notes)
        )

    def columns(self) -> Mapping[str, Column]:
        """`source`, `target`, `rate`, `transmissions`, `together`, one row per edge."""
        ids, rank = self.spread.ids, self.rank
        named = {name: self.spread.edge_value(name)[rank] for name in ("rate", "transmissions", "together")}
        return {"source": ids[self.spread.source[rank]], "target": ids[self.spread.target[rank]], **named}

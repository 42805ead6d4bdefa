"""Sampled graphs of the edges that carry, from coins that any of them can be asked for again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.independent_cascade import IndependentCascade
from graphsocial.diffusion.linear_threshold import LinearThreshold
from graphsocial.diffusion.seed_selection.listened_edges import listened_edges
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class LiveEdges:
    """Which edges carry in each sampled graph: those whose item's coin falls between two numbers.

    In an independent cascade each edge has a coin of its own, in linear threshold all edges into a node share one. Whom
    the seeds reach over such edges has the distribution of the model (Kempe, Kleinberg and Tardos, KDD 2003).

    Attributes:
        spread: The graph.
        item: Whose coin decides over each edge, [edge].
        low: It carries if the coin is at least this, float64 [edge].
        high: And below this, float64 [edge].
    """

    spread: SpreadGraph
    item: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def rows(self) -> tuple[np.ndarray, ...]:
        """The graph as compiled loops read it: first edges, targets, items and the two numbers."""
        return self.spread.indptr, self.spread.target, self.item, self.low, self.high


def live_edges(model: SpreadModel) -> LiveEdges:
    """The sampled graphs of a model.

    Raises:
        SchemaError: A model that has none.
    """
    spread = model.spread
    if isinstance(model, IndependentCascade):
        chance = model.activation.probability.astype(np.float64)
        return LiveEdges(spread, np.arange(spread.num_edges), np.zeros(spread.num_edges), chance)
    if isinstance(model, LinearThreshold):
        begin, end = listened_edges(model.influence)
        low, high = np.empty(spread.num_edges), np.empty(spread.num_edges)
        low[spread.reverse.edge], high[spread.reverse.edge] = begin, end
        return LiveEdges(spread, spread.target.astype(np.int64), low, high)
    raise SchemaError(
        f"expected an IndependentCascade or a LinearThreshold, got {type(model).__name__}: its spread is no "
        "matter of which edges carry"
    )

"""Voter: now and then somebody takes a neighbour's opinion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphsocial.diffusion.opinions.opinion_model import graph_or_contacts
from graphsocial.diffusion.opinions.opinion_runs import moments
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread


@dataclass(frozen=True, eq=False)
class Voter:
    """A node drawn evenly takes the opinion of one of its in-neighbours, drawn evenly; opinions are labels.

    Clifford and Sudbury 1973; Holley and Liggett, Ann. Probab. 1975. A step is as many draws as there are nodes; who
    has no in-neighbours keeps their opinion. Over contacts a step is the contacts of one moment, in their order, and
    each time the target takes the source's opinion. On an undirected graph where everybody reaches everybody, an
    opinion wins with the share of all edge ends that those who hold it have at the beginning.

    Attributes:
        spread: The graph, or the contacts to follow.

    >>> from graphsocial.diffusion.opinions.simulate_opinions import simulate_opinions
    >>> pair = SpreadGraph.from_edges([0], [1])
    >>> simulate_opinions(Voter(pair), [1, 0], steps=50, runs=2, rng=1).final.tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """

    spread: SpreadGraph | TemporalSpread

    def __post_init__(self) -> None:
        graph_or_contacts(self.spread, "Voter")

    @property
    def random(self) -> bool:
        """Who listens to whom is drawn, but for contacts."""
        return isinstance(self.spread, SpreadGraph)

    @cached_property
    def _moments(self) -> np.ndarray:
        return moments(self.spread) if isinstance(self.spread, TemporalSpread) else np.zeros(1, dtype=np.int64)

    def advance(
        self, opinion: np.ndarray, initial: np.ndarray, state: np.uint64, begin: int, count: int, tolerance: float
    ) -> tuple[np.uint64, int]:
        """See `OpinionModel`."""
        from graphsocial.diffusion.opinions.pair_kernel import copy_in_order, copy_neighbours

        spread = self.spread
        if isinstance(spread, TemporalSpread):
            offsets = self._moments
            copy_in_order(spread.source, spread.target, offsets[begin], offsets[begin + count], opinion)
            return state, -1
        rows = spread.reverse
        state, converged = copy_neighbours(rows.indptr, rows.source, opinion, state, begin, count)
        return np.uint64(state), converged

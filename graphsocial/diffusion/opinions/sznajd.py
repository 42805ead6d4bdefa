"""Sznajd: two who agree convince all their neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.opinions.opinion_model import static_graph
from graphsocial.diffusion.spread_graph import SpreadGraph


@dataclass(frozen=True, eq=False)
class Sznajd:
    """A node drawn evenly and one of those it reaches, if they agree, pass their opinion to all whom either reaches.

    Sznajd-Weron and Sznajd, "Opinion evolution in closed community", Int. J. Mod. Phys. C 2000, on graphs as in
    Stauffer, Sousa and de Oliveira, ibid., 2000: pairs that disagree change nobody. Opinions are labels. A step is as
    many draws as there are nodes.

    Attributes:
        spread: The graph; static.

    >>> from graphsocial.diffusion.opinions.simulate_opinions import simulate_opinions
    >>> chain = SpreadGraph.from_edges([0, 1], [1, 2])
    >>> simulate_opinions(Sznajd(chain), [1, 1, 0], steps=30, rng=1).final.tolist()
    [[1.0, 1.0, 1.0]]
    """

    spread: SpreadGraph

    def __post_init__(self) -> None:
        static_graph(self.spread, "Sznajd")

    @property
    def random(self) -> bool:
        """Pairs are drawn."""
        return True

    def advance(
        self, opinion: np.ndarray, initial: np.ndarray, state: np.uint64, begin: int, count: int, tolerance: float
    ) -> tuple[np.uint64, int]:
        """See `OpinionModel`."""
        from graphsocial.diffusion.opinions.pair_kernel import convince

        state, converged = convince(self.spread.indptr, self.spread.target, opinion, state, begin, count)
        return np.uint64(state), converged

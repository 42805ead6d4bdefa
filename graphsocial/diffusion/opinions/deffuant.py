"""Deffuant: two who think nearly alike meet and move towards each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphsocial.diffusion.opinions.opinion_model import graph_or_contacts, number_between
from graphsocial.diffusion.opinions.opinion_runs import moments
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread


@dataclass(frozen=True, eq=False)
class Deffuant:
    """Two neighbours who differ by less than the bound both move by a share of the difference.

    Deffuant, Neau, Amblard and Weisbuch, "Mixing beliefs among interacting agents", Adv. Complex Syst. 2000. A step is
    as many meetings as there are nodes, each along an edge drawn evenly; over contacts a step is the contacts of one
    moment, in their order. Either way both ends move, so the mean of all opinions stays.

    Attributes:
        spread: The graph, or the contacts to follow.
        bound: Difference from which on two do not listen to each other.
        convergence: Share of the difference that each moves, above 0 to 0.5; at 0.5 both end in the middle.

    >>> from graphsocial.diffusion.opinions.simulate_opinions import simulate_opinions
    >>> contacts = TemporalSpread.from_contacts([0, 1], [1, 2], [5, 9])
    >>> simulate_opinions(Deffuant(contacts, bound=0.5), [0.0, 0.4, 0.6], steps=2, rng=1).opinions[0].round(6).tolist()
    [[0.0, 0.4, 0.6], [0.2, 0.2, 0.6], [0.2, 0.4, 0.4]]
    """

    spread: SpreadGraph | TemporalSpread
    bound: float
    convergence: float = 0.5

    def __post_init__(self) -> None:
        graph_or_contacts(self.spread, "Deffuant")
        number_between("bound", self.bound, 0, np.inf)
        number_between("convergence", self.convergence, 0, 0.5, above=True)

    @property
    def random(self) -> bool:
        """Who meets is drawn, but for contacts."""
        return isinstance(self.spread, SpreadGraph)

    @cached_property
    def _moments(self) -> np.ndarray:
        return moments(self.spread) if isinstance(self.spread, TemporalSpread) else np.zeros(1, dtype=np.int64)

    def advance(
        self, opinion: np.ndarray, initial: np.ndarray, state: np.uint64, begin: int, count: int, tolerance: float
    ) -> tuple[np.uint64, int]:
        """See `OpinionModel`."""
        from graphsocial.diffusion.opinions.pair_kernel import meet, meet_in_order

        spread, rule = self.spread, (float(self.bound), float(self.convergence))
        if isinstance(spread, TemporalSpread):
            offsets = self._moments
            meet_in_order(spread.source, spread.target, offsets[begin], offsets[begin + count], *rule, opinion)
            return state, -1
        state, converged = meet(spread.source, spread.target, *rule, opinion, state, begin, count, tolerance)
        return np.uint64(state), converged

"""Hegselmann-Krause: everybody takes the mean of those who think nearly alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.opinions.opinion_model import static_graph
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class HegselmannKrause:
    """All at once, each node's opinion becomes the mean of its own and of those in-neighbours' that are near it.

    Hegselmann and Krause, "Opinion dynamics and bounded confidence", JASSS 2002, there with everybody as everybody's
    neighbour.

    Attributes:
        spread: The graph; static.
        bound: Largest difference at which a node listens, for all nodes or for each, [node].

    >>> from graphsocial.diffusion.opinions.simulate_opinions import simulate_opinions
    >>> chain = SpreadGraph.from_edges([0, 1, 1, 2], [1, 0, 2, 1])
    >>> simulate_opinions(HegselmannKrause(chain, 0.25), [0.0, 0.2, 0.6], steps=9).final.round(6).tolist()
    [[0.1, 0.1, 0.6]]
    """

    spread: SpreadGraph
    bound: float | Sequence[float] | np.ndarray

    def __post_init__(self) -> None:
        spread = static_graph(self.spread, "HegselmannKrause")
        values = np.array(self.bound, dtype=np.float64)
        if values.shape not in ((), (spread.num_nodes,)):
            raise SchemaError(
                f"bound got shape {values.shape}, expected a number, or ({spread.num_nodes},), one per node"
            )
        values = np.full(spread.num_nodes, values) if values.shape == () else values
        wrong = np.flatnonzero(~(values >= 0))
        if len(wrong):
            raise SchemaError(f"bound of node {spread.ids[wrong[0]]} got {values[wrong[0]]}, expected 0 or more")
        values.setflags(write=False)
        object.__setattr__(self, "bound", values)

    @property
    def random(self) -> bool:
        """Nothing is left to chance."""
        return False

    def advance(
        self, opinion: np.ndarray, initial: np.ndarray, state: np.uint64, begin: int, count: int, tolerance: float
    ) -> tuple[np.uint64, int]:
        """See `OpinionModel`."""
        from graphsocial.diffusion.opinions.averaging_kernel import average_of_the_near

        rows = self.spread.reverse
        return state, average_of_the_near(rows.indptr, rows.source, self.bound, opinion, begin, count, tolerance)

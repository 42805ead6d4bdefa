"""Linear threshold: a node becomes active when its active neighbours together weigh enough."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphsocial.diffusion.influence import Influence
from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.stepped_model import Asked, OpenEdgesRunner, SteppedModel
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class LinearThreshold(SteppedModel):
    """Each run draws a threshold of [0, 1] per node; a node is active a step after its neighbours' weights reach it.

    Granovetter, "Threshold models of collective behavior", 1978; with uniform thresholds Kempe, Kleinberg and Tardos,
    KDD 2003. The parent is the neighbour whose weight crossed the threshold; weights add up in the order of the edges
    into the node. Each node of a run has a number of its own, so simulations with one `rng` over one graph differ only
    where their weights do.

    Attributes:
        influence: Weight of each edge; sums into a node within 1e-6 of 1 count as 1.

    >>> from graphsocial.diffusion import SpreadGraph, simulate
    >>> square = SpreadGraph.from_edges([0, 0, 1, 2], [1, 2, 3, 3])
    >>> simulate(LinearThreshold(Influence.even(square)), [0], runs=2, rng=1).size.tolist()
    [4, 4]
    """

    influence: Influence

    def __post_init__(self) -> None:
        if not isinstance(self.influence, Influence):
            raise SchemaError(
                f"linear threshold got {type(self.influence).__name__}, expected an Influence, such as "
                "Influence.even(spread)"
            )

    @property
    def spread(self) -> SpreadGraph:
        """The graph."""
        return self.influence.spread

    def runner(self, seeds: np.ndarray, horizon: float) -> LinearThresholdRunner:
        """One thread's runner."""
        return LinearThresholdRunner(self, seeds, horizon)

    @cached_property
    def passes(self) -> np.ndarray:
        """Whether each edge weighs anything, bool [edge]."""
        return self.influence.weight > 0

    @cached_property
    def stretches(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The last targets, and where each edge's stretch begins and how long it is, as `threshold_runs` reads them."""
        from graphsocial.diffusion.eight_draws import LANES
        from graphsocial.diffusion.linear_threshold_kernel import lay_stretches

        spread = self.spread
        first, length = (np.zeros(spread.num_edges + LANES, dtype=np.uint32) for _ in range(2))
        lay_stretches(spread.target, self.influence.weight, spread.num_nodes, first, length)
        last_target = np.append(spread.target[-LANES:], np.zeros(LANES, dtype=np.int32))
        return last_target, first, length


class LinearThresholdRunner(OpenEdgesRunner):
    """One thread's scratch space."""

    def __init__(self, model: LinearThreshold, seeds: np.ndarray, horizon: float):
        super().__init__(model, seeds, horizon)
        self._is_seed = np.zeros(model.spread.num_nodes, dtype=np.int8)
        self._is_seed[seeds] = 1

    def _compiled(self, asked: Asked, room: RunBuffer) -> int:
        from graphsocial.diffusion.linear_threshold_kernel import threshold_runs

        spread = self._spread
        out = (room.node, room.parent, room.time, room.size)
        stretches: tuple[np.ndarray, np.ndarray, np.ndarray] = self._model.stretches
        return threshold_runs(*asked, spread.indptr, spread.target, *stretches, self._is_seed, *out)

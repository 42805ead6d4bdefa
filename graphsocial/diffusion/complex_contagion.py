"""Complex contagion: one neighbour is not enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.stepped_model import Asked, SteppedModel, SteppedRunner
from graphsocial.diffusion.thresholds import Thresholds
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class ComplexContagion(SteppedModel):
    """A node is exposed once enough in-neighbours are active; from the next step on it adopts with a chance per step.

    Centola and Macy, "Complex contagions and the weakness of long ties", Am. J. Sociol. 2007; with shares Watts, "A
    simple model of global cascades on random networks", PNAS 2002. The parent is the neighbour that completed the
    number. Parallel edges count each. Each node of a run has a number of its own for its threshold.

    Attributes:
        thresholds: How many neighbours each node waits for.
        adoption: Chance of an exposed node to adopt in a step.

    >>> from graphsocial.diffusion import SpreadGraph, simulate
    >>> square = SpreadGraph.from_edges([0, 0, 1, 2], [1, 2, 3, 3])
    >>> simulate(ComplexContagion(Thresholds.counts(square, [1, 1, 1, 2])), [0], runs=1, rng=1).time.tolist()
    [0, 1, 1, 2]
    """

    thresholds: Thresholds
    adoption: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.thresholds, Thresholds):
            raise SchemaError(
                f"complex contagion got {type(self.thresholds).__name__}, expected Thresholds, such as "
                "Thresholds.counts(spread, 2)"
            )
        if not isinstance(self.adoption, int | float | np.number) or not 0 <= self.adoption <= 1:
            raise SchemaError(f"adoption probability got {self.adoption!r}, expected a number of [0, 1]")

    @property
    def spread(self) -> SpreadGraph:
        """The graph."""
        return self.thresholds.spread

    def runner(self, seeds: np.ndarray, horizon: float) -> ComplexContagionRunner:
        """One thread's runner."""
        return ComplexContagionRunner(self, seeds, horizon)


class ComplexContagionRunner(SteppedRunner):
    """One thread's scratch space."""

    def __init__(self, model: ComplexContagion, seeds: np.ndarray, horizon: float):
        super().__init__(model, seeds, horizon)
        nodes = model.spread.num_nodes
        self._missing = np.full((nodes, 2), -1, dtype=np.int64)
        self._waiting = np.empty((nodes, 2), dtype=np.int32)
        self._stamp = 0

    def _compiled(self, asked: Asked, room: RunBuffer) -> int:
        from graphsocial.diffusion.complex_contagion_kernel import contagion_runs

        model, spread = self._model, self._spread
        out = (room.node, room.parent, room.time, room.size, room.censored)
        needs = (model.thresholds.low, model.thresholds.high, float(model.adoption))
        scratch = (self._stamp, self._missing, self._waiting)
        self._stamp += asked[1] - asked[0]
        return contagion_runs(*asked, spread.indptr, spread.target, *needs, *scratch, *out)

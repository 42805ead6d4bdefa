"""Independent cascade: whoever becomes active gets one chance at each neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphsocial.diffusion.activation import Activation
from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class IndependentCascade:
    """Each node that becomes active activates each inactive neighbour once, in the next step, with the edge's chance.

    Kempe, Kleinberg and Tardos, "Maximizing the spread of influence through a social network", KDD 2003. Of several
    who succeed in one step, the one that has been active for longest is the parent; of the seeds, the one named first.

    Attributes:
        activation: Chance of each edge.
        coupled: Each edge of a run has a coin of its own, so that simulations with one `rng` over one graph differ only
            where their probabilities do: what-if differences come out sharp. Slower.

    >>> from graphsocial.diffusion import SpreadGraph, simulate
    >>> star = SpreadGraph.from_edges([0, 0, 0], [1, 2, 3])
    >>> simulate(IndependentCascade(Activation.uniform(star, 0.0)), [0], runs=3, rng=1).size.tolist()
    [1, 1, 1]
    """

    activation: Activation
    coupled: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.activation, Activation):
            raise SchemaError(
                f"independent cascade got {type(self.activation).__name__}, expected an Activation, such as "
                "Activation.uniform(spread, 0.1)"
            )

    @property
    def spread(self) -> SpreadGraph:
        """The graph."""
        return self.activation.spread

    @property
    def continuous(self) -> bool:
        """Times are steps."""
        return False

    @property
    def marks(self) -> tuple[str, ...]:
        """Nothing beside the time."""
        return ()

    def most_members(self, seeds: np.ndarray) -> int:
        """Everybody, once."""
        return self.spread.num_nodes

    def runner(self, seeds: np.ndarray, horizon: float) -> IndependentCascadeRunner:
        """One thread's runner."""
        return IndependentCascadeRunner(self, seeds, horizon)

    @cached_property
    def uniform(self) -> float | None:
        """The one probability of all edges, None where they differ."""
        p = self.activation.probability
        return float(p[0]) if len(p) and (p == p[0]).all() else None

    @cached_property
    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Headers and edges, as `mixed_runs` reads them."""
        from graphsocial.diffusion.independent_cascade_kernel import SLACK, lay_rows
        from graphsocial.diffusion.random_stream_kernel import hazards

        spread, probability = self.spread, self.activation.probability
        hazard = np.empty(len(probability))
        hazards(probability, hazard)
        header = np.zeros((spread.num_nodes, 4), dtype=np.int32)
        edges = np.zeros(len(probability) + SLACK, dtype=np.uint64)
        total = np.empty(spread.num_nodes, dtype=np.float32)
        lay_rows(spread.indptr, spread.target, probability, hazard, header, edges, total)
        header[:, 3] = total.view(np.int32)
        return header, edges


class IndependentCascadeRunner:
    """One thread's scratch space, and the loop that fits the probabilities."""

    def __init__(self, model: IndependentCascade, seeds: np.ndarray, horizon: float):
        self._model, self._seeds = model, seeds
        self._horizon = int(min(horizon, 2**31 - 2))
        self._active = np.zeros(model.spread.num_nodes, dtype=np.uint8)
        self._stage = np.zeros(0, dtype=np.uint64)

    def fill(self, key: int, begin: int, end: int, room: RunBuffer) -> int:
        """Writes runs and returns how many fitted."""
        from graphsocial.diffusion.independent_cascade_kernel import PART, coupled_runs, mixed_runs, uniform_runs

        model, spread = self._model, self._model.spread
        out = (self._active, room.node, room.parent, room.time, room.size, room.censored)
        asked = (begin, end, np.uint64(key), self._seeds, self._horizon)
        if model.coupled:
            return coupled_runs(*asked, spread.indptr, spread.target, model.activation.probability, *out)
        if model.uniform is not None and 0 < model.uniform < 1:
            rate = -1 / np.log1p(-model.uniform)
            return uniform_runs(*asked, spread.indptr, spread.target, rate, *out)
        if not len(self._stage):
            self._stage = np.zeros(PART * int(spread.out_degree.max(initial=0)) + 40, dtype=np.uint64)
        return mixed_runs(*asked, *model.rows, self._stage, *out)

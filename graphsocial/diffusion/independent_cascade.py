"""Independent cascade: whoever becomes active gets one chance at each neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphsocial.diffusion.activation import SLACK, Activation
from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.stepped_model import Asked, OpenEdgesRunner, SteppedModel
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class IndependentCascade(SteppedModel):
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

    def runner(self, seeds: np.ndarray, horizon: float) -> IndependentCascadeRunner:
        """One thread's runner."""
        return IndependentCascadeRunner(self, seeds, horizon)

    @cached_property
    def passes(self) -> np.ndarray:
        """Whether something can pass along each edge, bool [edge]."""
        return self.activation.probability > 0

    @cached_property
    def uniform(self) -> float | None:
        """The one probability of all edges, None where they differ."""
        p = self.activation.probability
        return float(p[0]) if len(p) and (p == p[0]).all() else None

    @cached_property
    def skips(self) -> bool:
        """Whether so many edges are rare that some are skipped to, for which a second order of the edges is kept."""
        from graphsocial.diffusion.independent_cascade_kernel import skips_pay

        return bool(skips_pay(self.spread.indptr, self.spread.target, self.activation.probability))

    @cached_property
    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Headers, values and order of the entries, as `mixed_runs` reads them."""
        from graphsocial.diffusion.independent_cascade_kernel import lay_rows
        from graphsocial.diffusion.random_stream_kernel import hazards

        spread, probability = self.spread, self.activation.probability
        hazard = np.empty(len(probability))
        hazards(probability, hazard)
        header = np.zeros((spread.num_nodes, 4), dtype=np.int32)
        value = np.zeros(len(self.activation.padded), dtype=np.float32)
        longest = int(spread.out_degree.max(initial=0))
        order = np.empty(len(probability), dtype=np.uint16 if longest <= 2**16 else np.uint32)
        total = np.empty(spread.num_nodes, dtype=np.float32)
        lay_rows(spread.indptr, probability, hazard, header, value, order, total)
        header[:, 3] = total.view(np.int32)
        return header, value, order


class IndependentCascadeRunner(OpenEdgesRunner):
    """One thread's scratch space, and the loop that fits the probabilities."""

    def __init__(self, model: IndependentCascade, seeds: np.ndarray, horizon: float):
        super().__init__(model, seeds, horizon)
        self._stage: tuple[np.ndarray, np.ndarray] | None = None

    def _compiled(self, asked: Asked, room: RunBuffer) -> int:
        from graphsocial.diffusion.coin_cascade_kernel import PART, SUCCESS_AHEAD, coin_runs
        from graphsocial.diffusion.independent_cascade_kernel import coupled_runs, mixed_runs, uniform_runs

        model, spread = self._model, self._spread
        out = (self._active, room.node, room.parent, room.time, room.size)
        if model.coupled:
            return coupled_runs(*asked, spread.indptr, spread.target, model.activation.probability, *out)
        if model.uniform is not None and 0 < model.uniform < 1:
            rate = -1 / np.log1p(-model.uniform)
            return uniform_runs(*asked, spread.indptr, spread.target, rate, *out)
        if self._stage is None:
            room_for = PART * int(spread.out_degree.max(initial=0)) + SLACK + SUCCESS_AHEAD
            self._stage = np.zeros(room_for, dtype=np.uint32), np.zeros(room_for, dtype=np.uint8)
        if model.skips:
            rows: tuple[np.ndarray, np.ndarray, np.ndarray] = model.rows
            return mixed_runs(*asked, *rows, spread.target, *self._stage, *out)
        return coin_runs(*asked, spread.indptr, spread.target, model.activation.padded, *self._stage, *out)

"""What the models in steps have in common, in which whoever is active stays so."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.spread_graph import SpreadGraph

LAST_STEP = 2**31 - 2
"""Steps are kept as int32."""

Asked = tuple[int, int, np.uint64, np.ndarray, int]
"""First run, one past the last run, key of the streams, seeds, last step."""


class SteppedModel:
    """A model in which everybody becomes active once at most, in some step."""

    @property
    def spread(self) -> SpreadGraph:
        """The graph."""
        raise NotImplementedError

    @property
    def continuous(self) -> bool:
        """Times are steps."""
        return False

    @property
    def marks(self) -> tuple[str, ...]:
        """What is recorded of each member beside the step: nothing, where not said otherwise."""
        return ()

    def most_members(self, seeds: np.ndarray) -> int:
        """Everybody, once."""
        return self.spread.num_nodes


class SteppedRunner:
    """One thread's scratch space for a model in steps."""

    def __init__(self, model: Any, seeds: np.ndarray, horizon: float):
        self._model, self._spread, self._seeds = model, model.spread, seeds
        self._horizon = int(min(horizon, LAST_STEP))

    def fill(self, key: int, begin: int, end: int, room: RunBuffer) -> int:
        """Writes runs and returns how many fitted."""
        return self._compiled((begin, end, np.uint64(key), self._seeds, self._horizon), room)

    def _compiled(self, asked: Asked, room: RunBuffer) -> int:
        """Calls the loop that fits the model and returns how many runs fitted."""
        raise NotImplementedError


class OpenEdgesRunner(SteppedRunner):
    """One thread's scratch space where members of the last step could have reached more by edges of `model.passes`."""

    def __init__(self, model: Any, seeds: np.ndarray, horizon: float):
        super().__init__(model, seeds, horizon)
        self._active = np.zeros(self._spread.num_nodes, dtype=np.uint8)

    def fill(self, key: int, begin: int, end: int, room: RunBuffer) -> int:
        """Writes runs and returns how many fitted."""
        done = super().fill(key, begin, end, room)
        if self._horizon < self._spread.num_nodes:  # nothing takes longer
            from graphsocial.diffusion.open_frontier_kernel import mark_open_frontier

            rows = (self._spread.indptr, self._spread.target, self._model.passes, self._active)
            mark_open_frontier(done, self._horizon, *rows, room.node, room.time, room.size, room.censored)
        return done

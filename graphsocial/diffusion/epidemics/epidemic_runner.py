"""One thread's means to run an epidemic model."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.errors import SchemaError

if TYPE_CHECKING:
    from graphsocial.diffusion.epidemics.epidemic_model import EpidemicModel

LAST_STEP = 2**31 - 2
"""Steps are kept as int32."""

LAST_TIME = 1e290
"""Time without a horizon ends here; finite, so that it can be reckoned with."""

NEVER = 1e300
"""What does not happen comes later than time ends."""

MOST_MEMBERS = 2**27
"""Of one run."""


class EpidemicRunner:
    """One thread's scratch space, and the loop that fits the model."""

    def __init__(self, model: EpidemicModel, seeds: np.ndarray, horizon: float):
        self._model, self._seeds, self._horizon = model, seeds, horizon
        self._last = min(horizon, LAST_TIME) if model.continuous else min(float(np.floor(horizon)), float(LAST_STEP))
        nodes = model.spread.num_nodes
        self._room = np.empty(0)
        self._again = model.most_members(seeds) is None
        self._when = np.full(nodes, -1.0 if self._again else np.inf)
        self._source = np.empty(0 if self._again else nodes, dtype=np.int32)

    def fill(self, key: int, begin: int, end: int, room: RunBuffer) -> int:
        """Writes runs and returns how many fitted.

        Raises:
            SchemaError: One run has more members than can be kept.
        """
        time = room.time if self._model.continuous else self._steps(len(room.time))
        done = self._compiled(key, begin, end, time, room)
        if not self._model.continuous:
            members = int(room.size[:done].sum())
            room.time[:members] = time[:members]
        if not done and self._again and len(room.node) >= MOST_MEMBERS:
            raise SchemaError(
                f"run {begin} has more than {MOST_MEMBERS:,} members until {self._horizon}, expected a horizon that "
                "ends it earlier"
            )
        if not self._model.marks and (np.isfinite(self._horizon) or self._slow):
            self._mark_unfinished(room, done)
        elif self._model.mean_period("recovery") == NEVER and not np.isfinite(self._horizon):
            room.censored[:done] = False  # nobody recovers, however long one waits
        return done

    def _compiled(self, key: int, begin: int, end: int, time: np.ndarray, room: RunBuffer) -> int:
        from graphsocial.diffusion.epidemics.infected_again_kernel import infected_again_runs
        from graphsocial.diffusion.epidemics.infected_once_kernel import infected_once_runs

        model, spread = self._model, self._model.spread
        each, hazard = (model.hazard, 0.0) if isinstance(model.hazard, np.ndarray) else (np.empty(0), model.hazard)
        each.setflags(write=False)  # so that one compiled loop fits all
        asked = (begin, end, np.uint64(key), self._seeds, self._last, not model.continuous, float(hazard), each)
        rows = (spread.indptr, spread.target, self._when)
        out = (room.node, room.parent, time, room.marks, room.size, room.censored)
        latency, period = model.mean_period("incubation"), model.mean_period("recovery")
        if self._again:
            return infected_again_runs(*asked, period, *rows, *out)
        return infected_once_runs(*asked, latency, period, *rows, self._source, *out)

    def _steps(self, members: int) -> np.ndarray:
        """Where loops that know float64 times only write steps to."""
        if len(self._room) < members:
            self._room = np.empty(members)
        return self._room

    @cached_property
    def _passes(self) -> np.ndarray:
        """Whether anything can pass along each edge, [edge]."""
        return np.ones(self._model.spread.num_edges, dtype=bool) & (np.asarray(self._model.hazard) > 0)

    @cached_property
    def _slow(self) -> bool:
        """Whether an edge might wait for longer than steps can be counted."""
        hazard = np.asarray(self._model.hazard)
        return not self._model.continuous and bool(((hazard > 0) & (hazard * LAST_STEP < 100)).any())

    def _mark_unfinished(self, room: RunBuffer, runs: int) -> None:
        """Without recovery, a run was cut short where an edge leads from a member to somebody else."""
        from graphsocial.diffusion.epidemics.open_edges_kernel import mark_open_edges

        spread = self._model.spread
        mark_open_edges(
            runs, spread.indptr, spread.target, self._passes, self._when, room.node, room.size, room.censored
        )

"""Room that compiled loops write the members of simulated cascades to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True, eq=False)
class RunBuffer:
    """Members of several runs, one after the other.

    Attributes:
        node: Who became active, int32 [member]; a node wherever nothing was written yet, as loops look ahead.
        parent: Position within the run of the member it came from, -1 for seeds, int32 [member].
        time: When: steps, int32, or float64 [member].
        marks: Further numbers of each member, float64 [mark, member].
        size: Members of each run, int64 [run].
        censored: True where the run was cut short by the horizon, bool [run].
    """

    node: np.ndarray
    parent: np.ndarray
    time: np.ndarray
    marks: np.ndarray
    size: np.ndarray
    censored: np.ndarray

    @classmethod
    def of_room(cls, members: int, runs: int, marks: int, continuous: bool) -> RunBuffer:
        """An empty one."""
        return cls(
            np.zeros(members, dtype=np.int32),
            np.empty(members, dtype=np.int32),
            np.empty(members, dtype=np.float64 if continuous else np.int32),
            np.empty((marks, members)),
            np.empty(runs, dtype=np.int64),
            np.zeros(runs, dtype=bool),
        )

    def cut(self, runs: int) -> RunBuffer:
        """A copy of the first runs that takes no more room than they need."""
        members = int(self.size[:runs].sum())
        return RunBuffer(
            self.node[:members].copy(),
            self.parent[:members].copy(),
            self.time[:members].copy(),
            self.marks[:, :members].copy(),
            self.size[:runs].copy(),
            self.censored[:runs].copy(),
        )


class Runner(Protocol):
    """One thread's means to simulate a model from one seed set; it owns its scratch space."""

    def fill(self, key: int, begin: int, end: int, room: RunBuffer) -> int:
        """Writes runs `begin` to `end` and returns how many of them fitted.

        Run i draws from the stream of (key, i) alone. A run that might not fit is not begun.
        """
        ...

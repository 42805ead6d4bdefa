"""Self-exciting processes: every event makes further events likelier for a while."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel
from graphsocial.errors import SchemaError

_CELLS = 2**20  # time x event pairs held at once


@dataclass(frozen=True)
class HawkesProcess:
    """Events come at the rate background + branching sum(kernel density at the time since each earlier event).

    Hawkes, "Spectra of some self-exciting and mutually exciting point processes", Biometrika 58(1), 1971.

    Attributes:
        background: Events per second that nothing triggered; 0 where everything descends from a root.
        branching: Direct answers that an event triggers on average; from 1 on, a process without end is likely.
        kernel: How they are spread over the time after it.

    Raises:
        SchemaError: A rate below 0 or not finite, or no memory kernel.

    >>> from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
    >>> process = HawkesProcess(background=0.1, branching=0.5, kernel=ExponentialKernel(rate=2.0))
    >>> process.intensity(np.array([1.0]), np.array([1.0, 2.0, 50.0])).round(3).tolist()
    [0.1, 0.235, 0.1]
    >>> process.stationary_rate, process.supercritical
    (0.2, False)
    """

    background: float
    branching: float
    kernel: MemoryKernel

    def __post_init__(self) -> None:
        for name in ("background", "branching"):
            value = getattr(self, name)
            wrong = isinstance(value, bool) or not isinstance(value, int | float | np.number)
            if wrong or not (math.isfinite(value) and value >= 0):
                raise SchemaError(f"Hawkes process: {name} got {value!r}, expected a finite number, at least 0")
            object.__setattr__(self, name, float(value))
        if isinstance(self.kernel, type) or not hasattr(self.kernel, "compiled"):
            got = self.kernel.__name__ if isinstance(self.kernel, type) else repr(self.kernel)
            raise SchemaError(
                f"Hawkes process: kernel got {got}, expected a memory kernel, such as ExponentialKernel(rate=0.01)"
            )

    @property
    def supercritical(self) -> bool:
        """Whether the branching ratio reaches 1, so that the expected number of descendants has no bound."""
        return self.branching >= 1

    @property
    def stationary_rate(self) -> float:
        """Events per second in the long run, background / (1 - branching); infinite for a supercritical process."""
        if self.supercritical:
            return math.inf if self.background > 0 else math.nan
        return self.background / (1 - self.branching)

    def intensity(self, history: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Events per second just before some times, given what has happened, float64 [time].

        Args:
            history: Times of the events, seconds [event]; those at or after a time do not count for it.
            at: Seconds [time].
        """
        history, at = np.asarray(history, dtype=np.float64), np.asarray(at, dtype=np.float64)
        out = np.full(len(at), self.background)
        step = max(1, _CELLS // max(len(history), 1))
        for first in range(0, len(at), step):
            gap = at[first : first + step, None] - history
            share = np.where(gap > 0, self.kernel.density(np.maximum(gap, 0)), 0.0)
            out[first : first + step] += self.branching * share.sum(1)
        return out

    def compensator(self, history: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Expected events from 0 to some times, the integral of the intensity, float64 [time].

        Args:
            history: Times of the events from 0 on, seconds [event].
            at: Seconds from 0 on [time].
        """
        history, at = np.asarray(history, dtype=np.float64), np.asarray(at, dtype=np.float64)
        out = self.background * at
        step = max(1, _CELLS // max(len(history), 1))
        for first in range(0, len(at), step):
            gap = np.maximum(at[first : first + step, None] - history, 0)
            out[first : first + step] += self.branching * self.kernel.mass(gap).sum(1)
        return out

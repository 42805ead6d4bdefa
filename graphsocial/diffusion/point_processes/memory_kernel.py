"""What every memory kernel has in common: how the direct answers to one event are spread over the time after it."""

from __future__ import annotations

import math
from typing import ClassVar, Protocol

import numpy as np

from graphsocial.errors import SchemaError


class MemoryKernel(Protocol):
    """Density of the delay between an event and one that it triggered; its whole mass is 1, and it never rises.

    Delays are in the unit of the times, seconds throughout the room.

    Attributes:
        parameters: Names of the numbers that make one of the family, as its constructor takes them.
        kinked: Parameters in which the density has a kink, so that its likelihood has no slope everywhere.
    """

    parameters: ClassVar[tuple[str, ...]]
    kinked: ClassVar[tuple[str, ...]]

    @property
    def compiled(self) -> tuple[int, float, float]:
        """Family and parameters, as `memory_families_kernel` reads them."""
        ...

    @classmethod
    def of_delay(cls, delay: float) -> MemoryKernel:
        """A typical member of the family whose delays are about this long: where a fit begins."""
        ...

    @classmethod
    def bounds(cls, shortest: float, longest: float) -> tuple[tuple[float, float], ...]:
        """Between which values each parameter is looked for, when gaps and observations are this short and long."""
        ...

    def density(self, delay: np.ndarray | float) -> np.ndarray:
        """Share of the answers per second at a delay [...]; 0 before the event."""
        ...

    def mass(self, delay: np.ndarray | float) -> np.ndarray:
        """Share of the answers within a delay [...]."""
        ...

    def moment(self, delay: np.ndarray | float) -> np.ndarray:
        """Integral of delay times density from 0 on, seconds [...]."""
        ...

    def delay(self, share: np.ndarray | float) -> np.ndarray:
        """Within which delay a share of [0, 1] of the answers comes, the inverse of `mass` [...]."""
        ...


def drawn_delays(kernel: MemoryKernel, count: int, rng: int | np.random.Generator) -> np.ndarray:
    """Independent delays, float64 seconds [draw].

    >>> from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
    >>> bool((drawn_delays(ExponentialKernel(0.1), 3, rng=0) > 0).all())
    True
    """
    return kernel.delay(np.random.default_rng(rng).random(count))


def positive(what: str, value: float) -> float:
    """The value as a float.

    Raises:
        SchemaError: It is no finite number above 0.
    """
    wrong = isinstance(value, bool) or not isinstance(value, int | float | np.number)
    if wrong or not (math.isfinite(value) and value > 0):
        raise SchemaError(f"{what} got {value!r}, expected a finite number above 0")
    return float(value)

"""Memory that fades exponentially."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from graphsocial.diffusion.point_processes.memory_kernel import positive


@dataclass(frozen=True)
class ExponentialKernel:
    """Density rate exp(-rate delay) of the delay until an answer.

    Hawkes, "Spectra of some self-exciting and mutually exciting point processes", Biometrika 58(1), 1971.

    Attributes:
        rate: Per second; the mean delay is 1 / rate, the half-life log(2) / rate.

    >>> kernel = ExponentialKernel(rate=0.5)
    >>> kernel.density(0.0).item(), kernel.mass(2.0).round(3).item(), kernel.delay(1 - np.exp(-1)).item()
    (0.5, 0.632, 2.0)
    """

    parameters: ClassVar[tuple[str, ...]] = ("rate",)
    kinked: ClassVar[tuple[str, ...]] = ()
    rate: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", positive("exponential kernel: rate", self.rate))

    @classmethod
    def of_delay(cls, delay: float) -> ExponentialKernel:
        """The one whose mean delay is this."""
        return cls(1 / delay)

    @classmethod
    def bounds(cls, shortest: float, longest: float) -> tuple[tuple[float, float], ...]:
        """Between which values the parameters are looked for."""
        return ((1e-3 / longest, 1e3 / shortest),)

    @property
    def compiled(self) -> tuple[int, float, float]:
        """Family 0."""
        return 0, self.rate, 0.0

    def density(self, delay: np.ndarray | float) -> np.ndarray:
        """Per second [...]."""
        delay = np.asarray(delay, dtype=np.float64)
        return np.where(delay < 0, 0.0, self.rate * np.exp(-self.rate * np.maximum(delay, 0)))

    def mass(self, delay: np.ndarray | float) -> np.ndarray:
        """Share within a delay [...]."""
        return -np.expm1(-self.rate * np.maximum(np.asarray(delay, dtype=np.float64), 0))

    def moment(self, delay: np.ndarray | float) -> np.ndarray:
        """Integral of delay times density from 0 on [...]."""
        x = np.maximum(np.asarray(delay, dtype=np.float64), 0) * self.rate
        return (-np.expm1(-x) - x * np.exp(-x)) / self.rate

    def delay(self, share: np.ndarray | float) -> np.ndarray:
        """Within which delay a share comes [...]."""
        with np.errstate(divide="ignore"):
            return -np.log1p(-np.asarray(share, dtype=np.float64)) / self.rate

"""Memory that fades like a power of the time that has passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from graphsocial.diffusion.point_processes.memory_kernel import positive


@dataclass(frozen=True)
class PowerLawKernel:
    """Density (exponent / cutoff) (1 + delay / cutoff) ** -(1 + exponent) of the delay until an answer.

    The modified Omori law of Ogata, "Statistical models for earthquake occurrences and residual analysis for point
    processes", JASA 83, 1988, normalised; for retweets in Mishra, Rizoiu and Xie, "Feature driven and point process
    approaches for popularity prediction", CIKM 2016, whose c and theta are `cutoff` and `exponent`.

    Attributes:
        cutoff: Seconds after which the power law sets in.
        exponent: Of the tail: the share that takes longer than t falls like t ** -exponent.

    >>> kernel = PowerLawKernel(cutoff=10.0, exponent=1.0)
    >>> kernel.density(0.0).item(), kernel.mass(10.0).item(), kernel.delay(0.75).item()
    (0.1, 0.5, 30.0)
    """

    parameters: ClassVar[tuple[str, ...]] = ("cutoff", "exponent")
    kinked: ClassVar[tuple[str, ...]] = ()
    cutoff: float
    exponent: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "cutoff", positive("power-law kernel: cutoff", self.cutoff))
        object.__setattr__(self, "exponent", positive("power-law kernel: exponent", self.exponent))

    @classmethod
    def of_delay(cls, delay: float) -> PowerLawKernel:
        """The one of exponent 1/2 with this cutoff."""
        return cls(delay, 0.5)

    @classmethod
    def bounds(cls, shortest: float, longest: float) -> tuple[tuple[float, float], ...]:
        """Between which values the parameters are looked for."""
        return (1e-3 * shortest, 1e3 * longest), (1e-3, 1e2)

    @property
    def compiled(self) -> tuple[int, float, float]:
        """Family 1."""
        return 1, self.cutoff, self.exponent

    def density(self, delay: np.ndarray | float) -> np.ndarray:
        """Per second [...]."""
        delay = np.asarray(delay, dtype=np.float64)
        height = self.exponent / self.cutoff
        return np.where(delay < 0, 0.0, height * (1 + np.maximum(delay, 0) / self.cutoff) ** -(1 + self.exponent))

    def mass(self, delay: np.ndarray | float) -> np.ndarray:
        """Share within a delay [...]."""
        x = np.log1p(np.maximum(np.asarray(delay, dtype=np.float64), 0) / self.cutoff)
        return -np.expm1(-self.exponent * x)

    def moment(self, delay: np.ndarray | float) -> np.ndarray:
        """Integral of delay times density from 0 on [...]."""
        delay = np.maximum(np.asarray(delay, dtype=np.float64), 0)
        x, power = np.log1p(delay / self.cutoff), 1 - self.exponent
        survived = x if abs(power) < 1e-9 else np.expm1(power * x) / power  # integral of the share still to come
        return self.cutoff * survived - delay * np.exp(-self.exponent * x)

    def delay(self, share: np.ndarray | float) -> np.ndarray:
        """Within which delay a share comes [...]."""
        with np.errstate(divide="ignore", over="ignore"):
            x = -np.log1p(-np.asarray(share, dtype=np.float64)) / self.exponent
            return self.cutoff * np.expm1(x)

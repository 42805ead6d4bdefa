"""The memory kernel of SEISMIC: at first every delay is equally likely, then a power law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from graphsocial.diffusion.point_processes.memory_kernel import positive


@dataclass(frozen=True)
class SeismicKernel:
    """Density constant up to a plateau's end, then falling like delay ** -(1 + exponent).

    Zhao, Erdogdu, He, Rajaraman and Leskovec, "SEISMIC: a self-exciting point process model for predicting tweet
    popularity", KDD 2015, section 3.2, whose s0 and theta are `plateau` and `exponent`; the constant is the one that
    makes the whole mass 1. The default values are the paper's, for Twitter.

    Attributes:
        plateau: Seconds up to which every delay is equally likely.
        exponent: Of the tail.

    >>> kernel = SeismicKernel()
    >>> kernel.mass(np.array([0.0, 300.0, 1e12])).round(3).tolist()
    [0.0, 0.195, 0.996]
    """

    parameters: ClassVar[tuple[str, ...]] = ("plateau", "exponent")
    kinked: ClassVar[tuple[str, ...]] = ("plateau",)
    plateau: float = 300.0
    exponent: float = 0.242

    def __post_init__(self) -> None:
        object.__setattr__(self, "plateau", positive("SEISMIC kernel: plateau", self.plateau))
        object.__setattr__(self, "exponent", positive("SEISMIC kernel: exponent", self.exponent))

    @classmethod
    def of_delay(cls, delay: float) -> SeismicKernel:
        """The one with the paper's exponent and a plateau this long."""
        return cls(delay)

    @classmethod
    def bounds(cls, shortest: float, longest: float) -> tuple[tuple[float, float], ...]:
        """Between which values the parameters are looked for."""
        return (1e-3 * shortest, longest), (1e-3, 1e2)

    @property
    def compiled(self) -> tuple[int, float, float]:
        """Family 2."""
        return 2, self.plateau, self.exponent

    @property
    def height(self) -> float:
        """The density on the plateau, per second."""
        return self.exponent / (self.plateau * (1 + self.exponent))

    def density(self, delay: np.ndarray | float) -> np.ndarray:
        """Per second [...]."""
        delay = np.asarray(delay, dtype=np.float64)
        fallen = (np.maximum(delay, self.plateau) / self.plateau) ** -(1 + self.exponent)
        return np.where(delay < 0, 0.0, self.height * fallen)

    def mass(self, delay: np.ndarray | float) -> np.ndarray:
        """Share within a delay [...]."""
        delay = np.asarray(delay, dtype=np.float64)
        tail = self.plateau / self.exponent * (1 - (np.maximum(delay, self.plateau) / self.plateau) ** -self.exponent)
        return self.height * (np.clip(delay, 0, self.plateau) + tail)

    def moment(self, delay: np.ndarray | float) -> np.ndarray:
        """Integral of delay times density from 0 on [...]."""
        delay = np.asarray(delay, dtype=np.float64)
        beyond, power = np.maximum(delay, self.plateau) / self.plateau, 1 - self.exponent
        if power == 0:
            tail = self.plateau**2 * np.log(beyond)
        else:
            tail = self.plateau**2 / power * (beyond**power - 1)
        return self.height * (np.clip(delay, 0, self.plateau) ** 2 / 2 + tail)

    def delay(self, share: np.ndarray | float) -> np.ndarray:
        """Within which delay a share comes [...]."""
        left = (1 - np.asarray(share, dtype=np.float64)) * (1 + self.exponent)
        with np.errstate(divide="ignore"):
            beyond = self.plateau * np.minimum(left, 1) ** (-1 / self.exponent)
        return np.where(left > 1, np.asarray(share) / self.height, beyond)

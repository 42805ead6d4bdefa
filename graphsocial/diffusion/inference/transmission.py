"""How the chance to pass something on depends on the time since one became active.

Each hazard is a rate times a function of the delay, which is all that differs between them (Gomez-Rodriguez, Balduzzi
and Schoelkopf, "Uncovering the temporal dynamics of diffusion networks", ICML 2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from graphsocial.errors import SchemaError


class Transmission(Protocol):
    """A shape of hazard, at rate 1."""

    def hazard(self, delay: np.ndarray) -> np.ndarray:
        """Chance per unit of time to pass it on just then, float64 [delay]."""
        ...

    def cumulative(self, delay: np.ndarray) -> np.ndarray:
        """The hazard added up until then, float64 [delay]; exp(-this) is the chance of not having passed it on."""
        ...


@dataclass(frozen=True)
class ExponentialTransmission:
    """The chance is the same at any time.

    >>> ExponentialTransmission().cumulative(np.array([3.0])).tolist()
    [3.0]
    """

    def hazard(self, delay: np.ndarray) -> np.ndarray:
        """1."""
        return np.ones(len(delay))

    def cumulative(self, delay: np.ndarray) -> np.ndarray:
        """The delay."""
        return np.maximum(delay, 0.0)


@dataclass(frozen=True)
class PowerLawTransmission:
    """Nothing up to a shortest delay, then a chance that falls as one over the delay: a rate above 0 is an exponent.

    Attributes:
        shortest: Delay before which nothing is passed on, in the unit of the cascades' times.

    >>> PowerLawTransmission(2.0).hazard(np.array([1.0, 4.0])).tolist()
    [0.0, 0.25]
    """

    shortest: float = 1.0

    def __post_init__(self) -> None:
        number = isinstance(self.shortest, int | float | np.number) and not isinstance(self.shortest, bool)
        if not number or not 0 < self.shortest < np.inf:
            raise SchemaError(f"got shortest={self.shortest!r}, expected a number above 0")

    def hazard(self, delay: np.ndarray) -> np.ndarray:
        """1 / delay after the shortest."""
        return np.where(delay > self.shortest, 1 / np.maximum(delay, self.shortest), 0.0)

    def cumulative(self, delay: np.ndarray) -> np.ndarray:
        """log(delay / shortest) after the shortest."""
        return np.log(np.maximum(delay, self.shortest) / self.shortest)


@dataclass(frozen=True)
class RayleighTransmission:
    """The chance grows with the delay: most are passed on at about the same delay, few right away, few late.

    >>> RayleighTransmission().cumulative(np.array([4.0])).tolist()
    [8.0]
    """

    def hazard(self, delay: np.ndarray) -> np.ndarray:
        """The delay."""
        return np.maximum(delay, 0.0)

    def cumulative(self, delay: np.ndarray) -> np.ndarray:
        """Half of the delay squared."""
        return np.maximum(delay, 0.0) ** 2 / 2

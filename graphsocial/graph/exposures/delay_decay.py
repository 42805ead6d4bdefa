"""How much less likely an adoption becomes the longer ago the exposure was.

Each is a density with one parameter to fit: an exponential density of the delay, stretched by a function.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from graphsocial.errors import SchemaError


@dataclass(frozen=True)
class ExponentialDecay:
    """Density `exp(-delay / mean) / mean`.

    Attributes:
        mean: Seconds, None to be fitted.
        known_until: Everything it was fitted on lies before this second; None for a mean that was given.

    >>> ExponentialDecay(mean=10.0).rate
    0.1
    """

    mean: float | None = None
    known_until: int | None = None

    def __post_init__(self) -> None:
        _check_positive("mean", self.mean)

    @property
    def rate(self) -> float | None:
        """Rate per second."""
        return None if self.mean is None else 1 / self.mean

    def stretched(self, delay: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Delays as they are, and the logarithm of how much they are stretched there, float64 [delay] each."""
        return delay.astype(np.float64), np.zeros(len(delay))

    def fitted(self, rate: float, known_until: int) -> ExponentialDecay:
        """The exponential of this rate."""
        return replace(self, mean=1 / rate, known_until=known_until)


@dataclass(frozen=True)
class PowerLawDecay:
    """Density `(exponent - 1) / scale * (1 + delay / scale) ** -exponent` (Lomax 1954; Omori-Utsu in seismology).

    Attributes:
        exponent: Above 1, None to be fitted.
        scale: Seconds before the power law sets in; never fitted.
        known_until: Everything it was fitted on lies before this second; None for an exponent that was given.

    >>> PowerLawDecay(exponent=2.5).rate
    1.5
    """

    exponent: float | None = None
    scale: float = 60.0
    known_until: int | None = None

    def __post_init__(self) -> None:
        _check_positive("exponent", self.exponent, above=1)
        _check_positive("scale", self.scale)

    @property
    def rate(self) -> float | None:
        """Rate per unit of `log(1 + delay / scale)`."""
        return None if self.exponent is None else self.exponent - 1

    def stretched(self, delay: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logarithms of the delays, and the logarithm of how much they are stretched there, float64 [delay] each."""
        return np.log1p(delay / self.scale), -np.log(self.scale + delay)

    def fitted(self, rate: float, known_until: int) -> PowerLawDecay:
        """The power law of this rate."""
        return replace(self, exponent=1 + rate, known_until=known_until)


def _check_positive(name: str, value: object, above: float = 0) -> None:
    if value is None and name != "scale":
        return
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not above < value < np.inf:
        raise SchemaError(f"got {name}={value!r}, expected a finite number above {above}")

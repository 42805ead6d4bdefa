"""A law of growth through a few measured sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Law:
    """`fixed + slope * (size / 1e6) ** power`.

    Attributes:
        fixed: What it costs at any size.
        slope: What the first million costs on top.
        power: How it grows; 1 is in proportion.
        worst_error: Largest relative error at a measured size.
    """

    fixed: float
    slope: float
    power: float
    worst_error: float

    def at(self, size: float) -> float:
        """Predicted value."""
        return self.fixed + self.slope * (size / 1e6) ** self.power

    def __str__(self) -> str:
        grown = "E" if self.power == 1 else f"E^{self.power:.2f}"
        return f"{self.fixed:.2g} + {self.slope:.2g}·{grown}" if self.fixed else f"{self.slope:.2g}·{grown}"


POWERS = np.round(np.arange(1.0, 1.61, 0.02), 2)


def fit_law(points: Sequence[tuple[float, float]]) -> Law:
    """The law with the smallest relative errors (squared, summed), by non-negative least squares for each power.

    Args:
        points: Size and value of each measurement, at least two.

    >>> law = fit_law([(1e6, 3.0), (1e7, 21.0), (1e8, 201.0)])
    >>> round(law.fixed, 6), round(law.slope, 6), law.power, round(law.at(1e9), 3)
    (1.0, 2.0, 1.0, 2001.0)
    """
    from scipy.optimize import nnls

    size, value = (np.array(column, dtype=np.float64) for column in zip(*points, strict=True))
    best: Law | None = None
    least = np.inf
    for power in POWERS:
        columns = np.stack([np.ones_like(size), (size / 1e6) ** power], axis=1) / value[:, None]
        (fixed, slope), error = nnls(columns, np.ones_like(value))
        if error < least - 1e-12:
            least = error
            relative = np.abs((fixed + slope * (size / 1e6) ** power) / value - 1)
            best = Law(float(fixed), float(slope), float(power), float(relative.max()))
    assert best is not None
    return best

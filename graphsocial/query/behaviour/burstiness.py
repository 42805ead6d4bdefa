"""How unevenly events are spread over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FEW = 20
"""Gaps below which the plain coefficient is mostly what so few gaps allow."""


@dataclass(frozen=True)
class Burstiness:
    """Coefficients of the gaps between events.

    Attributes:
        plain: (σ - μ) / (σ + μ) of the gaps, -1 for a clock, 0 for a Poisson process, towards 1 for bursts (Goh and
            Barabási, EPL 81:48002, 2008). Of n gaps it is at most (√(n-1) - 1) / (√(n-1) + 1), and below 0 on average
            for a Poisson process. nan with fewer than 2 gaps.
        corrected: The same with the number of gaps allowed for (Kim and Jo, Phys. Rev. E 94:032311, 2016): about
            0 for events spread at random over a span, and 1 at the most that n gaps allow.
        memory: Correlation of a gap with the next one (Goh and Barabási 2008); nan with fewer than 3, or equal ones.
        gaps: How many.
    """

    plain: float
    corrected: float
    memory: float
    gaps: int

    @property
    def note(self) -> str:
        """What few gaps mean, empty where they are many."""
        if self.gaps < 2:
            return "too few acts to say how bursty"
        return "" if self.gaps >= FEW else f"{self.gaps} gaps are few: read the corrected coefficient, and it loosely"


def burstiness(gap: np.ndarray) -> Burstiness:
    """Coefficients of gaps between events, in order.

    Args:
        gap: Time between one event and the next, not negative [gap].

    >>> burstiness([5, 5, 5, 5]).plain, round(burstiness([0, 0, 0, 0, 9]).corrected, 9)
    (-1.0, 1.0)
    """
    gap = np.asarray(gap, dtype=np.float64)
    n = len(gap)
    mean = gap.mean() if n else 0.0
    if n < 2 or mean == 0:
        return Burstiness(np.nan, np.nan, np.nan, n)
    ratio = gap.std() / mean
    plain = (ratio - 1) / (ratio + 1)
    above, below = np.sqrt(n + 1), np.sqrt(n - 1)
    corrected = (above * ratio - below) / ((above - 2) * ratio + below)
    first, second = gap[:-1], gap[1:]
    memory = np.nan
    if n >= 3 and first.std() > 0 and second.std() > 0:
        memory = float(((first - first.mean()) * (second - second.mean())).mean() / (first.std() * second.std()))
    return Burstiness(float(plain), float(corrected), memory, n)

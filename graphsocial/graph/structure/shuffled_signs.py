"""What triangles would show if signs were shuffled over the pairs, without shuffling them."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from math import comb, perm, sqrt

import numpy as np


def shuffled_signs(per_pair: np.ndarray, positive: int, negative: int, kinds: Collection[int]) -> tuple[float, float]:
    """Mean and standard deviation of the triangles of some kinds over all arrangements of the signs.

    The pairs and the number of positive and of negative ones stay; every arrangement is equally likely. Two triangles
    share one pair or none, so the variance follows from how often they do: exact, where shuffling would have an error
    of its own, and where taking triangles as independent (Leskovec, Huttenlocher, Kleinberg 2010) leaves out that
    neighbouring ones go together.

    Args:
        per_pair: Triangles that each pair is in, int64 [pair].
        positive: Number of positive pairs.
        negative: Number of negative pairs.
        kinds: Numbers of negative pairs, 0 to 3, of the triangles to count.

    >>> shuffled_signs(np.array([1, 1, 1, 0]), 3, 1, [1])  # one triangle and a pair beside it
    (0.75, 0.4330127018922193)
    """
    triangles = int(per_pair.sum()) // 3
    sharing = int((per_pair * (per_pair - 1)).sum())  # ordered pairs of triangles that share a pair
    apart = triangles * triangles - triangles - sharing

    def arrangement(minus: int, of: int) -> Fraction:
        """Chance that so many given pairs carry a given arrangement of signs with so many negative ones."""
        ways = perm(positive + negative, of)
        return Fraction(perm(negative, minus) * perm(positive, of - minus), ways) if ways else Fraction(0)

    mean = triangles * sum((comb(3, k) * arrangement(k, 3) for k in kinds), Fraction(0))
    square = mean
    for a in kinds:
        for b in kinds:
            square += apart * comb(3, a) * comb(3, b) * arrangement(a + b, 6)
            for shared in (0, 1):  # whether the pair that both have is negative
                if shared <= a <= 2 + shared and shared <= b <= 2 + shared:
                    ways = comb(2, a - shared) * comb(2, b - shared)
                    square += sharing * ways * arrangement(a + b - shared, 5)
    return float(mean), sqrt(square - mean * mean)

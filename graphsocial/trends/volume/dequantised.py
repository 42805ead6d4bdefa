"""Counts as a continuous number, so that quantiles of mostly zeros can be learned."""

from __future__ import annotations

import numpy as np


def dequantised(counts: np.ndarray, rng: int | np.random.Generator) -> np.ndarray:
    """`log1p(count + u)` with u uniform on [0, 1), float64 of the same shape.

    Where most counts are 0, the lower quantiles of log1p counts are 0 from the start, the pinball loss has the same
    slope everywhere above, and boosting finds nothing to split. Jittered counts have no ties (Machado and Santos Silva,
    "Quantiles for counts", JASA 100, 2005).

    Args:
        counts: Whole numbers.
        rng: Seed or generator.
    """
    noise = np.random.default_rng(rng).random(np.shape(counts))
    jittered: np.ndarray = np.log1p(np.asarray(counts, dtype=np.float64) + noise)
    return jittered


def counted(quantiles: np.ndarray) -> np.ndarray:
    """Quantiles of `dequantised` as quantiles of log1p counts, float64 of the same shape.

    A quantile z of the jittered count stands for a count between z - 1 and z; z - 1 is taken, at least 0, and not
    rounded up, which scored worse.

    >>> counted(np.log1p(np.array([0.4, 1.0, 3.5]))).round(3).tolist()
    [0.0, 0.0, 1.253]
    """
    counts: np.ndarray = np.log1p(np.maximum(np.expm1(quantiles) - 1, 0.0))
    return counts

"""How far a share that was seen in a few cases may lie from the one behind it."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

LEVEL = 0.95


def share_interval(count: np.ndarray, total: np.ndarray | int, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's score interval of shares (J. American Statistical Association 22, 1927); 0 to 1 of no case.

    It takes cases as independent; those of one conversation are not, and then it is too narrow.

    Args:
        count: Cases that have it [share].
        total: Cases.
        level: Chance of an interval to hold its share.

    >>> low, high = share_interval(np.array([0, 5]), 10)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.237], [0.278, 0.763])
    """
    count = np.asarray(count, dtype=np.float64)
    total = np.broadcast_to(np.asarray(total, dtype=np.float64), count.shape)
    z = norm.ppf((1 + level) / 2)
    some = np.maximum(total, 1)
    share = count / some
    middle = (share + z**2 / (2 * some)) / (1 + z**2 / some)
    half = z / (1 + z**2 / some) * np.sqrt(share * (1 - share) / some + z**2 / (4 * some**2))
    none = total == 0
    low = np.where(none | (count == 0), 0.0, np.maximum(middle - half, 0.0))
    return low, np.where(none | (count == total), 1.0, np.minimum(middle + half, 1.0))

"""How fairly each node rates, from how far its ratings are from what the rated deserve."""

from __future__ import annotations

import numpy as np

ROUNDS = 50
TOLERANCE = 1e-6


def fairness(src: np.ndarray, dst: np.ndarray, value: np.ndarray, nodes: int) -> np.ndarray:
    """Fairness of every node as a rater, 1 where it rated nobody, float64 [node].

    Goodness is the mean of the ratings received, each times its rater's fairness; fairness is one minus the mean
    distance of the ratings given from the goodness of whom they were given to, on a scale of half the range (Kumar et
    al. 2016, "Edge weight prediction in weighted signed networks", ICDM).

    Args:
        src: Raters [edge].
        dst: Rated [edge].
        value: Ratings in [-1, 1] [edge].
        nodes: Number of nodes.

    >>> fairness(np.array([0, 1, 2]), np.array([3, 3, 3]), np.array([1.0, 1.0, -1.0]), 4).round(2).tolist()
    [0.67, 0.67, 0.33, 1.0]
    """
    fair = np.ones(nodes)
    given, received = np.bincount(src, minlength=nodes), np.bincount(dst, minlength=nodes)
    for _ in range(ROUNDS):
        good = np.bincount(dst, fair[src] * value, nodes) / np.maximum(received, 1)
        off = np.bincount(src, np.abs(value - good[dst]), nodes) / np.maximum(given, 1)
        new = 1 - off / 2
        if np.abs(new - fair).max(initial=0.0) < TOLERANCE:
            return new
        fair = new
    return fair

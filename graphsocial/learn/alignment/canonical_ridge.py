"""Linear maps under which texts and pictures that were posted together vary together."""

from __future__ import annotations

import numpy as np
import scipy.linalg


def canonical_ridge(text: np.ndarray, image: np.ndarray, channels: int, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """Canonical correlation analysis with a ridge on both covariances (Vinod, J. Econometrics 4, 1976).

    Directions are scaled by their correlation, so that those that hardly tell of the other modality hardly count.

    Args:
        text: Centred vectors [pair, channel].
        image: Centred vectors [pair, channel].
        channels: Directions to keep; fewer where either modality has fewer.
        ridge: Added to the diagonals, in units of the mean variance; above 0.

    Returns:
        A map for each, float64 [channel, direction].

    >>> x = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> a, b = canonical_ridge(x, -x[:, ::-1], 2, 1e-9)
    >>> np.allclose(x @ a, -x[:, ::-1] @ b)
    True
    """
    text, image = text.astype(np.float64), image.astype(np.float64)
    white = [_whitener(values, ridge) for values in (text, image)]
    between = white[0].T @ (text.T @ image / len(text)) @ white[1]
    left, correlation, right = scipy.linalg.svd(between, full_matrices=False)
    kept = slice(0, channels)
    # the sign of a direction is free: the largest entry of the left one is positive
    sign = np.sign(left[np.abs(left).argmax(axis=0), np.arange(left.shape[1])])[kept]
    scale = np.sqrt(correlation[kept]) * sign
    return white[0] @ left[:, kept] * scale, white[1] @ right.T[:, kept] * scale


def _whitener(values: np.ndarray, ridge: float) -> np.ndarray:
    covariance = values.T @ values / len(values)
    variance, direction = scipy.linalg.eigh(covariance)
    variance = np.maximum(variance, 0) + ridge * max(np.trace(covariance) / len(covariance), 1e-12)
    return direction / np.sqrt(variance)

"""Weights of examples with a numeric target: the fewer targets are like it, the more an example counts."""

from __future__ import annotations

from typing import Literal

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean

LongTail = Literal["none", "sqrt_inverse", "inverse", "sqrt_inverse_count"]
LONG_TAILS: tuple[LongTail, ...] = ("none", "sqrt_inverse", "inverse", "sqrt_inverse_count")
SPREAD = 2.0
"""Standard deviation of the kernel, bins; it reaches as many bins to each side."""


def bin_weights(count: np.ndarray, kind: LongTail, growth: float = 1.0, spread: float = SPREAD) -> np.ndarray:
    """Weight of each bin of targets, one on average over the examples, float64 [bin].

    Label distribution smoothing (Yang, Zha, Chen, Wang and Katabi, "Delving into Deep Imbalanced Regression", ICML
    2021, arXiv 2102.09554, eq. 2): the number of examples in a bin is smoothed over the bins beside it with a Gaussian
    kernel, and a bin weighs the inverse of that, or the inverse of its square root. An empty bin weighs nothing.

    Targets are logarithms of counts, among which large ones may be as common as small ones. Among the counts themselves
    they are rare: `sqrt_inverse_count` takes the density per count, that is, of a bin divided by its width in counts.

    Args:
        count: Training examples in each bin [bin].
        kind: `inverse`, `sqrt_inverse`, `sqrt_inverse_count`, or `none`: every example counts the same.
        growth: How many times as many counts a bin holds as the one before.
        spread: Standard deviation of the kernel in bins; 0: no smoothing.

    Raises:
        SchemaError: There is no such kind.

    >>> bin_weights(np.array([3, 0, 1]), "inverse", spread=0).round(4).tolist()
    [0.6667, 0.0, 2.0]
    >>> bin_weights(np.array([1, 1]), "sqrt_inverse_count", growth=4.0, spread=0).round(4).tolist()
    [0.6667, 1.3333]
    """
    if kind not in LONG_TAILS:
        raise SchemaError(
            f"unknown long_tail {kind!r}, expected one of {', '.join(LONG_TAILS)}.{did_you_mean(kind, LONG_TAILS)}"
        )
    count = np.asarray(count, dtype=np.float64)
    if kind == "none" or not count.any():
        return (count > 0).astype(np.float64)
    reach = int(np.ceil(spread))
    kernel = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * spread**2)) if spread > 0 else np.ones(1)
    density = np.convolve(np.pad(count, reach), kernel / kernel.sum(), mode="valid")
    power = 1.0 if kind == "inverse" else 0.5
    if kind == "sqrt_inverse_count":
        density = density / growth ** np.arange(len(count))
    weight = np.where(count > 0, np.maximum(density, 1e-300) ** -power, 0.0)
    scaled: np.ndarray = weight * count.sum() / (weight @ count)
    return scaled


def bins_of(target: np.ndarray, low: float, width: float, bins: int) -> np.ndarray:
    """Bin of each target, those outside in the first and the last one, int64 [example].

    >>> bins_of(np.array([-1.0, 0.0, 0.5, 9.0]), low=0.0, width=0.5, bins=3).tolist()
    [0, 0, 1, 2]
    """
    return np.clip(np.floor((np.asarray(target) - low) / width), 0, bins - 1).astype(np.int64)


def example_weights(target: np.ndarray, kind: LongTail, width: float = 0.5) -> np.ndarray:
    """Weight of each training example, one on average, float64 [example].

    Args:
        target: log2(1 + events), [example].
        kind: See `bin_weights`.
        width: Of a bin.

    >>> example_weights(np.array([1.0, 1.0, 1.0, 9.0]), "inverse").round(4).tolist()
    [0.6667, 0.6667, 0.6667, 2.0]
    """
    target = np.asarray(target, dtype=np.float64)
    if not len(target):
        return np.zeros(0)
    low = float(np.floor(target.min() / width) * width)
    place = bins_of(target, low, width, int((target.max() - low) // width) + 1)
    weight: np.ndarray = bin_weights(np.bincount(place), kind, 2.0**width)[place]
    return weight

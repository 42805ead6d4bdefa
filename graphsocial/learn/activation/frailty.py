"""What all edges of a cascade share beyond what is known of it: a gamma factor of mean 1."""

from __future__ import annotations

import numpy as np

SHAPES = (0.05, 150.0)
"""Least and largest shape that is looked for; the variance of the factor is 1 / shape."""


def frailty_shape(expected: np.ndarray, counted: np.ndarray) -> float:
    """Shape of the gamma law that makes the counts most likely (a shared frailty, Hougaard 2000, chapter 7).

    Args:
        expected: Activations expected of each cascade were its factor 1 [cascade].
        counted: Activations that came [cascade].
    """
    from scipy.optimize import minimize_scalar

    low, high = np.log(SHAPES)
    found = minimize_scalar(
        lambda shape: -marginal(np.exp(shape), expected, counted).sum(), bounds=(low, high), method="bounded"
    )
    return float(np.exp(found.x))


def marginal(shape: float, expected: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Log-likelihood of each cascade with its factor integrated out, less what does not depend on it, [cascade].

    The sum of log hazards at the activations is left out; it has to be added.

    >>> marginal(1e9, np.array([2.0]), np.array([3])).round(3).tolist()  # no factor at all: minus what was expected
    [-2.0]
    """
    from scipy.special import gammaln

    total = shape + counted
    return gammaln(total) - gammaln(shape) - counted * np.log(shape) - total * np.log1p(expected / shape)


def mean_factor(shape: float, expected: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Mean of each cascade's factor given what was counted, [cascade].

    >>> mean_factor(1.0, np.array([3.0, 0.0]), np.array([7, 0])).tolist()
    [2.0, 1.0]
    """
    return (shape + counted) / (shape + expected)

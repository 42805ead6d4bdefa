"""The likelihood of what was observed, estimated from how similar simulated runs are to it."""

from __future__ import annotations

import numpy as np

MARGINS = (0.0, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
"""Margins that are tried, from runs that agree in everything to a rough likeness."""

LEAST_EFFECTIVE = 100.0
MOST_DIFFERENCE = 0.05
"""A margin is trusted if the posterior rests on so many runs, and two halves of them tell it alike."""


def margin_weights(similarity: np.ndarray, margin: float) -> np.ndarray:
    """exp(-((1 - similarity) / margin)²), and with a margin of 0 whether the run agrees in everything, float64."""
    if margin == 0:
        return (similarity >= 1).astype(np.float64)
    return np.exp(-(((1 - similarity.astype(np.float64)) / margin) ** 2))


def posterior_of(prior: np.ndarray, likelihood: np.ndarray) -> np.ndarray:
    """Shares of prior times likelihood, 0 where all are 0, float64 [set]."""
    product = prior * likelihood
    total = product.sum()
    return product / total if total > 0 else np.zeros(len(prior))


def effective_runs(posterior: np.ndarray, weight: np.ndarray) -> float:
    """How many equally weighted runs would tell as much: (sum of x)² / (sum of x²), x being a run's share."""
    mean = weight.mean(axis=1)
    share = np.where(mean > 0, posterior / np.where(mean > 0, mean, 1), 0.0)[:, None] * weight
    squares = float((share**2).sum())
    return float(share.sum() ** 2 / squares) if squares > 0 else 0.0


def smallest_margin(prior: np.ndarray, similarity: np.ndarray) -> tuple[float, bool]:
    """The smallest margin whose posterior can be trusted, and whether one could; else the largest."""
    for margin in MARGINS:
        weight = margin_weights(similarity, margin)
        posterior = posterior_of(prior, weight.mean(axis=1))
        halves = [posterior_of(prior, weight[:, part::2].mean(axis=1)) for part in (0, 1)]
        alike = np.abs(halves[0] - halves[1]).max(initial=0) <= MOST_DIFFERENCE
        if alike and effective_runs(posterior, weight) >= LEAST_EFFECTIVE:
            return margin, True
    return MARGINS[-1], False


def posterior_error(posterior: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Standard error of the posterior that comes from simulating, by linear expansion, float64 [set]."""
    mean = weight.mean(axis=1)
    spread = weight.var(axis=1) / max(weight.shape[1] - 1, 1)
    relative = np.where(mean > 0, spread / np.where(mean > 0, mean, 1) ** 2, 0.0)
    return posterior * np.sqrt(np.maximum((1 - 2 * posterior) * relative + (posterior**2 * relative).sum(), 0))

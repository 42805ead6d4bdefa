"""The delay law of exposures that are only seen within a window, as a table whose intervals are equally likely."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.delay_law import DelayLaw

INTERVALS = 64


def first_table(delay: np.ndarray, weight: np.ndarray, longest: float, known_until: int) -> DelayLaw:
    """Quantiles of the delays seen.

    Args:
        delay: From each exposer to the activation, seconds [row].
        weight: What each counts [row].
        longest: Longest delay there can be.
        known_until: They come from before this second.
    """
    order = np.argsort(delay, kind="stable")
    return _law(np.append(0.0, delay[order]), np.append(0.0, np.cumsum(weight[order])), longest, known_until)


def next_table(
    law: DelayLaw, delay: np.ndarray, share: np.ndarray, exposed: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> DelayLaw:
    """One step of expectation maximisation: activations per exposure in each interval, brought to sum 1.

    A delay that ends before the window begins or after it ends is seen by nobody; dividing by the exposures of each
    interval makes up for it, as in the life tables of survival analysis (Kaplan and Meier, JASA 1958).

    Args:
        law: The table so far.
        delay: From each exposer to the activation, seconds [row].
        share: Chance that the activation came from there [row].
        exposed: Of each exposure its hazard, and from which delay to which it was watched, [row] each.
    """
    edge = law.quantile
    caused = np.bincount(_interval(edge, delay), weights=share, minlength=len(edge) - 1)
    hazard, begin, end = exposed
    watched = _area(hazard, begin, edge) - _area(hazard, end, edge)
    per_second = np.where(watched[1:] > watched[:-1], caused / np.maximum(np.diff(watched), 1e-12), 0.0)
    mass = np.append(0.0, np.cumsum(per_second * np.diff(edge)))
    if not mass[-1] > 0:
        return law
    return _law(edge, mass, float(edge[-1]), law.known_until)


def log_density(law: DelayLaw, delay: np.ndarray) -> np.ndarray:
    """Log of the density of each delay, per day, float64 [row].

    >>> log_density(DelayLaw([0.0, 43_200.0, 86_400.0]), np.array([5.0, 50_000.0])).tolist()
    [0.0, 0.0]
    """
    width = np.diff(law.quantile)[_interval(law.quantile, delay)]
    return -np.log(len(law.quantile) - 1) - np.log(width / 86_400.0)


def _interval(edge: np.ndarray, delay: np.ndarray) -> np.ndarray:
    return np.clip(np.searchsorted(edge, delay, side="left") - 1, 0, len(edge) - 2)


def _area(hazard: np.ndarray, begin: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """Hazard times how far each edge lies beyond the beginning, summed over the rows, [knot]."""
    order = np.argsort(begin, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(hazard[order])])
    moments = np.concatenate([[0.0], np.cumsum(hazard[order] * begin[order])])
    place = np.searchsorted(begin[order], edge, side="left")
    return edge * sums[place] - moments[place]


def _law(delay: np.ndarray, mass: np.ndarray, longest: float, known_until: int | None) -> DelayLaw:
    share = np.linspace(0.0, 1.0, INTERVALS + 1)
    knot = np.interp(share, mass / mass[-1], delay)
    knot[0], knot[-1] = 0.0, longest
    # no interval is shorter than a second: times have no finer grain
    seconds = np.arange(INTERVALS + 1)
    knot = np.maximum.accumulate(knot - seconds) + seconds
    return DelayLaw(knot, "learned with the activations", known_until, fitted=True)

"""Exact bounds of an unknown share, from how many of some independent draws had it."""

from __future__ import annotations


def share_at_least(met: float, draws: int, error: float) -> float:
    """The share is below this with a chance of at most `error` (Clopper and Pearson, Biometrika 1934).

    Args:
        met: How many draws had it; a number that is no whole one lies between the bounds of its neighbours.
        draws: Number of draws.
        error: Chance to be wrong.

    >>> round(share_at_least(10, 10, 0.05), 4), round(0.05 ** (1 / 10), 4)
    (0.7411, 0.7411)
    """
    from scipy.special import betaincinv

    return float(betaincinv(met, draws - met + 1, error)) if met > 0 else 0.0


def share_at_most(met: float, draws: int, error: float) -> float:
    """The share is above this with a chance of at most `error`; see `share_at_least`.

    >>> round(share_at_most(0, 10, 0.05), 4), round(1 - 0.05 ** (1 / 10), 4)
    (0.2589, 0.2589)
    """
    from scipy.special import betaincinv

    return 1 - float(betaincinv(draws - met, met + 1, error)) if met < draws else 1.0

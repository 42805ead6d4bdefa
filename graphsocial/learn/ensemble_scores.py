"""How good a forecast is that consists of draws: CRPS, and where the outcome falls among them."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError


def crps(draws: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score of each forecast, in the unit of the outcome, float64 [example]; 0 is best.

    E|X - y| - E|X - X'| / 2 over the draws (Gneiting and Raftery, "Strictly proper scoring rules, prediction, and
    estimation", J. Am. Stat. Assoc. 2007, equation 21). Draws taken as a whole distribution, not as a sample of one.

    Args:
        draws: Forecasts as equally likely numbers [example, draw].
        outcome: What came [example].

    Raises:
        SchemaError: Shapes that do not fit, no draw, or a number that is none.

    >>> crps(np.array([[0.0, 2.0], [1.0, 1.0]]), np.array([0.0, 3.0])).tolist()  # 1 - 1/2, and 2
    [0.5, 2.0]
    """
    ordered, outcome = _checked(draws, outcome)
    count = ordered.shape[1]
    ordered = np.sort(ordered, axis=1)
    # the mean distance of two draws: each of them is above as many as its place says
    spread = ordered @ (2 * np.arange(count) + 1 - count) / count**2
    return np.abs(ordered - outcome[:, None]).mean(axis=1) - spread


def integral_transform(draws: np.ndarray, outcome: np.ndarray, rng: int | np.random.Generator) -> np.ndarray:
    """Probability that the forecast gave to less than what came, ties split at random, float64 [example].

    Even over [0, 1] where forecasts are calibrated (Czado, Gneiting and Held, "Predictive model assessment for count
    data", Biometrics 2009).

    Args:
        draws: Forecasts as equally likely numbers [example, draw].
        outcome: What came [example].
        rng: Splits the ties.

    Raises:
        SchemaError: Shapes that do not fit, no draw, or a number that is none.

    >>> integral_transform(np.array([[0.0, 1.0, 2.0, 3.0]]), np.array([1.5]), rng=0).tolist()
    [0.5]
    """
    draws, outcome = _checked(draws, outcome)
    below, same = (draws < outcome[:, None]).mean(axis=1), (draws == outcome[:, None]).mean(axis=1)
    return below + same * np.random.default_rng(rng).random(len(outcome))


def _checked(draws: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    draws, outcome = np.asarray(draws, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    if draws.ndim != 2 or outcome.shape != draws.shape[:1] or not draws.shape[1]:
        raise SchemaError(f"got draws {draws.shape} and outcomes {outcome.shape}, expected [example, draw], [example]")
    if not (np.isfinite(draws).all() and np.isfinite(outcome).all()):
        raise SchemaError("a draw or an outcome is no finite number, expected all to be")
    return draws, outcome

"""Activation probabilities of greatest likelihood when several may have activated a node."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from graphsocial.diffusion.inference.activation_estimate import ActivationEstimate
from graphsocial.diffusion.inference.beta_prior import BetaPrior
from graphsocial.diffusion.inference.exposure_outcomes import ExposureOutcomes
from graphsocial.errors import SchemaError


@dataclass(frozen=True)
class ExpectationMaximisation:
    """The likelihood of the independent cascade, maximised by turns: who did it, how often does each succeed.

    Saito, Nakano and Kimura, "Prediction of information diffusion probabilities for independent cascade model", KES
    2008, in steps with a window of 1; with a longer window, times are continuous and every exposure that still counts
    is a candidate. The prior makes it the mode of the posterior. Where no exposure is still open at the observation's
    end, no turn makes the objective smaller; open candidates take their share of an activation, without being trials.

    Attributes:
        prior: What edges with few trials are drawn to.
        most_iterations: Turns after which it stops, and says so.
        tolerance: It stops when no probability moved by more.
    """

    prior: BetaPrior = field(default_factory=BetaPrior)
    most_iterations: int = 1_000
    tolerance: float = 1e-6

    def __post_init__(self) -> None:
        check_iterations(self.most_iterations, self.tolerance)
        if not isinstance(self.prior, BetaPrior):
            raise SchemaError(f"got prior={self.prior!r}, expected a BetaPrior, such as BetaPrior(trials=5)")

    @property
    def known_until(self) -> int | None:
        """The settings saw no data."""
        return None

    @property
    def origin(self) -> str:
        """What comes out."""
        return "EM for independent cascade"

    def estimate(self, outcomes: ExposureOutcomes) -> ActivationEstimate:
        """Probabilities from outcomes."""
        from graphsocial.diffusion.inference.activation_kernel import pooled_share, share_credit

        trials, failures = outcomes.trials, outcomes.failures
        mean = self.prior.mean
        if mean is None:
            mean = float(pooled_share(outcomes.event, outcomes.still_open, trials.sum()))
        # a start inside of (0, 1): from 0, expectation maximisation never leaves
        probability = BetaPrior(1.0).shrunk((trials - failures) / 2, trials, min(max(mean, 1e-3), 1 - 1e-3))
        credit = np.empty(len(outcomes.edge))
        objective: list[float] = []
        notes: tuple[str, ...] = (f"{self.most_iterations} iterations were not enough to settle",)
        successes = np.zeros(len(trials))
        for _ in range(self.most_iterations):
            likelihood, _ = share_credit(outcomes.event, outcomes.edge, probability, credit)
            objective.append(
                likelihood + failure_likelihood(failures, probability) + self.prior.log_density(probability, mean)
            )
            successes = outcomes.credited(credit)
            new = self.prior.shrunk(successes, trials, mean)
            moved = float(np.abs(new - probability).max(initial=0))
            probability = new
            if moved <= self.tolerance:
                notes = ()
                break
        return ActivationEstimate(probability, successes, np.array(objective), notes=notes)


def failure_likelihood(failures: np.ndarray, probability: np.ndarray) -> float:
    """Logarithm of the chance that every failed exposure fails."""
    from scipy.special import xlog1py

    return float(xlog1py(failures, -probability).sum())


def check_iterations(most_iterations: int, tolerance: float) -> None:
    """Refuses limits that make no sense."""
    if isinstance(most_iterations, bool) or not isinstance(most_iterations, int | np.integer) or most_iterations < 1:
        raise SchemaError(f"got most_iterations={most_iterations!r}, expected a whole number, at least 1")
    if not isinstance(tolerance, int | float | np.number) or not 0 <= tolerance < np.inf:
        raise SchemaError(f"got tolerance={tolerance!r}, expected a number, at least 0")

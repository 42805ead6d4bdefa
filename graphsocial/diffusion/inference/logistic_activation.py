"""Activation probabilities as a function of what is known of each edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.inference.activation_estimate import ActivationEstimate
from graphsocial.diffusion.inference.expectation_maximisation import check_iterations, failure_likelihood
from graphsocial.diffusion.inference.exposure_outcomes import ExposureOutcomes
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class LogisticActivation:
    """sigmoid(intercept + features · weights), so that edges never tried have a probability, too.

    The likelihood of the independent cascade, P(activated) = 1 - prod(1 - sigmoid(x w)), by expectation maximisation
    whose second half is a logistic regression on shares of success (the model of Saito, Ohara, Yamagishi, Kimura and
    Motoda, "Learning diffusion probability based on node attributes in social networks", ISMIS 2011).

    Attributes:
        features: What is known of each edge, of a comparable scale, [edge, feature].
        ridge: Weight of half the squared weights, the intercept left out.
        most_iterations: Turns after which it stops, and says so.
        tolerance: It stops when no weight moved by more.
    """

    features: np.ndarray
    ridge: float = 1.0
    most_iterations: int = 500
    tolerance: float = 1e-5

    def __post_init__(self) -> None:
        check_iterations(self.most_iterations, self.tolerance)
        features = np.array(self.features, dtype=np.float64)
        if features.ndim != 2:
            raise SchemaError(f"edge features got shape {features.shape}, expected [edge, feature]")
        wrong = np.argwhere(~np.isfinite(features))
        if len(wrong):
            raise SchemaError(f"edge features got {features[tuple(wrong[0])]} at {wrong[0].tolist()}, expected numbers")
        if not isinstance(self.ridge, int | float | np.number) or not 0 <= self.ridge < np.inf:
            raise SchemaError(f"got ridge={self.ridge!r}, expected a number, at least 0")
        features.setflags(write=False)
        object.__setattr__(self, "features", features)

    @property
    def known_until(self) -> int | None:
        """Nothing is known of the features; whoever made them has to look to it."""
        return None

    @property
    def origin(self) -> str:
        """What comes out."""
        return f"logistic in {self.features.shape[1]} edge features"

    def estimate(self, outcomes: ExposureOutcomes) -> ActivationEstimate:
        """Probabilities from outcomes."""
        from scipy.special import expit, logit

        from graphsocial.diffusion.inference.activation_kernel import pooled_share, share_credit

        trials = outcomes.trials
        if len(self.features) != len(trials):
            raise SchemaError(f"edge features got {len(self.features)} rows, expected {len(trials)}, one per edge")
        design = np.column_stack([np.ones(len(trials)), self.features])
        mean = float(pooled_share(outcomes.event, outcomes.still_open, trials.sum()))
        weights = np.zeros(design.shape[1])
        weights[0] = logit(min(max(mean, 1e-6), 1 - 1e-6))
        credit, successes = np.empty(len(outcomes.edge)), np.zeros(len(trials))
        objective: list[float] = []
        notes: tuple[str, ...] = (f"{self.most_iterations} iterations were not enough to settle",)
        for _ in range(self.most_iterations):
            probability = expit(design @ weights)
            likelihood, _ = share_credit(outcomes.event, outcomes.edge, probability, credit)
            penalty = self.ridge / 2 * float(weights[1:] @ weights[1:])
            objective.append(likelihood + failure_likelihood(outcomes.failures, probability) - penalty)
            successes = outcomes.credited(credit)
            new = _regression(design, successes, trials, self.ridge, weights)
            moved = float(np.abs(new - weights).max())
            weights = new
            if moved <= self.tolerance:
                notes = ()
                break
        return ActivationEstimate(expit(design @ weights), successes, np.array(objective), weights, notes)


def _regression(
    design: np.ndarray, successes: np.ndarray, trials: np.ndarray, ridge: float, start: np.ndarray
) -> np.ndarray:
    """Weights of a logistic regression on shares of success."""
    from scipy.optimize import minimize
    from scipy.special import expit

    tried = trials > 0
    design, successes, trials = design[tried], successes[tried], trials[tried]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        score = design @ weights
        free = np.append(0.0, weights[1:])
        value = trials @ np.logaddexp(0, score) - successes @ score + ridge / 2 * (free @ free)
        return float(value), design.T @ (trials * expit(score) - successes) + ridge * free

    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 100, "gtol": 1e-9, "ftol": 1e-14}).x

"""How well activation probabilities foretell cascades that they were not fitted on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.activation import Activation
from graphsocial.diffusion.inference.expectation_maximisation import failure_likelihood
from graphsocial.diffusion.inference.exposure_outcomes import ExposureOutcomes, exposure_outcomes
from graphsocial.diffusion.inference.observation_end import Until
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet


@dataclass(frozen=True)
class ActivationLikelihood:
    """The logarithm of the probability of what was seen, natural.

    Attributes:
        total: Of all activations that somebody exposed, and of all exposures that failed.
        of_activations: Of the activations alone.
        activations: How many activations.
        failures: How many exposures failed.
        impossible: Activations that have no chance at all; where there are any, the total is -inf.
        notes: What has to be believed, a sentence each.
    """

    total: float
    of_activations: float
    activations: int
    failures: int
    impossible: int
    notes: tuple[str, ...] = ()

    @property
    def per_activation(self) -> float:
        """The total divided by the activations; nan where there are none."""
        return self.total / self.activations if self.activations else float("nan")


def activation_likelihood(
    activation: Activation, observed: CascadeSet, *, window: float | None = None, observed_until: Until = None
) -> ActivationLikelihood:
    """The likelihood of cascades under the independent cascade with these probabilities.

    Args:
        activation: Chance of each edge.
        observed: Cascades, best some that it was not fitted on.
        window: How long an exposure counts, as in `fit_activation`.
        observed_until: When the observation ended, as in `fit_activation`.

    Raises:
        SchemaError: No cascades, or settings that make no sense.

    >>> from graphsocial.diffusion import SpreadGraph
    >>> spread = SpreadGraph.from_edges([0, 0], [1, 2])
    >>> cascades = CascadeSet([0, 1], [-1, 0], [0, 1], [0, 2], ["p"], [False])
    >>> round(activation_likelihood(Activation(spread, [0.5, 0.2]), cascades).total, 4)  # log .5 + log .8
    -0.9163
    """
    if not isinstance(activation, Activation):
        raise SchemaError(f"got {type(activation).__name__}, expected an Activation, such as fit_activation() returns")
    outcomes = exposure_outcomes(observed, activation.spread, window, observed_until)
    total, hits, impossible = outcome_likelihood(outcomes, activation.probability.astype(np.float64))
    activations, failures = len(outcomes.event) - 1, int(outcomes.failures.sum())
    return ActivationLikelihood(total, hits, activations, failures, impossible, outcomes.notes)


def outcome_likelihood(outcomes: ExposureOutcomes, probability: np.ndarray) -> tuple[float, float, int]:
    """Log-likelihood of all outcomes, of the activations alone, and how many of these are impossible."""
    from graphsocial.diffusion.inference.activation_kernel import share_credit  # numba: imported when first needed

    hits, impossible = share_credit(outcomes.event, outcomes.edge, probability, np.empty(len(outcomes.edge)))
    if impossible:
        hits = -np.inf
    return float(hits + failure_likelihood(outcomes.failures, probability)), float(hits), int(impossible)

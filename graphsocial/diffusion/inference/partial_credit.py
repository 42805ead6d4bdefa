"""Activation probabilities by counting: how often exposures were followed by activation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from graphsocial.diffusion.inference.activation_estimate import ActivationEstimate
from graphsocial.diffusion.inference.beta_prior import BetaPrior
from graphsocial.diffusion.inference.exposure_outcomes import ExposureOutcomes
from graphsocial.errors import SchemaError
from graphsocial.graph.exposures.delay_decay import ExponentialDecay, PowerLawDecay


@dataclass(frozen=True)
class PartialCredit:
    """Credit for an activation, divided by trials: no model of who did it, one pass over the data.

    Goyal, Bonchi and Lakshmanan, "Learning influence probabilities in social networks", WSDM 2010: everybody whose
    exposure counted gets the credit, whole (their Bernoulli model) or in equal shares (partial credits). A decay shares
    by the density of the delay, instead of evenly. Trials are the exposures of nodes that were not active yet, where
    the paper counts all actions of the influencer.

    Attributes:
        shared: Whether an activation is one credit, divided, or one for each.
        decay: Density of delays to divide by, its parameter given; None: evenly.
        prior: What edges with few trials are drawn to.
    """

    shared: bool = True
    decay: ExponentialDecay | PowerLawDecay | None = None
    prior: BetaPrior = field(default_factory=BetaPrior)

    def __post_init__(self) -> None:
        if not isinstance(self.prior, BetaPrior):
            raise SchemaError(f"got prior={self.prior!r}, expected a BetaPrior, such as BetaPrior(trials=5)")
        if self.decay is None:
            return
        if not isinstance(self.decay, ExponentialDecay | PowerLawDecay) or self.decay.rate is None:
            raise SchemaError(
                f"got decay={self.decay!r}, expected one with its parameter, such as ExponentialDecay(60.0)"
            )
        if not self.shared:
            raise SchemaError("a decay says how credit is divided; with shared=False it is not")

    @property
    def known_until(self) -> int | None:
        """What the decay was fitted on came before this second."""
        return None if self.decay is None else self.decay.known_until

    @property
    def origin(self) -> str:
        """What comes out."""
        return "partial credit" if self.shared else "whole credit"

    def estimate(self, outcomes: ExposureOutcomes) -> ActivationEstimate:
        """Probabilities from outcomes."""
        size = np.diff(outcomes.event)
        if not self.shared:
            credit = np.ones(len(outcomes.edge))
        elif self.decay is None:
            credit = np.repeat(1 / size, size)
        else:
            credit = _divided(self.decay, outcomes.delay, outcomes.event)
        successes = outcomes.credited(credit)
        mean = self.prior.mean
        if mean is None:
            mean = float(successes.sum() / outcomes.trials.sum())
        return ActivationEstimate(self.prior.shrunk(successes, outcomes.trials, mean), successes, np.zeros(0))


def _divided(decay: ExponentialDecay | PowerLawDecay, delay: np.ndarray, event: np.ndarray) -> np.ndarray:
    if not len(delay):
        return np.zeros(0)
    stretched, log_stretch = decay.stretched(delay)
    density = log_stretch - (decay.rate or 0.0) * stretched
    size = np.diff(event)
    weight = np.exp(density - np.repeat(np.maximum.reduceat(density, event[:-1]), size))
    return weight / np.repeat(np.add.reduceat(weight, event[:-1]), size)

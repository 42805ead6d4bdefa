"""What a way of fitting activation probabilities is, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from graphsocial.diffusion.inference.exposure_outcomes import ExposureOutcomes


@dataclass(frozen=True, eq=False)
class ActivationEstimate:
    """Probabilities as a method finds them.

    Attributes:
        probability: Of each edge, float64 [edge].
        successes: Trials of each edge that the method takes to have succeeded, in shares, float64 [edge].
        objective: What was maximised, after each iteration, float64 [iteration]; empty where nothing was.
        weights: Intercept and weight of each feature, float64 [1 + feature]; None without features.
        notes: What has to be believed, a sentence each.
    """

    probability: np.ndarray
    successes: np.ndarray
    objective: np.ndarray
    weights: np.ndarray | None = None
    notes: tuple[str, ...] = ()


class ActivationMethod(Protocol):
    """A way of fitting; a frozen dataclass of its settings."""

    @property
    def known_until(self) -> int | None:
        """What the settings themselves were fitted on came before this second; None for what saw no data."""
        ...

    @property
    def origin(self) -> str:
        """A few words for what comes out."""
        ...

    def estimate(self, outcomes: ExposureOutcomes) -> ActivationEstimate:
        """Probabilities from outcomes; at least one edge has a trial."""
        ...

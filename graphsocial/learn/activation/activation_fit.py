"""How the fit of an activation model went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ActivationFit:
    """How a fit went.

    Attributes:
        training: Cascades learned from.
        validation: Cascades that chose.
        judged: Log-likelihood per activation on validation after each epoch; the largest was kept.
        frailty: Shape of the gamma factor that cascades shared in training.
        virality_epochs: Epochs of each network of the number of adopters; 0: all posts alike did best on validation.
        contagion: CRPS of log2(1 + new adopters) on validation, the mean of four parts of the horizon, by factor on the
            hazards of who acts later.
    """

    training: int
    validation: int
    judged: tuple[float, ...]
    frailty: float
    virality_epochs: tuple[int, ...]
    contagion: Mapping[float, float]

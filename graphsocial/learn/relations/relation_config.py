"""Settings of the relation model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RelationConfig:
    """How the network of a relation is trained.

    Attributes:
        channels: Of its tokens.
        dropout: Share of channels hidden in training.
        epochs: Passes over the examples; the one that is best on validation is kept.
        batch: Pairs of a step.
        rate: Largest learning rate.
        weight_decay: Pull of the weights towards zero.
    """

    channels: int = 64
    dropout: float = 0.2
    epochs: int = 8
    batch: int = 512
    rate: float = 3e-3
    weight_decay: float = 1e-2

    @classmethod
    def quick(cls) -> RelationConfig:
        """Seconds instead of minutes."""
        return cls(channels=32, epochs=4)

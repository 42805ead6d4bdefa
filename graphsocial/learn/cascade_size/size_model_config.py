"""Settings of the size model, chosen on validation data."""

from __future__ import annotations

from dataclasses import dataclass

from graphsocial.learn.tail_weights import LongTail


@dataclass(frozen=True)
class CascadeSizeConfig:
    """Settings of `CascadeSizeModel`.

    Attributes:
        nets: Networks that are averaged.
        epochs: Passes over the training examples.
        channels: Channels of a network.
        dropout: Share of channels hidden in training.
        rate: Highest learning rate of one cycle.
        weight_decay: Of AdamW.
        trees: Trees of the forest.
        leaf: Least number of examples in a leaf.
        boosted: Trees of the stochastic gradient boosting.
        prior: Calibration examples that the uncalibrated interval is worth.
        long_tail: Whether training examples of rare sizes count more for the mean, see `tail_weights`; intervals do not
            change.
    """

    nets: int = 3
    epochs: int = 6
    channels: int = 32
    dropout: float = 0.5
    rate: float = 2e-3
    weight_decay: float = 0.1
    trees: int = 300
    leaf: int = 4
    boosted: int = 250
    prior: int = 200
    long_tail: LongTail = "none"

    @classmethod
    def quick(cls) -> CascadeSizeConfig:
        """One network, two epochs, 50 trees each."""
        return cls(nets=1, epochs=2, trees=50, boosted=50)

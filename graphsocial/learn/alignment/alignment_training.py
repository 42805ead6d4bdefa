"""Settings of the training of an alignment."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphsocial.nn.alignment_net import AlignmentNetConfig


@dataclass(frozen=True)
class AlignmentTraining:
    """How an alignment is trained.

    Attributes:
        net: Size of a network.
        nets: Networks of other seeds that are asked together.
        epochs: At most.
        patience: Epochs without a better validation loss before training stops.
        batch: Pairs that are each other's negatives.
        rate: Learning rate of Adam.
        decay: Weight decay.
        validation: Share of the groups, the newest, that say when to stop.
        ridge: Shares of the mean variance that may be added to both covariances of the linear start.
    """

    net: AlignmentNetConfig = field(default_factory=AlignmentNetConfig)
    nets: int = 2
    epochs: int = 40
    patience: int = 5
    batch: int = 512
    rate: float = 3e-4
    decay: float = 0.1
    validation: float = 0.15
    ridge: tuple[float, ...] = (0.3, 1.0, 3.0, 10.0)

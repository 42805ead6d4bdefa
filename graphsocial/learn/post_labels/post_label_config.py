"""Settings of the classifier of posts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graphsocial.errors import SchemaError, did_you_mean

Fusion = Literal["cross", "late"]
LOSSES = ("none", "class_balanced", "focal", "logit_adjusted", "balanced_sampling")
"""Plain cross-entropy, three losses of `ClassLoss`, and plain cross-entropy over classes drawn equally often."""


@dataclass(frozen=True)
class PostLabelConfig:
    """Settings of a `PostLabelModel`.

    Attributes:
        fusion: "cross": tokens ask tokens of every modality; "late": each modality by itself, votes are added.
        loss: How classes of unequal size are treated, one of `LOSSES`.
        channels: Channels of a token.
        heads: Attention heads.
        dropout: Share of entries dropped in training.
        hide: Chance that a training post loses a modality in a batch, so that one that is missing surprises nobody.
        rate: Largest learning rate.
        weight_decay: Of the weights.
        epochs: Passes over the training posts.
        nets: Networks from different initial weights whose probabilities are averaged.
        most_per_group: Training posts of a group drawn in an epoch; None: all.

    Raises:
        SchemaError: An unknown fusion or loss, or a number out of range.
    """

    fusion: Fusion = "cross"
    loss: str = "class_balanced"
    channels: int = 32
    heads: int = 4
    dropout: float = 0.5
    hide: float = 0.3
    rate: float = 3e-4
    weight_decay: float = 0.05
    epochs: int = 5
    nets: int = 3
    most_per_group: int | None = None

    def __post_init__(self) -> None:
        for what, got, known in (("fusion", self.fusion, ("cross", "late")), ("loss", self.loss, LOSSES)):
            if got not in known:
                raise SchemaError(
                    f"unknown {what} {got!r}, expected one of {', '.join(known)}.{did_you_mean(got, known)}"
                )
        if min(self.channels, self.heads, self.epochs, self.nets) < 1 or self.channels % self.heads:
            raise SchemaError(f"{self} has a number below 1, or channels that heads do not divide")

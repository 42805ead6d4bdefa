"""Class of a node: post label, sentiment."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from graphsocial.nn.heads.class_loss import ClassLoss, Imbalance
from graphsocial.nn.heads.perceptron import perceptron


class LabelHead(nn.Module):
    """One logit per class.

    Args:
        channels: Channels of the fused vectors.
        classes: Number of classes.
        imbalance: How the loss treats classes of unequal size, see `ClassLoss`.
        class_counts: Training examples of each class.

    >>> import torch
    >>> head = LabelHead(4, classes=2)
    >>> round(float(head.loss(torch.zeros(1, 2), torch.tensor([1]))), 4)  # log 2
    0.6931
    """

    def __init__(
        self,
        channels: int,
        classes: int,
        imbalance: Imbalance = "none",
        class_counts: Sequence[int] | None = None,
    ):
        super().__init__()
        self.net = perceptron(channels, channels, classes)
        self.class_loss = ClassLoss(classes, imbalance, class_counts)

    def forward(self, x: Tensor) -> Tensor:
        """Fused vectors [example, channel] → logits [example, class]."""
        return self.net(x)

    def loss(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        """Mean loss.

        Args:
            output: Logits, [example, class].
            target: Class of each example, int64 [example]; anything where the mask is False.
            mask: Which examples count, bool [example].
        """
        return self.class_loss(output, target, mask)

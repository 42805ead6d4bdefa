"""Which relation holds between two nodes: its type or sign."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from graphsocial.nn.heads.class_loss import ClassLoss, Imbalance
from graphsocial.nn.heads.feature_net import FeatureNet, pair_vector


class RelationHead(nn.Module):
    """One logit per class of a pair; the order of the pair matters.

    Args:
        channels: Channels of the fused vectors.
        classes: Number of classes.
        features: Number of structural features per pair; 0: none.
        imbalance: How the loss treats classes of unequal size, see `ClassLoss`; None: `class_balanced` where
            `class_counts` are given, else `none`.
        class_counts: Training examples of each class.

    >>> import torch
    >>> head = RelationHead(4, classes=4)
    >>> round(float(head.loss(torch.zeros(1, 4), torch.tensor([2]))), 4)  # log 4
    1.3863
    """

    def __init__(
        self,
        channels: int,
        classes: int,
        features: int = 0,
        imbalance: Imbalance | None = None,
        class_counts: Sequence[int] | None = None,
    ):
        super().__init__()
        self.net = FeatureNet(3 * channels, features, channels, classes)
        imbalance = imbalance or ("none" if class_counts is None else "class_balanced")
        self.class_loss = ClassLoss(classes, imbalance, class_counts)

    def forward(self, source: Tensor, target: Tensor, features: Tensor | None = None) -> Tensor:
        """Classifies pairs.

        Args:
            source: Fused vectors, [pair, channel].
            target: Fused vectors, [pair, channel].
            features: Structural features, [pair, feature].

        Returns:
            Logits, [pair, class].
        """
        return self.net(pair_vector(source, target), features)

    def loss(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        """Mean loss.

        Args:
            output: Logits, [pair, class].
            target: Class of each pair, int64 [pair]; anything where the mask is False.
            mask: Which pairs count, bool [pair].
        """
        return self.class_loss(output, target, mask)

"""A head's network over fused vectors and counted features."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from graphsocial.errors import SchemaError
from graphsocial.nn.heads.perceptron import perceptron


class FeatureNet(nn.Module):
    """A perceptron over vectors and features together, plus a linear model of the features alone.

    The linear part is what floors such as common neighbours or persistence do with the same features, so that a head
    starts within reach of its floor.

    Args:
        inputs: Channels of the vectors.
        features: Number of features; 0: none.
        hidden: Channels of the hidden layer.
        outputs: Channels of the result.

    >>> FeatureNet(4, 2, 8, 3)(torch.zeros(5, 4), torch.zeros(5, 2)).shape
    torch.Size([5, 3])
    """

    def __init__(self, inputs: int, features: int, hidden: int, outputs: int):
        super().__init__()
        self.features = features
        self.net = perceptron(inputs + features, hidden, outputs)
        self.linear = nn.Linear(features, outputs, bias=False) if features else None

    def forward(self, x: Tensor, features: Tensor | None = None) -> Tensor:
        """Vectors [example, channel] and features [example, feature] → [example, output].

        Raises:
            SchemaError: The features are not what the head was built for.
        """
        if (0 if features is None else features.shape[-1]) != self.features:
            got = "none" if features is None else f"shape {tuple(features.shape)}"
            raise SchemaError(f"features: got {got}, expected [example, {self.features}]")
        if features is None or self.linear is None:
            return self.net(x)
        features = features.to(x.dtype)
        return self.net(torch.cat([x, features], dim=-1)) + self.linear(features)


def pair_vector(source: Tensor, target: Tensor) -> Tensor:
    """Both vectors and their product, [pair, 3 channel], from [pair, channel] each."""
    return torch.cat([source, target, source * target], dim=-1)

"""A standardisation that is read off some rows once and then stays."""

from __future__ import annotations

import torch
from torch import Tensor, nn

FARTHEST = 5.0
"""Standard deviations at which channels are cut: what lies beyond everything seen must not steer a network."""


class FixedScale(nn.Module):
    """Mean and deviation of the rows it was fitted to; a channel that was the same in all of them says nothing.

    >>> scale = FixedScale(2)
    >>> scale.fit(torch.tensor([[1.0, 7.0], [3.0, 7.0]]))
    >>> scale(torch.tensor([[2.0, 9.0], [1e6, 7.0]])).tolist()
    [[0.0, 0.0], [5.0, 0.0]]
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, channels: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("scale", torch.ones(channels))

    def fit(self, x: Tensor) -> None:
        """Takes mean and deviation of some rows, [row, channel]."""
        wide = x.double()
        deviation = wide.std(dim=0, correction=0)
        self.mean.copy_(wide.mean(dim=0))
        self.scale.copy_(torch.where(deviation > 1e-5, deviation + 1e-2, torch.inf))

    def forward(self, x: Tensor) -> Tensor:
        """Standardised, [row, channel]."""
        return ((x - self.mean) / self.scale).clamp(-FARTHEST, FARTHEST)

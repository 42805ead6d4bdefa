"""How large a cascade gets."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from graphsocial.nn.heads.masked_mean import masked_mean
from graphsocial.nn.heads.perceptron import perceptron
from graphsocial.nn.heads.quantiles import ascending, check_levels, pinball


class SizeHead(nn.Module):
    """Mean and quantiles of log(1 + size): sizes are heavy-tailed, so the mean of the size itself says little.

    Args:
        channels: Channels of the fused vectors.
        quantiles: Levels, ascending.

    >>> head = SizeHead(4, quantiles=(0.5,))
    >>> float(head.loss(torch.zeros(1, 2), torch.tensor([1.0])))  # 1² + .5·1
    1.5
    """

    def __init__(self, channels: int, quantiles: Sequence[float] = (0.05, 0.5, 0.95)):
        super().__init__()
        self.quantiles = check_levels(quantiles)
        self.net = perceptron(channels, channels, 1 + len(self.quantiles))

    def forward(self, x: Tensor) -> Tensor:
        """Fused vectors [example, channel] → [example, 1 + quantile], the mean first, all of log(1 + size)."""
        mean, raw = self.net(x).float().split([1, len(self.quantiles)], dim=-1)
        return torch.cat([mean, ascending(raw)], dim=-1)

    def loss(self, output: Tensor, target: Tensor, mask: Tensor | None = None, weight: Tensor | None = None) -> Tensor:
        """Squared error of the mean plus the quantiles' pinball loss.

        Args:
            output: [example, 1 + quantile].
            target: log(1 + size), [example]; anything where the mask is False.
            mask: Which examples count, bool [example].
            weight: How much each counts, [example]; None: all the same.
        """
        target = target.to(output.dtype) if mask is None else torch.where(mask, target.to(output.dtype), 0.0)
        each = (output[..., 0] - target) ** 2 + pinball(output[..., 1:], target, self.quantiles)
        return masked_mean(each if weight is None else weight * each, mask)

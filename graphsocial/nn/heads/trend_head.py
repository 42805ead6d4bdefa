"""Volume of a hashtag or topic at one or more horizons."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from graphsocial.nn.heads.feature_net import FeatureNet
from graphsocial.nn.heads.masked_mean import masked_mean
from graphsocial.nn.heads.quantiles import ascending, check_levels, pinball


class TrendHead(nn.Module):
    """Quantiles of log(1 + volume), which never cross.

    Args:
        channels: Channels of the fused vectors.
        quantiles: Levels, ascending.
        horizons: Number of horizons, which get an axis of their own; None: one, without that axis.
        features: Number of extra inputs per example, such as recent volumes; 0: none.

    >>> head = TrendHead(4, quantiles=(0.5,))
    >>> float(head.loss(torch.zeros(1, 1), torch.tensor([1.0])))
    0.5
    """

    def __init__(
        self,
        channels: int,
        quantiles: Sequence[float] = (0.05, 0.5, 0.95),
        horizons: int | None = None,
        features: int = 0,
    ):
        super().__init__()
        self.quantiles, self.horizons = check_levels(quantiles), horizons
        self.net = FeatureNet(channels, features, channels, (horizons or 1) * len(self.quantiles))

    def forward(self, x: Tensor, features: Tensor | None = None, recent: Tensor | None = None) -> Tensor:
        """Predicts quantiles.

        Args:
            x: Fused vectors, [example, channel].
            features: Extra inputs, [example, feature].
            recent: log(1 + volume) to start from, [example] (persistence): the head then learns the change.

        Returns:
            Quantiles of log(1 + volume), [example, horizon, quantile], or [example, quantile] without horizons.

        Raises:
            SchemaError: `features` is not what the head was built for.
        """
        raw = self.net(x, features)
        output = ascending(raw.float().unflatten(-1, (-1, len(self.quantiles))))
        output = output if recent is None else output + recent.float().view(-1, 1, 1)
        return output.squeeze(1) if self.horizons is None else output

    def loss(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        """Pinball loss.

        Args:
            output: [example, horizon, quantile] or [example, quantile].
            target: log(1 + volume), [example, horizon] or [example]; anything where the mask is False.
            mask: Which targets count, bool, shaped like the target.
        """
        target = target.to(output.dtype) if mask is None else torch.where(mask, target.to(output.dtype), 0.0)
        return masked_mean(pinball(output, target, self.quantiles), mask)

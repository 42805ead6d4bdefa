"""The network that says how many more will act, as a mixture of Poisson laws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from graphsocial.nn.fixed_scale import FixedScale
from graphsocial.nn.narrowed_content import NarrowedContent


@dataclass(frozen=True)
class ViralityNetConfig:
    """Size of a `ViralityNet`.

    Attributes:
        hidden: Units of the layers.
        content: Channels that each modality is narrowed to.
        content_dropout: Share of the narrowed content hidden in training.
        dropout: Share of units hidden in training.
        width: Deviation of the Gaussian that weights are spread with, in steps of the grid.
    """

    hidden: int = 48
    content: int = 16
    content_dropout: float = 0.5
    dropout: float = 0.15
    width: float = 1.0


class ViralityNet(nn.Module):
    """Weights of a fixed grid of means: the number of new adopters is Poisson about a mean that is drawn by them.

    A finite mixture says whatever a law of means may look like (Kiefer and Wolfowitz, Annals of Mathematical Statistics
    1956); its weights, spread over neighbours of the grid, cannot sit on single means.

    Args:
        mean: The grid, ascending, above 0 [point].
        context: Channels of what is known of the post's spread so far.
        content: Channels of each modality of the post's content.
        config: Size.

    >>> net = ViralityNet(torch.tensor([0.1, 1.0, 10.0]), 2, {}, ViralityNetConfig())
    >>> net(torch.zeros(4, 2), {}).exp().sum(dim=-1).allclose(torch.ones(4))
    True
    """

    mean: Tensor
    spreading: Tensor

    def __init__(self, mean: Tensor, context: int, content: Mapping[str, int], config: ViralityNetConfig):
        super().__init__()
        self.register_buffer("mean", mean.clone())
        place = torch.arange(len(mean))
        kernel = torch.exp(-(((place[:, None] - place) / config.width) ** 2) / 2)
        self.register_buffer("spreading", kernel / kernel.sum(dim=1, keepdim=True))
        self.scale = FixedScale(context)
        self.narrowed = NarrowedContent(content, config.content, config.content_dropout) if content else None
        self.layers = nn.Sequential(
            nn.Linear(context + config.content * len(content), config.hidden),
            nn.SiLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, config.hidden),
            nn.SiLU(),
            nn.Linear(config.hidden, len(mean)),
        )

    def forward(self, context: Tensor, content: Mapping[str, Tensor]) -> Tensor:
        """Log weights, [post, point]; content by modality, [post, channel]."""
        x = self.scale(context)
        if self.narrowed is not None:
            x = torch.cat([x, self.narrowed(content)], dim=-1)
        return torch.log(torch.softmax(self.layers(x), dim=-1) @ self.spreading + 1e-9)

    def log_likelihood(self, log_weight: Tensor, count: Tensor, share: Tensor) -> Tensor:
        """Log probability of the numbers counted, [post].

        Args:
            log_weight: What `forward` gives [post, point].
            count: New adopters [post].
            share: Part of all adopters to come who come while it is counted, 1 where nothing is cut off [post].
        """
        return torch.logsumexp(log_weight + self._log_poisson(count, share), dim=-1)

    @torch.no_grad()
    def start_at(self, count: Tensor, share: Tensor, rounds: int = 100) -> None:
        """Makes every post's weights those that are likeliest for all posts alike, from where training goes on.

        Expectation maximisation of the weights of a mixture (Dempster, Laird and Rubin, J. Royal Stat. Soc. B 1977).

        Args:
            count: New adopters [post].
            share: As in `log_likelihood` [post].
            rounds: Steps.
        """
        logs = self._log_poisson(count, share)
        chance = torch.exp(logs - logs.amax(dim=-1, keepdim=True)) @ self.spreading.T
        weight = torch.full_like(self.mean, 1 / len(self.mean))
        for _ in range(rounds):
            part = chance * weight
            weight = (part / part.sum(dim=-1, keepdim=True)).mean(dim=0)
        last = self.layers[-1]
        assert isinstance(last, nn.Linear)
        last.weight.zero_()
        last.bias.copy_(torch.log(weight + 1e-4))

    def _log_poisson(self, count: Tensor, share: Tensor) -> Tensor:
        mean = self.mean * share[:, None]
        return count[:, None] * torch.log(mean) - mean - torch.lgamma(count + 1)[:, None]

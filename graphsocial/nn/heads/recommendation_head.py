"""Which posts will this user take up?"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.nn.heads.masked_mean import masked_mean
from graphsocial.nn.heads.perceptron import perceptron

Ranking = Literal["bpr", "softmax"]


class RecommendationHead(nn.Module):
    """User–post ranking: the product of the two projected vectors, plus how liked the post is by anyone.

    Args:
        channels: Channels of the fused vectors.
        ranking: `bpr`: every taken post against every other candidate (Rendle et al. 2009, arXiv 1205.2618), or
            `softmax` over the candidates.

    Raises:
        SchemaError: Unknown ranking.

    >>> head, took = RecommendationHead(4), torch.tensor([[True, False]])
    >>> round(float(head.loss(torch.zeros(1, 2), took)), 4)  # log 2
    0.6931
    """

    def __init__(self, channels: int, ranking: Ranking = "bpr"):
        super().__init__()
        if ranking not in ("bpr", "softmax"):
            raise SchemaError(
                f"unknown ranking {ranking!r}, expected one of bpr, softmax.{did_you_mean(ranking, ('bpr', 'softmax'))}"
            )
        self.ranking, self.channels = ranking, channels
        self.user = perceptron(channels, channels, channels)
        self.post = perceptron(channels, channels, channels)
        self.liked = perceptron(channels, channels, 1)

    def forward(self, users: Tensor, posts: Tensor) -> Tensor:
        """Scores candidates.

        Args:
            users: Fused vectors, [user, channel].
            posts: Fused vectors of the candidates, [user, candidate, channel], or [candidate, channel] when all
                users have the same.

        Returns:
            [user, candidate].
        """
        wish, offer = self.user(users), self.post(posts)
        product = wish @ offer.transpose(0, 1) if posts.dim() == 2 else (offer @ wish.unsqueeze(-1)).squeeze(-1)
        return (product / math.sqrt(self.channels) + self.liked(posts).squeeze(-1)).float()

    def loss(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        """Mean over users that took a post and had another candidate (`bpr`), or that took one (`softmax`).

        Args:
            output: Scores, [user, candidate].
            target: Which posts the user took up, bool [user, candidate].
            mask: Which entries count, bool [user, candidate]; one that does not is no candidate either.
        """
        counted = torch.ones_like(output, dtype=torch.bool) if mask is None else mask
        took = counted & (target > 0)
        if self.ranking == "bpr":
            passed = counted & ~took
            pairs = took.unsqueeze(2) & passed.unsqueeze(1)  # [user, taken, passed]
            loss = functional.softplus(output.unsqueeze(1) - output.unsqueeze(2)).masked_fill(~pairs, 0.0)
            count = pairs.sum(dim=(1, 2))
            return masked_mean(loss.sum(dim=(1, 2)) / count.clamp(min=1), count > 0)
        score = output.masked_fill(~counted, torch.finfo(output.dtype).min)
        surprise = (score.logsumexp(dim=1, keepdim=True) - output).masked_fill(~took, 0.0)
        count = took.sum(dim=1)
        return masked_mean(surprise.sum(dim=1) / count.clamp(min=1), count > 0)

"""Will this link come to be?"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from graphsocial.nn.heads.feature_net import FeatureNet, pair_vector
from graphsocial.nn.heads.masked_mean import masked_mean


class LinkHead(nn.Module):
    """One score per pair of nodes, the logit of the link under the binary loss.

    Args:
        channels: Channels of the fused vectors.
        features: Number of structural features per pair; 0: none.

    >>> head, two = LinkHead(4), torch.tensor([1.0, 0.0])
    >>> round(float(head.loss(torch.zeros(2), two)), 4)  # log 2
    0.6931
    >>> round(float(head.loss(torch.zeros(2), two, query=torch.tensor([7, 7]))), 4)  # one of two candidates: log 2
    0.6931
    """

    def __init__(self, channels: int, features: int = 0):
        super().__init__()
        self.net = FeatureNet(3 * channels, features, channels, 1)

    def forward(self, source: Tensor, target: Tensor, features: Tensor | None = None) -> Tensor:
        """Scores pairs.

        Args:
            source: Fused vectors, [pair, channel].
            target: Fused vectors, [pair, channel].
            features: Structural features, [pair, feature].

        Returns:
            [pair].
        """
        return self.net(pair_vector(source, target), features).squeeze(-1).float()

    def loss(self, output: Tensor, target: Tensor, mask: Tensor | None = None, query: Tensor | None = None) -> Tensor:
        """Binary cross-entropy, or with queries a softmax over the candidates of each.

        With queries: -log softmax of each true candidate among its query's candidates, mean over a query's true ones,
        then mean over the queries that have one.

        Args:
            output: Scores, [pair].
            target: 1 where the link came to be, else 0, [pair].
            mask: Which pairs count, bool [pair]; a pair that does not is no candidate either.
            query: Number of the question that each pair answers, int64 [pair].
        """
        if query is None:
            # Masked targets may be anything, also nan.
            wanted = target.to(output.dtype)
            wanted = wanted if mask is None else torch.where(mask, wanted, 0.0)
            return masked_mean(functional.binary_cross_entropy_with_logits(output, wanted, reduction="none"), mask)
        counted = torch.ones_like(output, dtype=torch.bool) if mask is None else mask
        names, group = query.unique(return_inverse=True)
        zero = output.new_zeros(names.shape[0])
        score = output.masked_fill(~counted, float("-inf"))
        top = zero.scatter_reduce(0, group, score.detach(), "amax", include_self=False)
        top = torch.where(top.isfinite(), top, 0.0)  # a query all of whose pairs are masked
        shifted = score - top[group]
        total = zero.index_add(0, group, shifted.exp())
        true = counted & (target > 0)
        surprise = (total.clamp(min=torch.finfo(total.dtype).tiny).log()[group] - shifted).masked_fill(~true, 0.0)
        count = zero.index_add(0, group, true.to(zero.dtype))
        return masked_mean(zero.index_add(0, group, surprise) / count.clamp(min=1), count > 0)

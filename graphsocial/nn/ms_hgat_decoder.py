"""Gated fusion and the self-attentive decoder of MS-HGAT."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from graphsocial.nn.dropout import drop


class GatedFusion(nn.Module):
    """Mixes two views of the same thing with one weight per row that the two views decide.

    The weight of a view is the softmax, over the two, of a learned vector times tanh of a linear layer of that view
    (MS-HGAT, gated fusion).
    """

    def __init__(self, channels: int):
        super().__init__()
        self.inner = nn.Linear(channels, channels)
        self.score = nn.Linear(channels, 1)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Both [..., channel], and so is the result."""
        odds = self.score(self.inner(first).tanh()) - self.score(self.inner(second).tanh())
        return torch.lerp(second, first, odds.sigmoid())


class Decoder(nn.Module):
    """Causal multi-head self-attention and a feed-forward layer, each with a residual and a norm (Vaswani et al. 2017).

    Args:
        channels: Channels in and out.
        heads: Attention heads.
        head_channels: Channels of one head, 0 = channels / heads.
        dropout: Chance that an entry is dropped in training.
    """

    def __init__(self, channels: int, heads: int, head_channels: int, dropout: float):
        super().__init__()
        width = heads * head_channels or channels
        self.heads, self.dropout = heads, dropout
        self.input = nn.Linear(channels, 3 * width, bias=False)
        self.output = nn.Linear(width, channels, bias=False)
        self.feed = nn.Sequential(nn.Linear(channels, channels), nn.ReLU(), nn.Linear(channels, channels))
        self.norm_attention, self.norm_feed = nn.LayerNorm(channels), nn.LayerNorm(channels)

    def forward(self, x: Tensor, noise: torch.Generator | None) -> Tensor:
        """[cascade, position, channel] to the same; position p sees positions 0 to p; no `noise` when predicting."""
        query, key, value = self.input(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        attended = self.output(mixed.transpose(1, 2).flatten(2))
        x = self.norm_attention(x + (attended if noise is None else drop(attended, self.dropout, noise)))
        fed = self.feed(x)
        return self.norm_feed(x + (fed if noise is None else drop(fed, self.dropout, noise)))

"""One block of attention among the tokens of one post, across its modalities or inside each."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class TokenAttention(nn.Module):
    """Multi-head self-attention and a feed-forward layer, each after a norm and with a residual (Vaswani et al. 2017).

    The weights are the same whatever the mask allows, so attention across modalities and attention inside each compare
    at equal size.

    Args:
        channels: Channels of a token.
        heads: Attention heads; must divide `channels`.
        dropout: Share of each update's entries that is dropped in training.

    >>> import torch
    >>> block = TokenAttention(4, 2)
    >>> block(torch.ones(1, 3, 4), torch.ones(1, 3, 3, dtype=torch.bool)).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, channels: int, heads: int, dropout: float = 0.0):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(channels)
        self.ask = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(channels), nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels)
        )
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, allowed: Tensor) -> Tensor:
        """[post, token, channel] to the same.

        Args:
            x: Tokens.
            allowed: Which token may ask which, bool [post, token, token]; every row needs at least one.
        """
        query, key, value = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.ask(self.norm(x)).chunk(3, dim=-1)
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=allowed.unsqueeze(1))
        x = x + self.drop(self.out(mixed.transpose(1, 2).flatten(2)))
        return x + self.drop(self.feed_forward(x))

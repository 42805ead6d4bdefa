"""Content tokens to one vector per content, and contents to nodes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from graphsocial.errors import SchemaError
from graphsocial.nn.rows import take_rows


class TokenPooling(nn.Module):
    """Attention pooling with one learned query per head (Lee et al. 2019, Set Transformer, arXiv 1810.00825).

    A query that is the same for every content turns the key projection into one vector per head, so the tokens
    themselves are never projected: scores first, then the weighted mean, then one projection per content.

    Args:
        token_channels: Channels of a token as its encoder gives it.
        channels: Channels of the result.
        heads: Number of queries.
    """

    def __init__(self, token_channels: int, channels: int, heads: int):
        super().__init__()
        self.token_channels = token_channels
        self.score = nn.Linear(token_channels, heads, bias=False)
        self.value = nn.Linear(token_channels, channels)
        self.heads = heads

    def forward(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Pools each content's tokens.

        Args:
            tokens: Tokens of each distinct content, [content, token, token channel], any float type.
            mask: Which tokens exist, bool [content, token].

        Returns:
            Content vectors [content, channel] and which contents have a token at all, bool [content].

        Raises:
            SchemaError: The tokens' channels are not what the encoder was built for.
        """
        if tokens.dim() != 3 or tokens.shape[-1] != self.token_channels:
            raise SchemaError(
                f"tokens of shape {tuple(tokens.shape)}, expected [content, token, {self.token_channels}]: "
                "were they made by another encoder than the one this model was built for?"
            )
        # Encoders differ in scale by orders of magnitude; no parameters here, so no gradient through all tokens.
        normal = functional.layer_norm(tokens.float(), (self.token_channels,))
        normal = normal.masked_fill(~mask.unsqueeze(-1), 0.0)
        scores = self.score(normal).masked_fill(~mask.unsqueeze(-1), torch.finfo(torch.float16).min)  # [c, token, head]
        pooled = scores.softmax(dim=1).transpose(1, 2).to(normal.dtype) @ normal  # [content, head, token channel]
        weight = self.value.weight.view(self.heads, -1, self.token_channels)
        value = torch.einsum("nhc,hdc->nhd", pooled, weight)
        return value.flatten(1) + self.value.bias, mask.any(dim=1)


def to_nodes(content: Tensor, exists: Tensor, row: Tensor) -> tuple[Tensor, Tensor]:
    """Mean of each node's contents.

    Args:
        content: Content vectors, [content, channel].
        exists: Which contents have a token, bool [content].
        row: Contents of each node, int64 [node, item], -1 = missing.

    Returns:
        Node vectors [node, channel], zero where all is missing, and which nodes have a content, bool [node].

    >>> to_nodes(torch.tensor([[2.0], [4.0]]), torch.tensor([True, True]), torch.tensor([[0, 1], [-1, -1]]))
    (tensor([[3.], [0.]]), tensor([ True, False]))
    """
    if content.shape[0] == 0 or row.shape[1] == 0:
        return content.new_zeros(row.shape[0], content.shape[1]), row.new_zeros(row.shape[0], dtype=torch.bool)
    index = row.clamp(min=0)
    counted = (row >= 0) & exists[index]
    items = take_rows(content, index) * counted.unsqueeze(-1)
    return items.sum(dim=1) / counted.sum(dim=1, keepdim=True).clamp(min=1), counted.any(dim=1)

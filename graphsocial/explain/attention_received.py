"""How much attention each token of a post got."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from graphsocial.nn.post_label_net import PostLabelNet
from graphsocial.nn.token_attention import TokenAttention


def attention_received(
    net: PostLabelNet, tokens: dict[str, Tensor], mask: dict[str, Tensor], evidence: dict[str, Tensor]
) -> dict[str, Tensor]:
    """Mean attention over heads and over the tokens that ask, by modality, [post, token]; all sum to 1 for each post.

    Args:
        net: The network, in evaluation mode.
        tokens: As `PostLabelNet` takes them.
        mask: Likewise.
        evidence: Likewise.
    """
    seen: list[tuple[Tensor, Tensor]] = []

    def note(module: nn.Module, given: tuple[Any, ...]) -> None:
        seen.append((given[0], given[1]))

    hook = net.attention.register_forward_pre_hook(note)
    try:
        with torch.no_grad():
            net(tokens, mask, evidence)
            x, allowed = seen[0]
            weight = _weights(net.attention, x, allowed).mean(dim=1)  # [post, asking token, asked token]
    finally:
        hook.remove()
    sizes = [tokens[name].shape[1] for name in net.modalities]
    asks = torch.cat([mask[name] for name in net.modalities], dim=1).to(weight.dtype)
    # a post that has nothing of a modality asks with its null, as the first token of that modality
    lacks = torch.cat([_first(~mask[name].any(dim=1), mask[name].shape[1]) for name in net.modalities], dim=1)
    asks = torch.maximum(asks, lacks.to(weight.dtype))
    got = (weight * asks.unsqueeze(-1)).sum(dim=1) / asks.sum(dim=1, keepdim=True)
    return dict(zip(net.modalities, got.split(sizes, dim=1), strict=True))


def _first(there: Tensor, size: int) -> Tensor:
    """Whether each token is the first one of a post where it is true, bool [post, token]."""
    return there.unsqueeze(1) & (torch.arange(size, device=there.device) == 0)


def _weights(block: TokenAttention, x: Tensor, allowed: Tensor) -> Tensor:
    """Attention of the block, [post, head, asking token, asked token]."""
    query, key, _ = (
        part.unflatten(-1, (block.heads, -1)).transpose(1, 2) for part in block.ask(block.norm(x)).chunk(3, dim=-1)
    )
    logits = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    return logits.masked_fill(~allowed.unsqueeze(1), float("-inf")).softmax(dim=-1)

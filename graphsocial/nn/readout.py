"""A node's slots to one vector."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Readout(nn.Module):
    """Attention over a node's own slots, then a small MLP and a norm.

    Missing slots take part: they hold the learned null and what the layers gathered into it, which is how late fusion
    sees the image of a neighbour of a post that has none. Slots switched off do not.

    Args:
        node_types: Node types; each has its own scores.
        slots: Number of slots.
        channels: Channels of a slot and of the result.
        heads: Number of weighted means, each over its own channels.
    """

    def __init__(self, node_types: Sequence[str], slots: int, channels: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(channels)
        self.score = nn.ModuleDict({node_type: nn.Linear(channels, heads) for node_type in node_types})
        self.value = nn.ModuleList([nn.Linear(channels, channels) for _ in range(slots)])
        self.norm_out = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(
            nn.LayerNorm(channels), nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels)
        )

    def forward(self, node_type: str, x: Tensor, enabled: Tensor) -> Tensor:
        """Fuses the slots of nodes of one type.

        Args:
            node_type: Their type.
            x: Slots, [node, slot, channel].
            enabled: The slots in use, bool [slot].

        Returns:
            [node, channel].
        """
        normal = self.norm(x)
        scores = self.score[node_type](normal).masked_fill(~enabled.view(1, -1, 1), float("-inf"))
        weight = scores.softmax(dim=1).unsqueeze(-1)  # [node, slot, head, 1]
        value = torch.stack([layer(part) for layer, part in zip(self.value, normal.unbind(1), strict=True)], dim=1)
        mixed = (weight * value.unflatten(2, (self.heads, -1))).sum(dim=1).flatten(1)
        return self.norm_out(mixed + self.mlp(mixed))

"""A post's content by modality, narrowed to a few channels, with something learned in place of what is missing."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

_STRETCH = 3.0  # channels of vectors of length 1 are small


class NarrowedContent(nn.Module):
    """Each modality through a layer of its own; a post without one has that modality's null instead.

    Args:
        content: Channels of each modality.
        narrow: Channels that each is narrowed to.
        dropout: Share of the narrowed channels hidden in training.

    >>> narrowed = NarrowedContent({"image": 3, "text": 4}, 2, 0.0)
    >>> out = narrowed({"image": torch.zeros(1, 3), "text": torch.ones(1, 4)})
    >>> out.shape, torch.equal(out[0, :2], narrowed.null["image"])
    (torch.Size([1, 4]), True)
    """

    def __init__(self, content: Mapping[str, int], narrow: int, dropout: float):
        super().__init__()
        self.width = narrow * len(content)
        self.layers = nn.ModuleDict({name: nn.Linear(size, narrow) for name, size in sorted(content.items())})
        self.null = nn.ParameterDict({name: nn.Parameter(torch.zeros(narrow)) for name in sorted(content)})
        self.drop = nn.Dropout(dropout)

    def forward(self, content: Mapping[str, Tensor]) -> Tensor:
        """[post, modality * narrow].

        Args:
            content: Vectors by modality, of length 1, or zero where a post has none, [post, channel].
        """
        parts = []
        for name, layer in self.layers.items():
            there = content[name].any(dim=-1, keepdim=True)
            parts.append(torch.where(there, torch.tanh(_STRETCH * layer(content[name])), self.null[name]))
        return self.drop(torch.cat(parts, dim=-1))

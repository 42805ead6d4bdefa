"""A network that corrects the best floor's answer about a pair, from the graph's evidence and what its ends say."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

NARROW = 16
"""Channels of a modality's vector in a pair."""

HIDDEN = 0.3
"""Share of pairs for which a modality is hidden in training, so that nothing leans on one alone."""


class RelationNet(nn.Module):
    """Evidence asks the modalities of the two ends by attention, and what comes of it is added to the floor's answer.

    Every modality gives a token from the vectors of source and target and their product. The evidence's token asks
    them, and a learned null token, with one softmax over modalities; a modality that either end lacks is not asked. The
    last layer starts at zero, so before training the answer is the floor's and what is learned is the residual.

    Args:
        columns: Evidence columns; 0: the ends' vectors alone.
        vectors: Standardised vectors by modality, float [node, channel].
        has: Which nodes have them, by modality, bool [node].
        channels: Channels of a token.
        dropout: Share of channels hidden in training.

    >>> vectors = {"text": torch.randn(4, 3)}
    >>> net = RelationNet(2, vectors, {"text": torch.tensor([True, True, False, True])}, channels=8)
    >>> floor = torch.tensor([0.5, -1.0])
    >>> net(floor, torch.randn(2, 2), torch.tensor([0, 1]), torch.tensor([2, 3])).tolist()
    [0.5, -1.0]
    """

    def __init__(
        self,
        columns: int,
        vectors: Mapping[str, Tensor],
        has: Mapping[str, Tensor],
        channels: int = 64,
        dropout: float = 0.2,
    ):
        super().__init__()
        self.names = tuple(vectors)
        for name, rows in vectors.items():
            self.register_buffer(f"vectors_{name}", rows.float(), persistent=False)
            self.register_buffer(f"has_{name}", has[name], persistent=False)
        self.scale = nn.Parameter(torch.ones(()))
        hidden = nn.Linear(max(columns, 1), channels)
        self.structure = nn.Sequential(hidden, nn.ReLU(), nn.Dropout(dropout), nn.Linear(channels, channels))
        self.source = nn.ModuleDict({name: nn.Linear(rows.shape[1], NARROW) for name, rows in vectors.items()})
        self.target = nn.ModuleDict({name: nn.Linear(rows.shape[1], NARROW) for name, rows in vectors.items()})
        self.token = nn.ModuleDict({name: nn.Linear(3 * NARROW, channels) for name in vectors})
        self.null = nn.Parameter(torch.zeros(channels))
        self.query, self.key = nn.Linear(channels, channels), nn.Linear(channels, channels)
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(channels)
        last = nn.Linear(channels, 1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.out = nn.Sequential(nn.Linear(channels, channels), nn.ReLU(), nn.Dropout(dropout), last)

    def forward(self, floor: Tensor, evidence: Tensor, src: Tensor, dst: Tensor) -> Tensor:
        """Answers [pair].

        Args:
            floor: The floor's answer, standardised [pair].
            evidence: Standardised columns [pair, column]; one of zeros where there are none.
            src: Numbers of the sources [pair].
            dst: Numbers of the targets [pair].
        """
        state = self.structure(evidence)
        if self.names:
            tokens, there = self._tokens(src, dst)
            attention = (self.query(state)[:, None] * self.key(tokens)).sum(-1) / tokens.shape[-1] ** 0.5
            share = attention.masked_fill(~there, float("-inf")).softmax(dim=1)
            state = state + (share[:, :, None] * tokens).sum(dim=1)
        out: Tensor = self.scale * floor + self.out(self.dropout(torch.relu(self.norm(state))))[:, 0]
        return out

    def _tokens(self, src: Tensor, dst: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens [pair, 1 + modality, channel], the null token first, and which are there [pair, 1 + modality]."""
        tokens, there = [self.null.expand(len(src), -1)], [torch.ones_like(src, dtype=torch.bool)]
        for name in self.names:
            vectors, has = getattr(self, f"vectors_{name}"), getattr(self, f"has_{name}")
            a, b = self.source[name](vectors[src]), self.target[name](vectors[dst])
            tokens.append(torch.relu(self.token[name](self.dropout(torch.cat([a * b, a, b], dim=-1)))))
            shown = has[src] & has[dst]
            if self.training:
                shown = shown & (torch.rand(len(src), device=src.device) >= HIDDEN)
            there.append(shown)
        return torch.stack(tokens, dim=1), torch.stack(there, dim=1)

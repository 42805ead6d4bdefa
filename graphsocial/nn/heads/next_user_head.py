"""Who joins the cascade next?"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.nn.heads.masked_mean import masked_mean
from graphsocial.nn.time_encoding import TimeEncoding

Reader = Literal["gru", "transformer"]


class NextUserHead(nn.Module):
    """Reads the users of a cascade in the order in which they joined and scores candidates for the next place.

    Args:
        channels: Channels of the users' vectors.
        reader: `gru` (Cho et al. 2014, arXiv 1406.1078) or `transformer` with a causal mask (Vaswani et al. 2017,
            arXiv 1706.03762, sinusoidal positions, norm first).
        layers: Layers of the reader.
        heads: Attention heads of the transformer.

    Raises:
        SchemaError: Unknown reader.

    >>> head = NextUserHead(8)
    >>> head(torch.randn(2, 5, 8), torch.randn(7, 8)).shape
    torch.Size([2, 5, 7])
    """

    def __init__(self, channels: int, reader: Reader = "gru", layers: int = 1, heads: int = 4):
        super().__init__()
        if reader not in ("gru", "transformer"):
            raise SchemaError(
                f"unknown reader {reader!r}, expected one of gru, transformer."
                f"{did_you_mean(reader, ('gru', 'transformer'))}"
            )
        self.reader, self.channels = reader, channels
        self.time = TimeEncoding()
        self.from_time = nn.Linear(16, channels, bias=False)
        self.gru = nn.GRU(channels, channels, layers, batch_first=True) if reader == "gru" else None
        self.transformer = (
            nn.ModuleList(
                nn.TransformerEncoderLayer(
                    channels, heads, 2 * channels, 0.0, "gelu", batch_first=True, norm_first=True
                )
                for _ in range(layers)
            )
            if reader == "transformer"
            else None
        )
        self.norm = nn.LayerNorm(channels)
        self.ask = nn.Linear(2 * channels, channels)  # what was read so far, and the last user once more
        self.answer = nn.Linear(channels, channels, bias=False)
        self.liked = nn.Linear(channels, 1)

    def forward(
        self,
        members: Tensor,
        candidates: Tensor,
        member_candidate: Tensor | None = None,
        gap: Tensor | None = None,
        context: Tensor | None = None,
    ) -> Tensor:
        """Scores every candidate after every position.

        Args:
            members: Vectors of each cascade's users in order, [cascade, position, channel]; shorter cascades are
                filled up at the end, with anything.
            candidates: Vectors of the users to rank, [candidate, channel].
            member_candidate: Which candidate each member is, int64 [cascade, position], -1 = none: users who have
                joined already get the score -inf.
            gap: Seconds since the member before, [cascade, position].
            context: Vector of what is spreading, [cascade, channel].

        Returns:
            Scores for the place after each position, given the members up to it, [cascade, position, candidate].
        """
        x = members
        if gap is not None:
            x = x + self.from_time(self.time(gap))
        if context is not None:
            x = x + context.unsqueeze(1)
        state = self.ask(torch.cat([self.norm(self._read(x)), members], dim=-1))
        scores = state @ self.answer(candidates).transpose(0, 1) / math.sqrt(self.channels)
        scores = (scores + self.liked(candidates).squeeze(-1)).float()
        if member_candidate is None:
            return scores
        return scores.masked_fill(self._joined(member_candidate, candidates.shape[0]), float("-inf"))

    def loss(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        """Mean over positions of -log softmax of the true next user among the candidates.

        A target that has joined already cannot be ranked: the position is not counted.

        Args:
            output: Scores, [cascade, position, candidate].
            target: Candidate who came next, int64 [cascade, position]; -1: there is none, or it is no candidate.
            mask: Which positions count, bool [cascade, position].
        """
        if output.shape[-1] == 0:
            return output.sum()
        chosen = output.gather(-1, target.clamp(min=0).unsqueeze(-1)).squeeze(-1)
        counted = (target >= 0) & chosen.isfinite()
        counted = counted if mask is None else counted & mask
        total = torch.where(counted.unsqueeze(-1), output, 0.0).logsumexp(dim=-1)
        return masked_mean(total - torch.where(counted, chosen, 0.0), counted)

    def _read(self, x: Tensor) -> Tensor:
        if x.shape[1] == 0:  # torch's readers refuse empty sequences
            return x
        if self.gru is not None:
            return self.gru(x)[0]
        assert self.transformer is not None
        x = x + _positions(x.shape[1], self.channels, x.device)
        causal = nn.Transformer.generate_square_subsequent_mask(x.shape[1], device=x.device, dtype=x.dtype)
        for layer in self.transformer:
            x = layer(x, src_mask=causal, is_causal=True)
        return x

    @staticmethod
    def _joined(member_candidate: Tensor, candidates: int) -> Tensor:
        """Which candidates are among the members up to each position, bool [cascade, position, candidate]."""
        cascades, positions = member_candidate.shape
        place = torch.arange(positions, device=member_candidate.device).expand(cascades, -1)
        first = place.new_full((cascades, candidates + 1), positions)  # the last column takes the non-candidates
        column = torch.where(member_candidate >= 0, member_candidate, candidates)
        first = first.scatter_reduce(1, column, place, "amin")[:, :candidates]
        return first.unsqueeze(1) <= torch.arange(positions, device=first.device).view(1, -1, 1)


def _positions(length: int, channels: int, device: torch.device) -> Tensor:
    """Sines of the position, [position, channel]."""
    wave = torch.exp(torch.arange(channels, device=device) // 2 * (-2 * math.log(10_000.0) / channels))
    angle = torch.arange(length, device=device).unsqueeze(1) * wave
    return torch.where(torch.arange(channels, device=device) % 2 == 0, angle.sin(), angle.cos())

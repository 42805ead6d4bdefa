"""Hypergraph attention: users to cascades and back to users."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from graphsocial.nn.dropout import drop
from graphsocial.nn.ms_hgat_hypergraph import HypergraphWindow
from graphsocial.nn.ms_hgat_sums import pair_sums
from graphsocial.nn.rows import take_rows


class HypergraphAttention(nn.Module):
    """Users to hyperedges to users, within one window.

    A hyperedge is the ReLU of the weighted mean of its users' projections; the weights are the softmax of minus the
    Euclidean distance to the projection of the user who started the cascade. A user is the ReLU of the mean of the
    projections of the hyperedges the user is in, normalised: a mean is smaller than what it is made from, and over a
    hundred windows the memory would fade to nothing. The published program has a batch norm in this place; a layer norm
    keeps one user's view from depending on who else took part.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.user = nn.Linear(channels, channels, bias=False)
        self.edge = nn.Linear(channels, channels, bias=False)
        self.norm = nn.LayerNorm(channels)

    def attention(self, projected: Tensor, root: Tensor, window: HypergraphWindow) -> Tensor:
        """Weight of each pair within its hyperedge, [pair].

        Args:
            projected: Projections of the window's members, [member, channel].
            root: Projections of the starters, [hyperedge, channel].
            window: Who is in which hyperedge.
        """
        difference = take_rows(projected, window.pair_member) - take_rows(root, window.pair_edge)
        score = -_length(difference)
        top = torch.segment_reduce(score.detach(), "max", offsets=window.edge_start)
        raw = (score - top.index_select(0, window.pair_edge)).exp()
        total = torch.segment_reduce(raw, "sum", offsets=window.edge_start)
        return raw / total.index_select(0, window.pair_edge)

    def forward(
        self,
        x: Tensor,
        root: Tensor,
        window: HypergraphWindow,
        dropout: float = 0.0,
        noise: torch.Generator | None = None,
    ) -> Tensor:
        """What the members take from their hyperedges.

        Args:
            x: The window's members, [member, channel].
            root: The starters of its hyperedges, [hyperedge, channel].
            window: Who is in which hyperedge.
            dropout: Chance that an entry is dropped.
            noise: Source of the dropout, None when predicting.

        Returns:
            [member, channel].
        """
        projected = self.user(x)
        weight = self.attention(projected, self.user(root), window)
        back = (window.by_member, window.member_start)
        edge = pair_sums(projected, weight, window.pair_member, window.edge_start, window.pair_edge, back).relu()
        if noise is not None:
            edge = drop(edge, dropout, noise)
        size = window.member_start.diff()
        share = size.to(x.dtype).reciprocal().repeat_interleave(size)
        index = window.pair_edge.index_select(0, window.by_member)
        inverse = torch.empty_like(window.by_member)
        inverse[window.by_member] = torch.arange(len(inverse), device=inverse.device)
        segment = window.pair_member.index_select(0, window.by_member)
        node = pair_sums(self.edge(edge), share, index, window.member_start, segment, (inverse, window.edge_start))
        return self.norm(node.relu() if noise is None else drop(node.relu(), dropout, noise))

    def prefixes(self, x: Tensor, root: Tensor) -> Tensor:
        """A cascade as the hyperedge of its own prefix, at every position: the same attention over the users so far.

        Args:
            x: Users in the order in which they joined, [cascade, position, channel].
            root: Who started it, [cascade, channel].

        Returns:
            [cascade, position, channel]; row p knows positions 0 to p.
        """
        projected = self.user(x)
        score = -_length(projected - self.user(root).unsqueeze(1))
        length = x.shape[1]
        ahead = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
        weight = score.unsqueeze(1).expand(-1, length, -1).masked_fill(ahead, -math.inf).softmax(dim=-1)
        return (weight @ projected).relu()


def _length(difference: Tensor) -> Tensor:
    """Euclidean length along the last axis, with a finite gradient at zero."""
    return (difference.square().sum(dim=-1) + 1e-12).sqrt()

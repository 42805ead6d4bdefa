"""MS-HGAT: users through friendships and a sequence of hypergraphs, cascades through self-attention."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from graphsocial.nn.dropout import drop
from graphsocial.nn.ms_hgat_attention import HypergraphAttention
from graphsocial.nn.ms_hgat_config import MsHgatConfig
from graphsocial.nn.ms_hgat_decoder import Decoder, GatedFusion
from graphsocial.nn.ms_hgat_friendships import FriendConvolution, Friendships
from graphsocial.nn.ms_hgat_hypergraph import HypergraphWindow
from graphsocial.nn.rows import take_rows
from graphsocial.nn.seeding import seeded


class MsHgat(nn.Module):
    """Who joins a cascade next (Sun et al. 2022, MS-HGAT, AAAI), written from the paper's equations.

    Static users come from their embedding, convolved over friendships where there are any. Then, window after window,
    hypergraph attention gives each user who took part a new view, and a gate mixes it with the user as before: the
    memory. An event at t reads the memory of the last window that had closed by t. The cascade is looked up beside the
    user; a gate mixes both. This dynamic view and the static one pass a self-attentive decoder each, a last gate mixes
    them, and a linear layer scores the candidates.

    The cascade's own view differs from the published program: there, cascades to predict are hyperedges of the
    hypergraph, which holds their future. Here it is the same attention over the prefix seen so far.

    Args:
        users: Number of users.
        candidates: Number of candidates; the users come first, an end token may follow.
        config: Sizes.
        friends: Whether friendships are convolved.
        rng: Seed of the initial weights.
    """

    def __init__(self, users: int, candidates: int, config: MsHgatConfig, friends: bool, rng: int):
        super().__init__()
        self.config = config
        wide = config.decoder_channels
        with seeded(rng):
            self.user = nn.Parameter(torch.randn(users, config.channels) / config.channels**0.5)
            self.position = nn.Parameter(torch.randn(config.positions, config.position_channels) * 0.1)
            self.convolution = FriendConvolution(config.channels) if friends else None
            self.attention = HypergraphAttention(config.channels)
            self.fuse_time, self.fuse_cascade = GatedFusion(config.channels), GatedFusion(config.channels)
            self.decoders = nn.ModuleList(
                [Decoder(wide, config.heads, config.head_channels, config.decoder_dropout) for _ in range(2)]
            )
            self.fuse_views = GatedFusion(wide)
            self.score = nn.Linear(wide, candidates)

    def memory(
        self,
        windows: Sequence[HypergraphWindow],
        base: Sequence[int],
        friends: Friendships | None,
        noise: torch.Generator | None = None,
    ) -> list[Tensor]:
        """Users before the first window closed and after each.

        Args:
            windows: Hypergraphs in the order in which they close.
            base: State that each window continues from: 0 for the static view, k for the state after the k-th window.
            friends: Who is whose friend, None without friendships.
            noise: Source of the dropout, None when predicting.

        Returns:
            windows + 1 tensors [user, channel]; the first is the static view.
        """
        x: Tensor = self.user
        if self.convolution is not None and friends is not None:
            x = self.convolution(x, friends, self.config.dropout, noise)
        if noise is not None:
            x = drop(x, self.config.dropout, noise)
        states = [x]
        for window, number in zip(windows, base, strict=True):
            before = take_rows(states[number], window.member)
            root = take_rows(states[0], window.root)
            joined = self.attention(before, root, window, self.config.dropout, noise)
            states.append(states[number].index_copy(0, window.member, self.fuse_time(before, joined)))
        return states

    def forward(
        self, memory: Sequence[Tensor], user: Tensor, closed: Tensor, noise: torch.Generator | None = None
    ) -> Tensor:
        """Prefixes to what scores the candidates.

        Args:
            memory: From `memory`.
            user: Codes of the users in the order in which they joined, int64 [cascade, position]; any code may pad.
            closed: Windows closed by the time of each event, int64 [cascade, position].
            noise: Source of the dropout, None when predicting.

        Returns:
            [cascade, position, decoder channel]; row p knows positions 0 to p.
        """
        static = take_rows(memory[0], user)
        dynamic = self.fuse_cascade(seen := _look_up(memory, user, closed), self.attention.prefixes(seen, static[:, 0]))
        place = torch.arange(user.shape[1], device=user.device).clamp(max=self.config.positions - 1)
        position = take_rows(self.position, place).expand(user.shape[0], -1, -1)
        views = [
            decoder(torch.cat([view, position], dim=-1), noise)
            for decoder, view in zip(self.decoders, (dynamic, static), strict=True)
        ]
        return self.fuse_views(*views)


def _look_up(memory: Sequence[Tensor], user: Tensor, closed: Tensor) -> Tensor:
    """Each event's user in the state that its time may see, [cascade, position, channel]."""
    order = closed.flatten().argsort(stable=True)
    counts = torch.bincount(closed.flatten(), minlength=len(memory)).tolist()
    parts = user.flatten()[order].split(counts)
    rows = torch.cat([state.index_select(0, part) for state, part in zip(memory, parts, strict=True) if len(part)])
    inverse = torch.empty_like(order)
    inverse[order] = torch.arange(len(order), device=order.device)
    return take_rows(rows, inverse.view(user.shape))

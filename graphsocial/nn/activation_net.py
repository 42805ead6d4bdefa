"""The network that gives every candidate edge a hazard for this very post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from graphsocial.nn.fixed_scale import FixedScale
from graphsocial.nn.narrowed_content import NarrowedContent

HIGHEST = 3.0
"""Largest log hazard: nobody needs a chance closer to 1."""


@dataclass(frozen=True)
class ActivationNetConfig:
    """Size of an `ActivationNet`.

    Attributes:
        pair: Units of the layers that read the pair.
        node: Units of those that read one user and the post.
        content: Channels that each modality is narrowed to.
        dropout: Share of the narrowed content hidden in training.
    """

    pair: int = 48
    node: int = 32
    content: int = 16
    dropout: float = 0.3


class _Term(nn.Module):
    """Layers behind a fixed standardisation, the last of them zero at the beginning, [row, channel] -> [row]."""

    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.scale = FixedScale(channels)
        last = nn.Linear(hidden, 1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(nn.Linear(channels, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), last)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layers(self.scale(x)).squeeze(-1)
        return out


class ActivationNet(nn.Module):
    """Log hazard of an edge for a post: what the pair's past says, plus this post's sender, receiver and own terms.

    The pair term does not depend on the post, the others not on the pair, so that a post costs one pass over users and
    one sum per edge. Before training every edge has the same hazard.

    Args:
        pair: Channels of a pair.
        user: Channels of a user.
        context: Channels of what is known of the post's spread so far.
        content: Channels of each modality of the post's content.
        config: Size.

    >>> net = ActivationNet(6, 8, 5, {"text": 4}, ActivationNetConfig(content=2))
    >>> post = net.post(torch.zeros(1, 5), {"text": torch.ones(1, 4)})
    >>> users, like = torch.zeros(3, 8), torch.zeros(3, 1)
    >>> sent = net.sent(users, like, torch.zeros(3, 5), torch.ones(3, 1))
    >>> received = net.received(users, like, torch.zeros(3, 5))
    >>> (net.pair(torch.zeros(3, 6), users, users) + sent + received + post).tolist()
    [0.0, 0.0, 0.0]
    """

    def __init__(self, pair: int, user: int, context: int, content: Mapping[str, int], config: ActivationNetConfig):
        super().__init__()
        kinds = len(content)
        self.base = nn.Parameter(torch.zeros(()))
        self.pair_term = _Term(pair + 2 * user, config.pair)
        self.sender_term = _Term(user + kinds + context + 1, config.node)
        self.receiver_term = _Term(user + kinds + context, config.node)
        self.post_term = _Term(context, config.node)
        self.narrowed = NarrowedContent(content, config.content, config.dropout) if kinds else None
        self.content_term = nn.Linear(config.content * kinds, 1, bias=False) if kinds else None
        if self.content_term is not None:
            nn.init.zeros_(self.content_term.weight)

    def fit_scales(
        self, pair: Tensor, source: Tensor, target: Tensor, like: tuple[Tensor, Tensor], context: Tensor, seed: Tensor
    ) -> None:
        """Takes the standardisations from some rows; arguments as in the terms, all of them [row, channel]."""
        self.pair_term.scale.fit(torch.cat([pair, source, target], dim=-1))
        self.sender_term.scale.fit(torch.cat([source, like[0], context, seed], dim=-1))
        self.receiver_term.scale.fit(torch.cat([target, like[1], context], dim=-1))
        self.post_term.scale.fit(context)

    def pair(self, pair: Tensor, source: Tensor, target: Tensor) -> Tensor:
        """What the past of the two says, [edge]; channels of the pair, of who influences and of who is influenced."""
        return self.pair_term(torch.cat([pair, source, target], dim=-1))

    def sent(self, user: Tensor, like: Tensor, context: Tensor, seed: Tensor) -> Tensor:
        """How this post travels from a user, [row].

        Args:
            user: Channels of the user [row, channel].
            like: Likeness of the post to the user's past content [row, modality].
            context: What is known of the spread so far [row, channel].
            seed: 1 for who acted before the question, 0 for who acts later [row, 1].
        """
        return self.sender_term(torch.cat([user, like, context, seed], dim=-1))

    def received(self, user: Tensor, like: Tensor, context: Tensor) -> Tensor:
        """How a user takes to this post, [row]; arguments as in `sent`."""
        return self.receiver_term(torch.cat([user, like, context], dim=-1))

    def post(self, context: Tensor, content: Mapping[str, Tensor]) -> Tensor:
        """How this post travels altogether, [post]; its content by modality, [post, channel]."""
        out: Tensor = self.base + self.post_term(context)
        if self.narrowed is not None and self.content_term is not None:
            out = out + self.content_term(self.narrowed(content)).squeeze(-1)
        return out


def hazard(log_hazard: Tensor) -> Tensor:
    """Hazards from their logs, kept from running away."""
    return log_hazard.clamp(max=HIGHEST).exp()

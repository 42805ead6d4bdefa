"""The network that ranks posts for a user: it starts at a rule and learns what to add to it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from graphsocial.nn.fixed_scale import FixedScale


class RecommendationNet(nn.Module):
    """What is known of a candidate, and how its words match the user's, on top of the score of a rule.

    Its last layers start at zero, so before training the ranking is that of the rule. Words are matched by the product
    of two learned projections, that of the user's mean words and that of the post's, beside what the words of the post
    alone are worth.

    Args:
        evidence: Channels of evidence per candidate.
        words: Channels of words, 0 = none are read.
        hidden: Units of each layer.
        matched: Channels of the projections of words.

    >>> net = RecommendationNet(evidence=3, words=2, hidden=8, matched=4)
    >>> match = net.match(torch.ones(5, 2), torch.ones(1, 2), torch.zeros(1, 4, dtype=torch.long))
    >>> net(torch.tensor([[0.0, 1.0, 2.0, 3.0]]), torch.randn(1, 4, 3), match).tolist()
    [[0.0, 1.0, 2.0, 3.0]]
    """

    def __init__(self, evidence: int, words: int = 0, hidden: int = 64, matched: int = 32):
        super().__init__()
        self.scale = FixedScale(evidence)
        self.temperature = nn.Parameter(torch.zeros(1))
        self.read = nn.Sequential(
            nn.Linear(evidence, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, 1)
        )
        zero = [self.read[-1]]
        if words:
            self.wish = nn.Linear(words, matched, bias=False)
            self.offer = nn.Linear(words, matched, bias=False)
            self.worth = nn.Linear(words, 1, bias=False)
            zero += [self.offer, self.worth]
        for layer in zero:
            for weights in layer.parameters():
                nn.init.zeros_(weights)

    def match(self, words: Tensor, profile: Tensor, post: Tensor) -> Tensor:
        """What the words say about candidates, [target, candidate].

        Args:
            words: Of some posts, [post, channel].
            profile: Mean words of each user's posts, [target, channel].
            post: Which of the posts each candidate is, int64 [target, candidate].
        """
        offer, worth = self.offer(words)[post], self.worth(words).squeeze(-1)[post]
        return (offer @ self.wish(profile).unsqueeze(-1)).squeeze(-1) + worth

    def forward(self, rule: Tensor, evidence: Tensor, match: Tensor | None = None) -> Tensor:
        """Scores, [target, candidate].

        Args:
            rule: Scores of the rule, [target, candidate].
            evidence: [target, candidate, channel].
            match: From `match`, None = no words are read.
        """
        out: Tensor = self.temperature.exp() * rule + self.read(self.scale(evidence)).squeeze(-1)
        return out if match is None else out + match

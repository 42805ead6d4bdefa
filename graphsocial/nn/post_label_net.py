"""The network that classifies a post: it starts at what words alone say and learns what tokens add to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from graphsocial.nn.token_attention import TokenAttention


class PostLabelNet(nn.Module):
    """Tokens of all modalities attend to each other; the mean of each modality's tokens votes on the class.

    The logits are a sum over modalities of a linear vote on the attended tokens, plus the mean of the evidence that
    there is, each times a learned factor that begins at 1: where some is missing, what is left speaks as loudly as all
    of it does. Votes begin at zero, so an untrained network says what the evidence says. A modality that a post lacks
    is a learned null token. With `same_modality` tokens only ask their own modality, and the sum of votes is late
    fusion, with the same parameters.

    Args:
        tokens: Channels and number of tokens by modality.
        evidence: Names of the evidence, each a stream of logits.
        classes: Number of classes.
        channels: Channels of a token inside.
        heads: Attention heads.
        dropout: Share of entries dropped in training.
        same_modality: Late fusion instead of attention across modalities.

    >>> net = PostLabelNet({"text": (8, 2)}, ("text",), classes=3)
    >>> words = torch.tensor([[0.5, 0.0, -0.5]])
    >>> net({"text": torch.zeros(1, 2, 8)}, {"text": torch.zeros(1, 2, dtype=torch.bool)}, {"text": words}).tolist()
    [[0.5, 0.0, -0.5]]
    """

    def __init__(
        self,
        tokens: Mapping[str, tuple[int, int]],
        evidence: Sequence[str],
        classes: int,
        channels: int = 32,
        heads: int = 4,
        dropout: float = 0.5,
        same_modality: bool = False,
    ):
        super().__init__()
        self.same_modality = same_modality
        self.modalities = tuple(sorted(tokens))
        self.evidence = tuple(sorted(evidence))
        self.narrow = nn.ModuleDict({name: nn.Linear(tokens[name][0], channels) for name in self.modalities})
        self.place = nn.ParameterDict(
            {name: nn.Parameter(torch.randn(tokens[name][1], channels) * 0.1) for name in self.modalities}
        )
        self.null = nn.ParameterDict({name: nn.Parameter(torch.randn(channels) * 0.1) for name in self.modalities})
        self.attention = TokenAttention(channels, heads, dropout)
        self.norm = nn.LayerNorm(channels)
        self.vote = nn.ModuleDict({name: _from_zero(nn.Linear(channels, classes)) for name in self.modalities})
        self.trust = nn.ParameterDict(
            {name: nn.Parameter(torch.tensor(1.0 / len(self.evidence))) for name in self.evidence}
        )
        self.drop = nn.Dropout(dropout)

    def forward(
        self, tokens: Mapping[str, Tensor], mask: Mapping[str, Tensor], evidence: Mapping[str, Tensor]
    ) -> Tensor:
        """Logits [post, class].

        Args:
            tokens: By modality, [post, token, channel].
            mask: Which tokens exist, by modality, bool [post, token].
            evidence: Logits by name, zero where there is none, [post, class].
        """
        parts, there, owner, votes = [], [], [], []
        for number, name in enumerate(self.modalities):
            raw = functional.layer_norm(tokens[name].float(), tokens[name].shape[-1:])
            raw = raw.masked_fill(~mask[name].unsqueeze(-1), 0.0)
            lacks = ~mask[name].any(dim=1)
            x = self.drop(self.narrow[name](raw)) + self.place[name]
            first = torch.where(lacks.unsqueeze(-1), self.null[name], x[:, 0])
            parts.append(torch.cat([first.unsqueeze(1), x[:, 1:]], dim=1))
            there.append(torch.cat([mask[name][:, :1] | lacks.unsqueeze(1), mask[name][:, 1:]], dim=1))
            owner += [number] * raw.shape[1]
        exists = torch.cat(there, dim=1)
        allowed = exists.unsqueeze(1).expand(-1, exists.shape[1], -1)
        kind = torch.tensor(owner, device=exists.device)
        if self.same_modality:
            allowed = allowed & (kind.unsqueeze(1) == kind)
            # a token that is not there asks itself: no row may be empty
        allowed = allowed | torch.eye(exists.shape[1], dtype=torch.bool, device=exists.device)
        x = self.norm(self.attention(torch.cat(parts, dim=1), allowed))
        weight = exists.unsqueeze(-1).to(x.dtype)
        for number, name in enumerate(self.modalities):
            mine = weight * (kind == number).unsqueeze(-1)
            mean = (x * mine).sum(dim=1) / mine.sum(dim=1).clamp(min=1)
            votes.append(self.vote[name](self.drop(mean)))
        if self.evidence:
            says = torch.stack([evidence[name] for name in self.evidence])
            trust = torch.stack([self.trust[name] for name in self.evidence]).view(-1, 1, 1)
            speaks = (says != 0).any(dim=-1, keepdim=True).sum(dim=0).clamp(min=1)
            votes.append((trust * says).sum(dim=0) * (len(self.evidence) / speaks))
        return torch.stack(votes).sum(dim=0)


def _from_zero(layer: nn.Linear) -> nn.Linear:
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer

"""The network that ranks the next user of a cascade: it starts at the counting rule and learns what to add to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

SIMILARITIES = 3
SIZE_LEVELS = (0.05, 0.5, 0.95)
"""Levels of the size quantiles."""
_NO_NEIGHBOUR = -1e9


@dataclass(frozen=True)
class NextUserNetConfig:
    """Size of a `NextUserNet`, and what it may use.

    Attributes:
        channels: Of a user's vector.
        state: Of the sequence state.
        hidden: Units of the evidence layers.
        hops: Rounds of graph attention; 0 leaves the graph out.
        decay: Factor by which users further back in the prefix count less in its mean.
        use_sequence: Whether the order and pace of the prefix are read.
    """

    channels: int = 32
    state: int = 32
    hidden: int = 64
    hops: int = 2
    decay: float = 0.9
    use_sequence: bool = True


class UserAttention(nn.Module):
    """One round of attention of every user over itself and those it took part with (GAT with a log-count prior).

    Veličković et al. 2018 (arXiv 1710.10903), with scaled dot products. Before training the shares are those of the
    counts; nothing in it belongs to a particular user, so users never seen in training have vectors, too.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.query = nn.Linear(channels, channels, bias=False)
        nn.init.zeros_(self.query.weight)
        self.prior = nn.Parameter(torch.ones(1))
        self.own = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor, neighbour: Tensor, log_count: Tensor) -> Tensor:
        """Vectors of length 1, [user, channel]; the arguments are those of `NextUserNet.user_vectors`."""
        near = x[neighbour]
        there = log_count.isfinite()
        # matrix products, because products of entries would write tensors of the size of `near` several times over
        asked = (near @ self.query(x).unsqueeze(-1)).squeeze(-1) + self.prior * torch.where(there, log_count, 0.0)
        asked = torch.where(there, asked, _NO_NEIGHBOUR)
        share = torch.cat([self.own.expand(len(x), 1), asked], dim=1).softmax(dim=1)
        return nn.functional.normalize(share[:, :1] * x + (share[:, 1:].unsqueeze(1) @ near).squeeze(1), dim=1)


class NextUserNet(nn.Module):
    """What to add to the log of the counting score of every candidate; zero before training.

    A user's vector starts as a fixed random code of the user's id and attends, `hops` times, to those of past
    co-participants, so that users who move in the same circles are alike even if they never met. The prefix is read by
    a GRU over these vectors and the time between them, started from the content of the cascade. Evidence layers then
    weigh the channels of a candidate, among them its likeness to the prefix, in the light of that state.

    Args:
        evidence: Channels of evidence per candidate, those of the content included.
        content: Channels of each modality of a cascade's content.
        config: Size and switches.

    >>> net = NextUserNet(evidence=5, content={"text": 3}, config=NextUserNetConfig(channels=8))
    >>> codes, neighbour = torch.eye(4, 8), torch.zeros(4, 2, dtype=torch.long)
    >>> users = net.user_vectors(codes, neighbour, torch.full((4, 2), float("-inf")))
    >>> prefix = net.read_prefix(users, torch.tensor([[0, 1, 2]]), torch.zeros(1, 3, 2), {"text": torch.ones(1, 3)})
    >>> net(prefix.at(torch.tensor([0]), torch.tensor([2])), users, torch.randn(1, 4, 5)).tolist()
    [[0.0, 0.0, 0.0, 0.0]]
    """

    evidence_mean: Tensor
    evidence_scale: Tensor

    def __init__(self, evidence: int, content: Mapping[str, int], config: NextUserNetConfig):
        super().__init__()
        self.config = config
        hidden, state = config.hidden, config.state
        self.attention = nn.ModuleList(UserAttention(config.channels) for _ in range(config.hops))
        self.from_user = nn.Linear(config.channels, state)
        self.from_pace = nn.Linear(2, state)
        self.from_content = nn.ModuleDict({name: nn.Linear(size, state) for name, size in sorted(content.items())})
        self.reader = nn.GRU(state, state, batch_first=True)
        self.ask = nn.Linear(state, config.channels)
        self.register_buffer("evidence_mean", torch.zeros(evidence))
        self.register_buffer("evidence_scale", torch.ones(evidence))
        self.read = nn.Linear(evidence + SIMILARITIES, hidden)
        self.read_state = nn.Linear(state, hidden, bias=False)
        self.middle = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(2))
        self.last = nn.Linear(hidden, 1, bias=False)
        self.end = nn.Linear(state + 4, 1)
        self.size = SizeHead(state + 4)
        for layer in (self.ask, self.last):
            nn.init.zeros_(layer.weight)

    def user_vectors(self, code: Tensor, neighbour: Tensor, log_count: Tensor) -> Tensor:
        """Vectors of all users as of a time, of length 1, [user, channel].

        Args:
            code: Fixed vector of each user, of length 1 [user, channel].
            neighbour: Co-participants known by then, int64 [user, neighbour]; those at a log count of -inf are unused.
            log_count: Log of how closely they took part together, -inf = none [user, neighbour].
        """
        x = code
        for attention in self.attention:
            x = attention(x, neighbour, log_count)
        return x

    def read_prefix(self, users: Tensor, prefix: Tensor, pace: Tensor, content: Mapping[str, Tensor]) -> Prefix:
        """Reads cascades from the front, each place knowing those before it and itself.

        Args:
            users: Vectors of all users [user, channel].
            prefix: Codes of users in order, filled up at the end with anything, int64 [cascade, place].
            pace: Log time since the event before, and since the first [cascade, place, 2].
            content: Vector of each modality, zero where it is missing [cascade, channel].
        """
        x = users[prefix]
        place = torch.arange(x.shape[1], device=x.device)
        back = place.unsqueeze(1) - place
        weight = torch.where(back >= 0, self.config.decay ** back.clamp(min=0), 0.0)
        mean = nn.functional.normalize(torch.einsum("pq,cqd->cpd", weight, x), dim=-1)
        if self.config.use_sequence:
            given = self.from_user(x) + self.from_pace(pace)
        else:
            given = torch.zeros(*x.shape[:2], self.config.state, device=x.device)
        for name, layer in self.from_content.items():
            given = given + layer(content[name]).unsqueeze(1)
        state = self.reader(given)[0] if self.config.use_sequence else given
        return Prefix(state, mean, x)

    def forward(self, asked: Asked, candidates: Tensor, evidence: Tensor) -> Tensor:
        """Residuals, [target, candidate].

        Args:
            asked: State of the prefix of each target.
            candidates: Vectors [target, candidate, channel], or [candidate, channel] when all targets share them.
            evidence: Channels [target, candidate, channel].
        """
        views = torch.stack([asked.mean, asked.last, asked.mean + self.ask(asked.state)], dim=1)
        if candidates.dim() == 2:
            likeness = (views.flatten(0, 1) @ candidates.T).unflatten(0, (-1, SIMILARITIES)).transpose(1, 2)
        else:
            likeness = candidates @ views.transpose(1, 2)
        x = (evidence - self.evidence_mean) / self.evidence_scale
        h = self.read(torch.cat([x, likeness * math.sqrt(SIMILARITIES * 3)], dim=-1))
        h = (h + self.read_state(asked.state).unsqueeze(1)).relu_()
        for layer in self.middle:
            h = layer(h).relu_()
        return self.last(h).squeeze(-1)

    def end_logit(self, asked: Asked, context: Tensor) -> Tensor:
        """Log odds that the cascade ends here, [target].

        Args:
            asked: State of the prefix.
            context: Length, age, last gap and age of the counts [target, 4].
        """
        return self.end(torch.cat([asked.state, context], dim=-1)).squeeze(-1)

    def size_quantiles(self, asked: Asked, context: Tensor) -> Tensor:
        """Quantiles of log2(1 + users still to come), [target, level]; see `end_logit` and `SizeHead`."""
        return self.size(torch.cat([asked.state, context], dim=-1))


class SizeHead(nn.Linear):
    """Ascending quantiles at `SIZE_LEVELS`: the lowest, and how much further up each next one is.

    Args:
        inputs: Channels of what was read of a place.

    >>> head = SizeHead(2)
    >>> quantiles = head(torch.randn(5, 2))
    >>> bool((quantiles.diff(dim=1) > 0).all())
    True
    """

    def __init__(self, inputs: int):
        super().__init__(inputs, len(SIZE_LEVELS))

    def forward(self, x: Tensor) -> Tensor:
        """[target, level] of inputs [target, channel]."""
        low, up, more = super().forward(x).unbind(-1)
        middle = low + nn.functional.softplus(up)
        return torch.stack([low, middle, middle + nn.functional.softplus(more)], dim=-1)


def size_pinball(quantiles: Tensor, value: Tensor) -> Tensor:
    """Pinball loss at `SIZE_LEVELS` (Koenker and Bassett 1978), mean over levels, [target].

    Args:
        quantiles: [target, level].
        value: What came [target].

    >>> [round(loss, 4) for loss in size_pinball(torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([3.0])).tolist()]
    [0.7]
    """
    missed = value.unsqueeze(1) - quantiles
    levels = torch.tensor(SIZE_LEVELS, device=quantiles.device)
    return torch.maximum(levels * missed, (levels - 1) * missed).mean(dim=1)


class Prefix:
    """What was read of cascades, after each place.

    Attributes:
        state: [cascade, place, state].
        mean: Mean of the users so far, later ones counting more, of length 1 [cascade, place, channel].
        last: The latest user [cascade, place, channel].
    """

    def __init__(self, state: Tensor, mean: Tensor, last: Tensor):
        self.state, self.mean, self.last = state, mean, last

    def at(self, cascade: Tensor, place: Tensor) -> Asked:
        """Of some places, int64 [target] each."""
        return Asked(self.state[cascade, place], self.mean[cascade, place], self.last[cascade, place])


@dataclass(frozen=True)
class Asked:
    """What was read up to the place of each target.

    Attributes:
        state: [target, state].
        mean: [target, channel].
        last: [target, channel].
    """

    state: Tensor
    mean: Tensor
    last: Tensor

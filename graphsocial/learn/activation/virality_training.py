"""Fits the law of how many more will act to the windows of training cascades."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from graphsocial.diffusion.simulate import Progress
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.post_block import PostBlock
from graphsocial.learn.seeds import derived_seed
from graphsocial.nn.seeding import seeded
from graphsocial.nn.virality_net import ViralityNet


@dataclass(frozen=True)
class ViralityFit:
    """Networks of the number of adopters.

    Attributes:
        judged: Fitted to the training cascades alone, for choices that validation makes.
        final: Fitted to training and validation cascades for as many epochs.
        epochs: How many of each network; 0: all posts alike are likeliest on validation.
    """

    judged: tuple[ViralityNet, ...]
    final: tuple[ViralityNet, ...]
    epochs: tuple[int, ...]


def fit_virality(
    train: Sequence[PostBlock],
    valid: PostBlock,
    config: ActivationTraining,
    rng: int,
    progress: Progress | None = None,
) -> ViralityFit:
    """Maximises the likelihood of the numbers of new adopters.

    A network starts at what is likeliest for all posts alike; the number of epochs that is best on validation is kept,
    and the network trained so long once more with the validation cascades, which are the newest. A window that the end
    of the observation cuts short counts for the share of adopters that usually come so early.

    Args:
        train: Blocks of training cascades.
        valid: Newer cascades.
        config: Settings.
        rng: Seed of weights, order and dropout.
        progress: Told how many networks are done.
    """
    seen, newer = _Counts.of(train, train), _Counts.of([valid], train)
    both = _Counts.of([*train, valid], [*train, valid])
    top = max(4.0, 1.5 * float(both.count.max()))
    mean = torch.tensor(np.append(0.02, np.geomspace(0.25, top, config.points - 1)), dtype=torch.float32)
    judged, final, epochs = [], [], []
    for number in range(config.virality_nets):
        seed = derived_seed(rng, "net", number)
        net, best = _trained(seen, newer, mean, config, seed)
        judged.append(net)
        final.append(_trained(both, None, mean, config, seed, best)[0])
        epochs.append(best)
        if progress is not None:
            progress(number + 1, config.virality_nets, "networks of the number of adopters")
    return ViralityFit(tuple(judged), tuple(final), tuple(epochs))


def share_come(train: Sequence[PostBlock], followed: np.ndarray) -> np.ndarray:
    """Share of the new adopters of the longest window who usually come within so many seconds, float64 [window].

    The mean cumulative function of recurrent events under censoring (Nelson, J. Quality Technology 1988).

    Args:
        train: Blocks of training cascades.
        followed: How long a window is, seconds [window].
    """
    length = np.sort(np.concatenate([block.windows.end - block.windows.as_of for block in train]))
    since = np.sort(np.concatenate([block.arrivals[1] for block in train]))
    at_risk = len(length) - np.searchsorted(length, since, side="right")
    come = np.append(0.0, np.cumsum(1 / np.maximum(at_risk, 1)))
    if not come[-1] > 0:
        return np.ones(len(followed))
    return np.maximum(come[np.searchsorted(since, followed, side="left")] / come[-1], 1e-6)


@dataclass(frozen=True, eq=False)
class _Counts:
    """Windows with how many acted in each.

    Attributes:
        context: Channels [window, channel].
        content: By modality, [window, channel].
        count: New adopters [window].
        share: Of those to come, the part that the window is long enough for [window].
    """

    context: Tensor
    content: dict[str, Tensor]
    count: Tensor
    share: Tensor

    @classmethod
    def of(cls, blocks: Sequence[PostBlock], train: Sequence[PostBlock]) -> _Counts:
        followed = np.concatenate([block.windows.end - block.windows.as_of for block in blocks])
        return cls(
            torch.from_numpy(np.concatenate([block.context for block in blocks])),
            {
                name: torch.from_numpy(np.concatenate([block.post_content[name] for block in blocks]))
                for name in blocks[0].content
            },
            torch.from_numpy(np.concatenate([block.new_adopters for block in blocks])).float(),
            torch.from_numpy(share_come(train, followed)).float(),
        )

    def log_likelihood(self, net: ViralityNet, which: Tensor, shown: Tensor | None = None) -> Tensor:
        content = {name: rows[which] for name, rows in self.content.items()}
        if shown is not None:
            content = {name: rows * shown[:, k, None] for k, (name, rows) in enumerate(content.items())}
        return net.log_likelihood(net(self.context[which], content), self.count[which], self.share[which])


def _trained(
    seen: _Counts,
    newer: _Counts | None,
    mean: Tensor,
    config: ActivationTraining,
    seed: int,
    epochs: int | None = None,
) -> tuple[ViralityNet, int]:
    """A network, and after how many epochs: so many, or as is best on newer posts."""
    widths = {name: rows.shape[1] for name, rows in seen.content.items()}
    with seeded(seed):
        net = ViralityNet(mean, seen.context.shape[1], widths, config.virality)
    net.scale.fit(seen.context)
    net.start_at(seen.count, seen.share)
    optimizer = torch.optim.AdamW(
        net.parameters(), lr=config.virality_learning_rate, weight_decay=config.virality_weight_decay
    )
    order = np.random.default_rng(seed)
    batch = int(np.clip(len(seen.count) // 40, 16, config.virality_batch))
    kept, best, score = copy.deepcopy(net.state_dict()), 0, _score(net, newer)
    for epoch in range(config.virality_epochs if epochs is None else epochs):
        for group in optimizer.param_groups:
            pace = 0.5 + 0.5 * np.cos(np.pi * epoch / config.virality_epochs)
            group["lr"] = config.virality_learning_rate * pace
        net.train()
        with seeded(derived_seed(seed, "epoch", epoch)):
            for which in torch.from_numpy(order.permutation(len(seen.count))).split(batch):
                shown = torch.from_numpy(order.random((len(which), len(widths))) >= config.hidden)
                loss = -seen.log_likelihood(net, which, shown).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        now = _score(net, newer)
        if newer is None or now > score:
            kept, best, score = copy.deepcopy(net.state_dict()), epoch + 1, now
    net.load_state_dict(kept)
    return net.eval(), best


def _score(net: ViralityNet, posts: _Counts | None) -> float:
    """Mean log-likelihood of posts."""
    if posts is None:
        return 0.0
    net.eval()
    with torch.no_grad():
        return float(posts.log_likelihood(net, torch.arange(len(posts.count))).mean())

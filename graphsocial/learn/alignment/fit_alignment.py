"""Learns an alignment of texts and pictures from pairs that were posted together."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from graphsocial.embed.table import EmbeddingTable
from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.learn.alignment.alignment import Alignment
from graphsocial.learn.alignment.alignment_training import AlignmentTraining
from graphsocial.learn.alignment.content_pairs import ContentPairs, content_pairs
from graphsocial.learn.alignment.linear_floors import cca_alignment, mean_reciprocal_rank
from graphsocial.learn.seeds import derived_seed
from graphsocial.learn.temporal_split import time_span
from graphsocial.nn.alignment_net import AlignmentNet, symmetric_info_nce
from graphsocial.nn.seeding import seeded

Progress = Callable[[int, int, str], None]

FEWEST = 8
"""Groups of pairs below which there is nothing to tell apart."""


@dataclass(frozen=True)
class AlignmentFit:
    """An alignment and how its training went.

    Attributes:
        alignment: What was learned.
        epochs: Epochs of each network; 0: the linear start was as good on validation.
        losses: Validation loss by epoch, the start first, of each network.
        ridge: Ridge of the linear start, chosen on validation.
        train: Training pairs.
        valid: Validation pairs.
        found: Mean reciprocal rank of validation pairs, searched both ways among themselves by what was learned from
            training pairs alone; mean over networks. They chose the settings, so it is a little too high.
        chance: The same of an order drawn at random, had every pair a text and a picture of its own.
        first_use: When the first pair became known, int64 seconds UTC.
    """

    alignment: Alignment
    epochs: tuple[int, ...]
    losses: tuple[tuple[float, ...], ...]
    ridge: float
    train: int
    valid: int
    found: float
    chance: float
    first_use: int

    def __repr__(self) -> str:
        return (
            f"{self.alignment!r}\n  on {self.valid:,} pairs before they were learned from, too: mean reciprocal rank "
            f"{self.found:.3f}, by chance {self.chance:.3f}; they also chose the settings"
        )


def fit_alignment(
    view: SocialGraph,
    tokens: EmbeddingTable,
    config: AlignmentTraining | None = None,
    *,
    rng: int = 0,
    progress: Progress | None = None,
) -> Alignment:
    """Learns from the posts of a view that say something and show a picture.

    Args:
        view: What becomes known at or after its end is not used.
        tokens: Contents.
        config: Settings; None for the usual ones.
        rng: Seed of weights, order and dropout.
        progress: Told how many networks are done.

    Raises:
        SchemaError: No texts or no pictures, or too few pairs.
    """
    return measured_alignment(view, tokens, config, rng=rng, progress=progress).alignment


def measured_alignment(
    view: SocialGraph,
    tokens: EmbeddingTable,
    config: AlignmentTraining | None = None,
    *,
    rng: int = 0,
    progress: Progress | None = None,
) -> AlignmentFit:
    """Like `fit_alignment`, with how well it finds pairs that it had not learned from."""
    known_until = time_span(view)[1] if view.end is None else view.end
    return train_alignment(content_pairs(view, tokens), known_until, config, rng=rng, progress=progress)


def train_alignment(
    pairs: ContentPairs,
    known_until: int,
    config: AlignmentTraining | None = None,
    *,
    rng: int = 0,
    progress: Progress | None = None,
) -> AlignmentFit:
    """Networks that start at regularised canonical correlations and learn by a symmetric contrastive loss.

    Pairs of one group stay on one side of the validation split and are no negatives of each other. The newest groups
    are for validation; where all are of one time, groups drawn at random. Validation chooses the ridge of the start and
    the number of epochs, none where the start ranks validation pairs as well; then all pairs are learned from so long.

    Args:
        pairs: What to learn from.
        known_until: All of them became known before this time, int64 seconds UTC.
        config: Settings; None for the usual ones.
        rng: Seed of weights, order and dropout.
        progress: Told how many networks are done.

    Raises:
        SchemaError: Too few pairs, or settings that make no sense.
    """
    config = config or AlignmentTraining()
    if config.nets < 1 or config.epochs < 0 or config.batch < 2 or not 0 < config.validation < 1:
        raise SchemaError(
            f"got nets={config.nets}, epochs={config.epochs}, batch={config.batch}, validation={config.validation}; "
            "expected at least 1, 0 and 2, and a share between 0 and 1"
        )
    groups = len(np.unique(pairs.group))
    if groups < FEWEST:
        raise SchemaError(
            f"{len(pairs)} pairs in {groups} groups are too few to learn from, expected at least {FEWEST}"
        )
    newest = validation_pairs(pairs, config.validation, rng)
    train, valid = pairs.take(~newest), pairs.take(newest)
    start = cca_alignment(train, valid, config.net.channels, config.ridge)
    inputs = {"text": pairs.text.shape[1], "image": pairs.image.shape[1]}
    final = cca_alignment(pairs, pairs, config.net.channels, (start.setting["ridge"],))
    began_at = mean_reciprocal_rank(start, valid)
    nets, epochs, losses, ranks = [], [], [], []
    for number in range(config.nets):
        seed = derived_seed(rng, "net", number)
        net, kept, seen = _trained(train, valid, start.map, inputs, config, seed, config.epochs)
        reached = mean_reciprocal_rank(Alignment([net], config.net, inputs, {}, 0, 0), valid)
        if reached <= began_at:
            kept = 0
        ranks.append(max(reached, began_at))
        nets.append(_trained(pairs, None, final.map, inputs, config, seed, kept)[0])
        epochs.append(kept)
        losses.append(tuple(seen))
        if progress is not None:
            progress(number + 1, config.nets, "networks of the alignment")
    alignment = Alignment(nets, config.net, inputs, dict(pairs.encoders), known_until, len(pairs))
    return AlignmentFit(
        alignment,
        tuple(epochs),
        tuple(losses),
        start.setting["ridge"],
        len(train),
        len(valid),
        found=float(np.mean(ranks)),
        chance=float(np.mean(1 / np.arange(1, len(valid) + 1))),
        first_use=int(pairs.time.min()),
    )


def validation_pairs(pairs: ContentPairs, share: float, rng: int) -> np.ndarray:
    """Pairs of the newest groups, bool [pair]; of groups at random where all are of one time.

    Args:
        pairs: All pairs.
        share: Of the groups.
        rng: Seed of the draw.
    """
    number = np.unique(pairs.group, return_inverse=True)[1]
    first = np.full(number.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, number, pairs.time)
    chance = np.random.default_rng(derived_seed(rng, "validation")).random(len(first))
    order = np.lexsort((chance if first.min() == first.max() else np.arange(len(first)), first))
    count = min(max(round(share * len(order)), 2), len(order) - 2)
    chosen = np.zeros(len(order), dtype=bool)
    chosen[order[-count:]] = True
    return chosen[number]


def _trained(
    train: ContentPairs,
    valid: ContentPairs | None,
    maps: dict[str, np.ndarray],
    inputs: dict[str, int],
    config: AlignmentTraining,
    seed: int,
    epochs: int,
) -> tuple[AlignmentNet, int, list[float]]:
    """A network as it was at its best on validation, after how many epochs, and the losses; without it, at the end."""
    seen = {name: torch.from_numpy(getattr(train, name)) for name in inputs}
    group = torch.from_numpy(train.group)
    with seeded(seed):
        net = AlignmentNet(inputs, config.net)
        net.start_at(seen, {name: torch.from_numpy(values).float() for name, values in maps.items()})
        optimiser = torch.optim.AdamW(net.parameters(), lr=config.rate, weight_decay=config.decay)
        losses = [] if valid is None else [_loss(net, valid)]
        best, kept = copy.deepcopy(net.state_dict()), 0
        for epoch in range(1, epochs + 1):
            net.train()
            for rows in torch.randperm(len(group)).split(config.batch):
                if len(rows) < 2:
                    continue
                optimiser.zero_grad()
                logits = net.logits(*(net(name, seen[name][rows]) for name in ("text", "image")))
                symmetric_info_nce(logits, group[rows]).backward()
                optimiser.step()
            if valid is None:
                continue
            losses.append(_loss(net, valid))
            if losses[-1] < losses[kept]:
                best, kept = copy.deepcopy(net.state_dict()), epoch
            elif epoch - kept >= config.patience:
                break
    if valid is not None:
        net.load_state_dict(best)
    return net.eval(), kept, losses


@torch.no_grad()
def _loss(net: AlignmentNet, pairs: ContentPairs) -> float:
    net.eval()
    logits = net.logits(*(net(name, torch.from_numpy(getattr(pairs, name))) for name in ("text", "image")))
    return float(symmetric_info_nce(logits, torch.from_numpy(pairs.group)))

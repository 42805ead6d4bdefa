"""Fits the hazards of all edges and the delay law by maximum likelihood."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.diffusion.simulate import Progress
from graphsocial.learn.activation.activation_training import ActivationTraining
from graphsocial.learn.activation.delay_table import first_table, log_density, next_table
from graphsocial.learn.activation.frailty import frailty_shape, marginal, mean_factor
from graphsocial.learn.activation.hazard_rows import HazardRows
from graphsocial.learn.activation.post_block import PostBlock
from graphsocial.learn.seeds import derived_seed
from graphsocial.nn.activation_net import HIGHEST, ActivationNet, hazard
from graphsocial.nn.seeding import seeded


@dataclass(frozen=True, eq=False)
class HazardFit:
    """Hazards and delays as of the best epoch.

    Attributes:
        net: The network.
        delays: The delay law.
        shape: Shape of the cascades' gamma factor.
        judged: Log-likelihood per activation of the validation cascades after each epoch.
    """

    net: ActivationNet
    delays: DelayLaw
    shape: float
    judged: tuple[float, ...]


def fit_hazards(
    train: Sequence[PostBlock],
    valid: PostBlock,
    longest: float,
    known_until: int,
    config: ActivationTraining,
    rng: int,
    progress: Progress | None = None,
) -> HazardFit:
    """Maximises the likelihood of who acted when, given who had acted before, right-censored at each window's end.

    The hazards of edge (u, v) add up over the exposers u, each spread over time by the delay law (Saito, Nakano and
    Kimura, KES 2008; Rodriguez, Balduzzi and Schölkopf, ICML 2011). All edges of a cascade share a gamma factor. Its
    mean given the cascade, and the shares that delays are refitted by, are expectations of the last epoch's network on
    a draw of exposures that it was not trained on: on the same draw it would learn the draw.

    Args:
        train: Blocks of training cascades.
        valid: Newer cascades, by which the epoch is chosen.
        longest: Longest delay, seconds.
        known_until: Nothing at or after this second is in the blocks.
        config: Settings.
        rng: Seed of weights, order, draws and dropout.
        progress: Told how many epochs are done.
    """
    draws = np.random.default_rng(derived_seed(rng, "draws"))
    judged = HazardRows.drawn(valid, config.judged_draws, np.random.default_rng(derived_seed(rng, "judged")))
    rows = [HazardRows.drawn(block, config.draws, draws) for block in train]
    delays = _first_delays(rows, longest, known_until)
    with seeded(derived_seed(rng, "net")):
        net = _untrained(rows, delays, config)
    optimizer = torch.optim.AdamW(net.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    shape, factor = 2.0, [np.ones(len(block)) for block in train]
    kept, scores = None, []
    for epoch in range(config.epochs):
        if epoch:
            fresh = [HazardRows.drawn(block, config.draws, draws) for block in train]
            shape, factor, delays = _expectations(fresh, net, delays)
            rows = [HazardRows.drawn(block, config.draws, draws) for block in train]
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * (0.5 + 0.5 * np.cos(np.pi * epoch / config.epochs))
        with seeded(derived_seed(rng, "epoch", epoch)):
            _pass(
                rows, factor, net, delays, optimizer, config, np.random.default_rng(derived_seed(rng, "order", epoch))
            )
        scores.append(_score(judged, net, delays, shape))
        if kept is None or scores[-1] > max(scores[:-1]):
            kept = copy.deepcopy(net.state_dict()), delays, shape
        if progress is not None:
            progress(epoch + 1, config.epochs, "epochs of the hazards")
    assert kept is not None
    net.load_state_dict(kept[0])
    return HazardFit(net.eval(), kept[1], kept[2], tuple(scores))


def _untrained(rows: Sequence[HazardRows], delays: DelayLaw, config: ActivationTraining) -> ActivationNet:
    edges, content = rows[-1].block.edges, rows[-1].block.content
    context = rows[-1].block.context.shape[1]
    widths = {name: vectors.shape[1] for name, vectors in content.items()}
    net = ActivationNet(edges.pair.shape[1], edges.user.shape[1], context, widths, config.net)
    net.fit_scales(*rows[-1].inputs(np.arange(len(rows[-1]))))
    expected = sum(float((_spent(draw, delays) * draw.rows.weight).sum()) for draw in rows)
    acted = sum(draw.rows.activations for draw in rows)
    net.base.data.fill_(float(np.log(max(acted, 1) / max(expected, 1e-9))))
    return net


def _pass(
    rows: Sequence[HazardRows],
    factor: Sequence[np.ndarray],
    net: ActivationNet,
    delays: DelayLaw,
    optimizer: torch.optim.Optimizer,
    config: ActivationTraining,
    order: np.random.Generator,
) -> None:
    """One pass over all cascades, in batches of cascades of one block."""
    net.train()
    windows = sum(len(draw.block) for draw in rows)
    batch = int(np.clip(windows // 60, 8, config.batch))
    usual = sum(draw.rows.activations for draw in rows) * batch / windows
    scaled = [
        (_spent(draw, delays) * draw.rows.weight * shared[draw.rows.example]).astype(np.float32)
        for draw, shared in zip(rows, factor, strict=True)
    ]
    batches = [
        (number, which) for number, draw in enumerate(rows) for which in _batches(draw, batch, order) if len(which)
    ]
    for place in order.permutation(len(batches)):
        number, which = batches[place]
        draw, spent = rows[number], scaled[number]
        kinds = len(draw.block.content)
        hidden = order.random((len(draw.block), kinds)) < config.hidden if kinds else None
        h = hazard(draw.log_hazard(net, which, hidden))
        expected = (h * torch.from_numpy(spent[which])).sum()
        caused = np.flatnonzero(draw.rows.event[which] >= 0)
        number_of, event = np.unique(draw.rows.event[which][caused], return_inverse=True)
        density = np.exp(log_density(delays, draw.rows.until[which][caused])).astype(np.float32)
        rate = torch.zeros(len(number_of)).index_add_(
            0, torch.from_numpy(event), h[torch.from_numpy(caused)] * torch.from_numpy(density)
        )
        loss = (expected - torch.log(rate + 1e-20).sum()) / max(len(number_of), usual)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()


def _batches(draw: HazardRows, size: int, order: np.random.Generator) -> list[np.ndarray]:
    """Rows of some cascades each."""
    by_example = np.argsort(draw.rows.example, kind="stable")
    bounds = np.searchsorted(draw.rows.example[by_example], np.arange(len(draw.block) + 1))
    mixed = order.permutation(len(draw.block))
    return [
        np.concatenate([by_example[bounds[e] : bounds[e + 1]] for e in mixed[first : first + size]])
        for first in range(0, len(mixed), size)
    ]


def _spent(draw: HazardRows, delays: DelayLaw) -> np.ndarray:
    """Part of the delay law that falls into the time each exposure was watched, float64 [row]."""
    return delays.share_by(draw.rows.until) - delays.share_by(draw.rows.age)


def _first_delays(rows: Sequence[HazardRows], longest: float, known_until: int) -> DelayLaw:
    delay, weight = [np.zeros(0)], [np.zeros(0)]
    for draw in rows:
        caused = draw.rows.event >= 0
        delay.append(draw.rows.until[caused].astype(np.float64))
        weight.append(1 / np.bincount(draw.rows.event[caused])[draw.rows.event[caused]])
    return first_table(np.concatenate(delay), np.concatenate(weight), longest, known_until)


def _totals(draw: HazardRows, h: np.ndarray, delays: DelayLaw) -> tuple[np.ndarray, np.ndarray]:
    """Activations expected of each cascade and those that came, [example] both."""
    examples = len(draw.block)
    expected = np.bincount(draw.rows.example, h * _spent(draw, delays) * draw.rows.weight, minlength=examples)
    caused = np.flatnonzero(draw.rows.event >= 0)
    _, first = np.unique(draw.rows.event[caused], return_index=True)
    return expected, np.bincount(draw.rows.example[caused[first]], minlength=examples)


def _hazards(draw: HazardRows, net: ActivationNet) -> np.ndarray:
    return np.exp(np.minimum(draw.all_log_hazards(net), HIGHEST))


def _expectations(
    rows: Sequence[HazardRows], net: ActivationNet, delays: DelayLaw
) -> tuple[float, list[np.ndarray], DelayLaw]:
    """Shape of the gamma factor, its mean for each cascade by block, and the next delay law."""
    hazards = [_hazards(draw, net) for draw in rows]
    totals = [_totals(draw, h, delays) for draw, h in zip(rows, hazards, strict=True)]
    shape = frailty_shape(np.concatenate([t[0] for t in totals]), np.concatenate([t[1] for t in totals]))
    factor = [mean_factor(shape, *total) for total in totals]
    delay, share = [], []
    for draw, h in zip(rows, hazards, strict=True):
        caused = np.flatnonzero(draw.rows.event >= 0)
        event, until = draw.rows.event[caused], draw.rows.until[caused].astype(np.float64)
        rate = h[caused] * np.exp(log_density(delays, until))
        delay.append(until)
        share.append(rate / np.maximum(np.bincount(event, rate)[event], 1e-300) if len(event) else rate)
    exposed = (
        np.concatenate([h * d.rows.weight * m[d.rows.example] for d, h, m in zip(rows, hazards, factor, strict=True)]),
        np.concatenate([draw.rows.age for draw in rows]).astype(np.float64),
        np.concatenate([draw.rows.until for draw in rows]).astype(np.float64),
    )
    return shape, factor, next_table(delays, np.concatenate(delay), np.concatenate(share), exposed)


def _score(draw: HazardRows, net: ActivationNet, delays: DelayLaw, shape: float) -> float:
    """Log-likelihood per activation with the cascades' factors integrated out."""
    h = _hazards(draw, net)
    expected, counted = _totals(draw, h, delays)
    caused = np.flatnonzero(draw.rows.event >= 0)
    rate = h[caused] * np.exp(log_density(delays, draw.rows.until[caused]))
    summed = np.bincount(draw.rows.event[caused], rate) if len(caused) else np.zeros(0)
    total = np.log(summed + 1e-20).sum() + marginal(shape, expected, counted).sum()
    return float(total / max(counted.sum(), 1))

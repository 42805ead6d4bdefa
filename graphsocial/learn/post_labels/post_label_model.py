"""Classifier of posts: networks over tokens of every modality that start at what words alone say."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.errors import SchemaError
from graphsocial.learn.device import pick_device
from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.learn.post_labels.post_label_config import PostLabelConfig
from graphsocial.learn.seeds import derived_seed
from graphsocial.nn.heads.class_loss import ClassLoss
from graphsocial.nn.post_label_net import PostLabelNet
from graphsocial.nn.seeding import seeded

BATCH = 64


class PostLabelModel:
    """A few networks from different initial weights, their probabilities averaged.

    Args:
        inputs: Training posts; a modality that none of them has is left out.
        evidence: What simpler models say about each, out of fold, float32 [post, class]; named after the modality
            that it comes from, with anything after a colon.
        target: Class codes, int64 [post].
        group: For `most_per_group`, [post].
        classes: Number of classes.
        config: Settings.
        rng: Seed of weights, order, dropout and hiding.

    Raises:
        SchemaError: No training post, or lengths that differ.
    """

    def __init__(
        self,
        inputs: PostInputs,
        evidence: Mapping[str, np.ndarray],
        target: np.ndarray,
        group: np.ndarray,
        classes: int,
        config: PostLabelConfig,
        rng: int,
    ):
        if not len(target) or not len(inputs) == len(target) == len(group):
            raise SchemaError(
                f"got {len(inputs)} posts, {len(target)} classes and {len(group)} groups, expected as many, and some"
            )
        self._config, self._classes = config, classes
        self._device = pick_device("auto")
        self._modalities = tuple(sorted(name for name, mask in inputs.mask.items() if mask.any()))
        self._evidence = tuple(sorted(evidence))
        code = np.unique(np.asarray(group).astype(str), return_inverse=True)[1]
        data = self._tensors(inputs, evidence)
        goal = torch.as_tensor(target, device=self._device)
        self.networks = [self._train(data, goal, code, derived_seed(rng, "net", k)) for k in range(config.nets)]

    @property
    def parameters(self) -> int:
        """Learned numbers of one network."""
        return sum(parameter.numel() for parameter in self.networks[0].parameters())

    def probability(self, inputs: PostInputs, evidence: Mapping[str, np.ndarray]) -> np.ndarray:
        """Class probabilities, float64 [post, class]."""
        if not len(inputs):
            return np.zeros((0, self._classes))
        data = self._tensors(inputs, evidence)
        with torch.no_grad():
            several = [net(*data).softmax(dim=-1).double().cpu().numpy() for net in self.networks]
        mean: np.ndarray = np.mean(several, axis=0)
        return mean

    def _tensors(
        self, inputs: PostInputs, evidence: Mapping[str, np.ndarray]
    ) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]:
        def on_device(part: Mapping[str, np.ndarray], names: tuple[str, ...]) -> dict[str, Tensor]:
            return {name: torch.as_tensor(part[name], device=self._device) for name in names}

        return (
            on_device(inputs.tokens, self._modalities),
            on_device(inputs.mask, self._modalities),
            on_device(evidence, self._evidence),
        )

    def _train(
        self,
        data: tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]],
        goal: Tensor,
        group: np.ndarray,
        seed: int,
    ) -> PostLabelNet:
        config = self._config
        counts = torch.bincount(goal, minlength=self._classes)
        sampled = config.loss == "balanced_sampling"
        with seeded(seed):
            net = PostLabelNet(
                {name: (part.shape[2], part.shape[1]) for name, part in data[0].items()},
                self._evidence,
                self._classes,
                config.channels,
                config.heads,
                config.dropout,
                config.fusion == "late",
            ).to(self._device)
        kind = "none" if sampled else config.loss
        loss_of = ClassLoss(self._classes, kind, counts.tolist()).to(self._device)  # type: ignore[arg-type]
        rng = np.random.default_rng(seed)
        orders = [self._order(goal.cpu().numpy(), group, sampled, rng) for _ in range(config.epochs)]
        steps = sum(-(-len(order) // BATCH) for order in orders)
        optimizer = torch.optim.AdamW(net.parameters(), lr=config.rate, weight_decay=config.weight_decay)
        pace = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step, steps))
        net.train()
        for epoch, order in enumerate(orders):
            with seeded(derived_seed(seed, "dropout", epoch)):
                for batch in torch.as_tensor(order, device=self._device).split(BATCH):
                    tokens, mask, evidence = ({name: each[batch] for name, each in part.items()} for part in data)
                    self._hide(mask, evidence, rng)
                    loss = loss_of(net(tokens, mask, evidence), goal[batch])
                    optimizer.zero_grad()
                    loss.backward()
                    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                    optimizer.step()
                    pace.step()
        return net.eval()

    def _order(self, target: np.ndarray, group: np.ndarray, sampled: bool, rng: np.random.Generator) -> np.ndarray:
        """Training rows of an epoch."""
        rows = rng.permutation(len(target))
        if self._config.most_per_group is not None:
            by_group = rows[np.argsort(group[rows], kind="stable")]
            size = np.bincount(group)
            place = np.arange(len(rows)) - np.repeat(np.cumsum(size) - size, size)
            rows = rng.permutation(by_group[place < self._config.most_per_group])
        if sampled:
            count = np.bincount(target[rows], minlength=self._classes)
            chance = 1.0 / count[target[rows]]
            rows = rng.choice(rows, size=len(rows), p=chance / chance.sum())
        return rows

    def _hide(self, mask: dict[str, Tensor], evidence: dict[str, Tensor], rng: np.random.Generator) -> None:
        """Takes one modality from some posts, never the only one that they have."""
        names = sorted({*mask, *(key.partition(":")[0] for key in evidence)})
        if len(names) < 2 or not self._config.hide:
            return
        size = len(next(iter([*mask.values(), *evidence.values()])))
        hidden = rng.random(size) < self._config.hide
        which = rng.integers(0, len(names), size)
        has = []
        for name in names:
            parts = [mask[name]] if name in mask else []
            parts += [each != 0 for key, each in evidence.items() if key.partition(":")[0] == name]
            has.append(torch.cat(parts, dim=1).any(dim=1).cpu().numpy())
        for number, name in enumerate(names):
            others = np.any([each for at, each in enumerate(has) if at != number], axis=0)
            gone = torch.as_tensor(hidden & (which == number) & others, device=self._device).unsqueeze(1)
            if name in mask:
                mask[name] = mask[name] & ~gone
            for key in evidence:
                if key.partition(":")[0] == name:
                    evidence[key] = evidence[key].masked_fill(gone, 0.0)


def _pace(step: int, steps: int) -> float:
    """Share of the largest learning rate: up over the first fifth of the steps, down along a cosine after it.

    >>> [round(_pace(step, 10), 2) for step in (0, 1, 2, 9)]
    [0.5, 1.0, 1.0, 0.04]
    """
    rise = max(1, steps // 5)
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(steps - rise, 1)))

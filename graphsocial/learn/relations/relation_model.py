"""The learned model of a relation: starts at the best floor and learns what it leaves unexplained."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import nn

from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.learn.device import pick_device
from graphsocial.learn.metrics import ROC_AUC
from graphsocial.learn.relations.relation_config import RelationConfig
from graphsocial.learn.relations.relation_examples import RelationExamples
from graphsocial.learn.seeds import derived_seed
from graphsocial.nn.relation_net import RelationNet
from graphsocial.nn.seeding import seeded

FARTHEST = 5.0
"""Standard deviations at which columns are cut."""

COMPONENTS = 32
"""Principal components of a modality that are read."""


class RelationModel:
    """Answers about pairs: yes or no as a logit, or an amount.

    Args:
        config: Settings.
        evidence: Whether the graph's columns are read, and the floor's answer is the start.
        vectors: What nodes say or show, by modality, float [node, channel]; rows of zeros: the node has none.
        amount: Whether the target is an amount; otherwise yes or no.
    """

    def __init__(
        self,
        config: RelationConfig | None = None,
        evidence: bool = True,
        vectors: Mapping[str, np.ndarray] | None = None,
        amount: bool = False,
    ):
        if not evidence and not vectors:
            raise SchemaError("a relation model got neither evidence nor vectors, expected one of them")
        self.config = config or RelationConfig()
        self.evidence, self.amount = evidence, amount
        self._device = pick_device("auto")
        self._vectors, self._has = _standardised(vectors or {})
        self._net: RelationNet | None = None

    def fit(self, train: RelationExamples, valid: RelationExamples, floors: Sequence[int], rng: int) -> RelationModel:
        """Trains the network; the floor to start from and the epoch to keep are those best on validation.

        Args:
            train: Pairs with answers.
            valid: Later or other pairs with answers.
            floors: Columns of the evidence that are floors.
            rng: Seed of weights, order and dropout.

        Raises:
            NotFittedError: Training or validation lacks pairs, or one of both answers.
        """
        for name, part in (("training", train), ("validation", valid)):
            if len(part) < 2 or (not self.amount and len(np.unique(part.target > 0)) < 2):
                raise NotFittedError(
                    f"{len(part)} {name} pairs of which {int((part.target > 0).sum())} are positive: "
                    "a relation model needs pairs with both answers"
                )
        self.floor = best_floor(valid, floors, self.amount)
        self._mean, self._deviation = train.evidence.mean(axis=0), train.evidence.std(axis=0) + 1e-6
        self._offset = float(train.target.mean()) if self.amount else 0.0
        self._unit = float(train.target.std()) + 1e-6 if self.amount else 1.0
        columns = train.evidence.shape[1] if self.evidence else 0
        with seeded(rng):
            net = RelationNet(columns, self._vectors, self._has, self.config.channels, self.config.dropout)
        net.to(self._device)
        inputs = self._tensors(train)
        target = torch.as_tensor((train.target - self._offset) / self._unit, dtype=torch.float32, device=self._device)
        optimizer = torch.optim.AdamW(net.parameters(), lr=self.config.rate, weight_decay=self.config.weight_decay)
        steps = self.config.epochs * -(-len(train) // self.config.batch)
        pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, self.config.rate, total_steps=max(steps, 2))
        order, best, kept = np.random.default_rng(rng), -np.inf, net.state_dict()
        loss_of = nn.functional.smooth_l1_loss if self.amount else nn.functional.binary_cross_entropy_with_logits
        for epoch in range(self.config.epochs):
            net.train()
            rows = torch.as_tensor(order.permutation(len(train)), device=self._device)
            with seeded(derived_seed(rng, "dropout", epoch)):
                for batch in rows.split(self.config.batch):
                    loss = loss_of(net(*(each[batch] for each in inputs)), target[batch])
                    optimizer.zero_grad()
                    loss.backward()
                    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                    optimizer.step()
                    pace.step()
            self._net = net.eval()
            quality = _quality(self.predict(valid), valid.target, self.amount)
            if quality > best:
                best, kept = quality, copy.deepcopy(net.state_dict())
        net.load_state_dict(kept)
        self.quality = best
        return self

    def predict(self, pairs: RelationExamples) -> np.ndarray:
        """Logits or amounts, float64 [pair].

        Raises:
            NotFittedError: `fit` comes first.
        """
        if self._net is None:
            raise NotFittedError("a relation model was asked before it was fitted")
        with torch.no_grad():
            parts = [
                self._net(*part) for part in zip(*(each.split(8192) for each in self._tensors(pairs)), strict=True)
            ]
        out = torch.cat(parts).cpu().numpy().astype(np.float64) if parts else np.zeros(0)
        return out * self._unit + self._offset

    def _tensors(self, pairs: RelationExamples) -> tuple[torch.Tensor, ...]:
        columns = np.clip((pairs.evidence - self._mean) / self._deviation, -FARTHEST, FARTHEST)
        if self.amount:
            start = (pairs.evidence[:, self.floor] - self._offset) / self._unit
        else:
            start = columns[:, self.floor]
        if not self.evidence:
            columns, start = np.zeros((len(pairs), 1)), np.zeros(len(pairs))
        numbers = (torch.as_tensor(each, dtype=torch.float32, device=self._device) for each in (start, columns))
        ends = (torch.as_tensor(each, dtype=torch.int64, device=self._device) for each in (pairs.src, pairs.dst))
        return (*numbers, *ends)


def best_floor(valid: RelationExamples, floors: Sequence[int], amount: bool = False) -> int:
    """Which of the columns answers best on validation; the first of equals."""
    scores = [_quality(valid.evidence[:, column], valid.target, amount) for column in floors]
    return int(floors[int(np.argmax(scores))])


def _quality(prediction: np.ndarray, target: np.ndarray, amount: bool) -> float:
    """Higher is better."""
    if amount:
        return -float(np.abs(prediction - target).mean())
    return ROC_AUC(prediction, target, np.arange(len(target)))


def _standardised(vectors: Mapping[str, np.ndarray]) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Principal components of one scale, and who has any; modalities nobody has are left out.

    They are those of the nodes at hand: nothing of the relations or the answers goes into them.
    """
    out, has = {}, {}
    for name, rows in vectors.items():
        there = np.count_nonzero(rows, axis=1) > 0
        if there.any():
            some = np.asarray(rows, dtype=np.float64)[there]
            some = (some - some.mean(axis=0)) / (some.std(axis=0) + 1e-6)
            _, _, axes = np.linalg.svd(some, full_matrices=False)
            kept = some @ axes[:COMPONENTS].T
            scaled = np.zeros((len(there), kept.shape[1]))
            scaled[there] = np.clip(kept / (kept.std(axis=0) + 1e-6), -FARTHEST, FARTHEST)
            out[name] = torch.as_tensor(scaled, dtype=torch.float32)
            has[name] = torch.as_tensor(there)
    return out, has

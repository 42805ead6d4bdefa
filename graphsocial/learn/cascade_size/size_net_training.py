"""Trains the network of the size model on what a floor leaves unexplained."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from graphsocial.learn.cascade_size.size_inputs import SizeInputs
from graphsocial.learn.cascade_size.size_model_config import CascadeSizeConfig
from graphsocial.learn.device import pick_device
from graphsocial.learn.seeds import derived_seed
from graphsocial.learn.tail_weights import example_weights
from graphsocial.nn.cascade_size_net import CascadeSizeNet
from graphsocial.nn.seeding import seeded

BATCH = 64
FARTHEST = 4.0
"""Standard deviations at which summary columns are cut: outliers would steer a small network."""


class TrainedNets:
    """A few networks from different initial weights, averaged.

    Args:
        inputs: Training examples.
        floor: The floor's answer for each, float64 [example].
        config: Settings.
        rng: Seed of weights, order and dropout.
    """

    def __init__(self, inputs: SizeInputs, floor: np.ndarray, config: CascadeSizeConfig, rng: int):
        self._mean = inputs.summary.mean(axis=0)
        self._deviation = np.maximum(inputs.summary.std(axis=0), 1e-9)
        self._device = pick_device("auto")
        self._nets = [self._train(inputs, floor, config, derived_seed(rng, "net", k)) for k in range(config.nets)]

    def _tensors(self, inputs: SizeInputs, floor: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        summary = np.clip((inputs.summary - self._mean) / self._deviation, -FARTHEST, FARTHEST)
        arrays = (summary, inputs.slices, floor)
        summary_, slices, floor_ = (torch.as_tensor(a, dtype=torch.float32, device=self._device) for a in arrays)
        return summary_, slices, floor_

    def _train(self, inputs: SizeInputs, floor: np.ndarray, config: CascadeSizeConfig, seed: int) -> CascadeSizeNet:
        summary, slices, base = self._tensors(inputs, floor)
        target = torch.as_tensor(inputs.examples.target, dtype=torch.float32, device=self._device)
        counts = torch.as_tensor(
            example_weights(inputs.examples.target, config.long_tail), dtype=torch.float32, device=self._device
        )
        with seeded(seed):
            net = CascadeSizeNet(summary.shape[1], slices.shape[2], config.channels, config.dropout).to(self._device)
        order = np.random.default_rng(seed)
        optimizer = torch.optim.AdamW(net.parameters(), lr=config.rate, weight_decay=config.weight_decay)
        steps = config.epochs * -(-len(target) // BATCH)
        pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.rate, total_steps=steps, pct_start=0.2)
        net.train()
        for epoch in range(config.epochs):
            rows = torch.as_tensor(order.permutation(len(target)), device=self._device)
            with seeded(derived_seed(seed, "dropout", epoch)):
                for batch in rows.split(BATCH):
                    output = net(summary[batch], slices[batch], base[batch])
                    loss = net.head.loss(output, target[batch], weight=counts[batch])
                    optimizer.zero_grad()
                    loss.backward()
                    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                    optimizer.step()
                    pace.step()
        return net.eval()

    def mean(self, inputs: SizeInputs, floor: np.ndarray) -> np.ndarray:
        """Mean of the networks' expected answers, float64 [example]."""
        with torch.no_grad():
            answers = [net(*self._tensors(inputs, floor))[:, 0].cpu().numpy() for net in self._nets]
        return np.stack(answers).astype(np.float64).mean(axis=0)

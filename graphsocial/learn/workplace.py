"""What one process has at hand when it trains or asks a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from graphsocial.graph import SocialGraph
from graphsocial.learn.batching import Batch, ContentIndex, make_batch
from graphsocial.learn.compute_config import ComputeConfig
from graphsocial.learn.examples import Examples
from graphsocial.learn.processes import Processes
from graphsocial.learn.task import Task
from graphsocial.learn.training_config import TrainingConfig


@dataclass(frozen=True)
class Workplace:
    """Tasks, settings and the machine, as one process sees them.

    Attributes:
        tasks: Task name to what is learned.
        training: Loop settings.
        compute: How it is computed.
        device: Where it is computed.
        processes: Who shares the work.
        rng: Seed of the run.
    """

    tasks: Mapping[str, Task]
    training: TrainingConfig
    compute: ComputeConfig
    device: torch.device
    processes: Processes
    rng: int

    def __str__(self) -> str:
        return f"on rank {self.processes.rank} of {self.processes.count} ({self.device})"

    def batch(self, graph: SocialGraph, content: ContentIndex, rows: Mapping[str, Examples], seed: int) -> Batch:
        """A batch as the loop settings have it sampled, not yet on the device."""
        return make_batch(graph, content, rows, self.training.fanout, seed, self.training.strategy)

    def precision(self) -> torch.autocast:
        """Inside, activations have the precision of this device."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.compute.half(self.device))

"""One encoder with a head per task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from graphsocial.learn.batching import Batch
from graphsocial.learn.seeds import derived_seed
from graphsocial.learn.task import FittedHead, Task
from graphsocial.nn import EncoderConfig, GraphEncoder, seeded
from graphsocial.nn.dropout import drop
from graphsocial.schema import EdgeType


@dataclass(frozen=True)
class ModelShape:
    """What the encoder's parameters depend on besides its configuration."""

    node_types: tuple[str, ...]
    edge_types: tuple[EdgeType, ...]
    token_channels: Mapping[str, int]
    structure_channels: Mapping[str, int]
    heads: Mapping[str, FittedHead]


class Model(nn.Module):
    """One encoder and a head per task."""

    def __init__(self, config: EncoderConfig, tasks: Sequence[Task], shape: ModelShape, rng: int):
        super().__init__()
        with seeded(derived_seed(rng, "weights")):
            self.encoder = GraphEncoder(
                config, shape.node_types, shape.edge_types, shape.token_channels, shape.structure_channels
            )
            self.head_dropout = config.dropout
            self.heads = nn.ModuleDict({t.name: t.build_head(config.channels, shape.heads[t.name]) for t in tasks})

    def forward(self, batch: Batch, tasks: Mapping[str, Task]) -> dict[str, Tensor]:
        """Head output of every task in the batch."""
        fused = self.encoder(batch.data).fused
        return self.answer(fused, batch, tasks)

    def answer(self, fused: Mapping[str, Tensor], batch: Batch, tasks: Mapping[str, Task]) -> dict[str, Tensor]:
        """Head outputs from fused vectors {node type: [node, channel]}."""

        def embed_for(task: str) -> Any:
            def embed(role: str) -> Tensor:
                node_type, position = batch.positions[task][role]
                gathered = fused[node_type][position.clamp(min=0)]
                if self.training:  # few questions, many channels: heads must not lean on single ones
                    gathered = drop(gathered, self.head_dropout, self.encoder.generator)
                return gathered * (position >= 0).unsqueeze(-1)

            return embed

        return {
            name: tasks[name].forward(self.heads[name], embed_for(name), rows) for name, rows in batch.examples.items()
        }

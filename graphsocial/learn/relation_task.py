"""Which relation an interaction between two nodes has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.graph import SocialGraph, count_before
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors import Floor, MajorityClass, PastRelations
from graphsocial.learn.link_task import edges_between
from graphsocial.learn.metrics import MACRO_F1, Metric
from graphsocial.learn.task import Embed, FittedHead, Task
from graphsocial.nn.heads import RelationHead
from graphsocial.schema import EdgeType


@dataclass(frozen=True)
class RelationTask(Task):
    """Type of an edge that is known to happen at t, from everything strictly before t.

    The post that carries the edge is not seen: its words would often spell the answer.

    Args:
        name: Task name.
        edge_types: Relations to tell apart; they share source and target type.
    """

    name: str
    edge_types: tuple[EdgeType, ...]
    kind: ClassVar[str] = "relation"
    metric: ClassVar[Metric] = MACRO_F1

    def examples(
        self, graph: SocialGraph, start: int, end: int, rng: int, classes: tuple[str, ...] | None = None
    ) -> Examples:
        """One row per edge whose target existed before it; see `Task.examples`."""
        view = graph.as_of(end)
        src, dst, time, relation = edges_between(view, self.edge_types, start)
        source_type, target_type = self.edge_types[0][0], self.edge_types[0][2]
        existed = view.known_at(target_type)[dst] < time
        src, dst, time, relation = src[existed], dst[existed], time[existed], relation[existed]
        features = self.pair_features(view, src, dst, time)
        ids = view.node_ids(target_type)[dst]
        return Examples(
            name=self.name,
            nodes={"src": (source_type, src), "dst": (target_type, dst)},
            time=time,
            target=relation,
            group=np.array([f"{target_type} {i}" for i in ids], dtype=object),
            query=np.arange(len(dst)),
            features=features,
            classes=tuple(e[1] for e in self.edge_types),
            dropped={"with a target nobody had seen before": int((~existed).sum())},
        )

    def pair_features(self, view: SocialGraph, src: np.ndarray, dst: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Past relations of both ends strictly before `time`, float32 [pair, feature]."""
        since = np.full(len(dst), -(2**62), np.int64)
        received = [count_before(view, e, "in", dst, since, time) for e in self.edge_types]
        sent = [count_before(view, e, "out", src, since, time) for e in self.edge_types]
        counts = np.stack(received, axis=1) + 1
        smoothed = counts / counts.sum(axis=1, keepdims=True)
        return np.concatenate([np.log1p(np.stack(received + sent, axis=1)), np.log(smoothed)], axis=1).astype(
            np.float32
        )

    def build_head(self, channels: int, fitted: FittedHead) -> nn.Module:
        """A `RelationHead` that also reads the past relations of both ends."""
        return RelationHead(channels, len(fitted.classes), fitted.features, "class_balanced", fitted.class_counts)

    def forward(self, head: nn.Module, embed: Embed, examples: Examples) -> Tensor:
        """Logits [example, class]: log of the target's smoothed past relations, and what the head adds."""
        src, dst = embed("src"), embed("dst")
        features = torch.as_tensor(examples.features, device=src.device)
        return head(src, dst, features) + features[:, -len(self.edge_types) :]

    def loss(self, head: nn.Module, output: Tensor, examples: Examples) -> Tensor:
        """Class-weighted cross-entropy."""
        return head.loss(output, torch.as_tensor(examples.target, device=output.device))  # type: ignore[operator]

    def prediction(self, output: Tensor) -> np.ndarray:
        """Class probabilities [example, class]."""
        return output.float().softmax(-1).cpu().numpy()

    def floors(self) -> Sequence[Floor]:
        """Majority relation; relations the target received before."""
        return (MajorityClass(), PastRelations(self.edge_types))

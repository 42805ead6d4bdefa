"""Volume of a hashtag (or any target) in the coming window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.graph import SocialGraph, count_before
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors import ExponentialSmoothing, Floor, HistoricalMean, Persistence
from graphsocial.learn.metrics import PINBALL, QUANTILE_LEVELS, Metric
from graphsocial.learn.task import Embed, FittedHead, Task
from graphsocial.nn.heads import Standardised, TrendHead
from graphsocial.schema import EdgeType

PAST_WINDOWS = (1, 2, 3, 6, 12, 24)
"""Windows back from the origin, in widths, whose counts the head reads."""


@dataclass(frozen=True)
class TrendTask(Task):
    """Quantiles of log1p of the number of edges a node receives in [t, t + width).

    Questions are asked at every multiple of `width`, for nodes with at least `minimum` edges before t, one of them in
    the last 24 widths.

    Args:
        name: Task name.
        edge_type: Relation whose edges are counted at their target.
        width: Window and horizon in seconds.
        minimum: Edges a node must have before it is asked about.
    """

    name: str = "trend"
    edge_type: EdgeType = ("post", "tag", "hashtag")
    width: int = 3600
    minimum: int = 10
    output_name: ClassVar[str] = "median log1p count"
    kind: ClassVar[str] = "trend"
    metric: ClassVar[Metric] = PINBALL

    @property
    def horizon(self) -> int:
        """Seconds between the question and its complete answer."""
        return self.width

    def examples(
        self, graph: SocialGraph, start: int, end: int, rng: int, classes: tuple[str, ...] | None = None
    ) -> Examples:
        """One row per (origin, active node) with the whole window before `end`; see `Task.examples`."""
        view = graph.as_of(end)
        edges = view.edges(self.edge_type)
        first = max(start, int(edges.time[0]) if len(edges.time) else start)
        last = min(end, int(edges.time[-1]) + 1 if len(edges.time) else start)
        origins = np.arange(-(-first // self.width) * self.width, last, self.width, dtype=np.int64)
        cut = int((origins + self.width > end).sum())
        origins = origins[origins + self.width <= end]
        node_type = self.edge_type[2]
        nodes = np.arange(view.num_nodes(node_type))
        node, time = np.tile(nodes, len(origins)), np.repeat(origins, len(nodes))
        ever = self._count(view, node, np.full(len(node), -(2**62), np.int64), time)
        lately = self._count(view, node, time - 24 * self.width, time)
        keep = (ever >= self.minimum) & (lately > 0)
        node, time = node[keep], time[keep]
        coming = self._count(view, node, time, time + self.width)
        features = self.features(view, node, time)
        ids = view.node_ids(node_type)[node]
        return Examples(
            name=self.name,
            nodes={"node": (node_type, node)},
            time=time,
            target=np.log1p(coming),
            group=np.array([f"{node_type} {i}" for i in ids], dtype=object),
            query=np.arange(len(node)),
            features=features,
            dropped={"origins whose window crosses the cut": cut},
        )

    def features(self, view: SocialGraph, node: np.ndarray, time: np.ndarray) -> np.ndarray:
        """log1p of mean counts over past windows, and the time of day, float32 [question, feature]."""
        past = [np.log1p(self._count(view, node, time - w * self.width, time) / w) for w in PAST_WINDOWS]
        angle = 2 * np.pi * (time % 86400) / 86400
        return np.stack([*past, np.sin(angle), np.cos(angle)], axis=1).astype(np.float32)

    def _count(self, view: SocialGraph, node: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        return count_before(view, self.edge_type, "in", node, start, end)

    def fit_head(self, train: Examples) -> FittedHead:
        """Scale of the change since the window before."""
        assert train.features is not None
        return FittedHead.of(train, train.target - train.features[:, 0])

    def build_head(self, channels: int, fitted: FittedHead) -> nn.Module:
        """A `TrendHead` that also reads the counts of past windows."""
        return Standardised(TrendHead(channels, QUANTILE_LEVELS, features=fitted.features), 0.0, fitted.scale)

    def forward(self, head: nn.Module, embed: Embed, examples: Examples) -> Tensor:
        """Quantiles of log1p [example, quantile]."""
        node = embed("node")
        features = torch.as_tensor(examples.features, device=node.device)
        return head(node, features, start=features[:, 0])

    def loss(self, head: nn.Module, output: Tensor, examples: Examples) -> Tensor:
        """Pinball loss on log1p."""
        target = torch.as_tensor(examples.target, dtype=torch.float32, device=output.device)
        return head.loss(output, target)  # type: ignore[operator]

    def prediction(self, output: Tensor) -> np.ndarray:
        """Quantiles of log1p [example, quantile]."""
        return output.float().cpu().numpy()

    def answer(
        self, output: Tensor, classes: tuple[str, ...]
    ) -> tuple[Any, str, tuple[float, float] | None, dict[str, float]]:
        """Median volume with its 90 % interval."""
        low, value, high = np.expm1(np.maximum(output[0, [0, output.shape[1] // 2, -1]].double().numpy(), 0))
        return float(value), f"in {self.width} s", (float(low), float(high)), {}

    def floors(self) -> Sequence[Floor]:
        """Persistence, mean of the past, exponential smoothing."""
        return tuple(f(self.edge_type, self.width) for f in (Persistence, HistoricalMean, ExponentialSmoothing))

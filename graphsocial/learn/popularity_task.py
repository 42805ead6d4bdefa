"""Final count of a post: how often it was reposted, whenever that was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors import Floor, MeanCount, TfidfCount
from graphsocial.learn.metrics import MSLE, SPEARMAN, Metric
from graphsocial.learn.tail_weights import LongTail, bin_weights, bins_of
from graphsocial.learn.task import Embed, FittedHead, LabelsKnown, Task, groups_of, label_view
from graphsocial.nn.heads import SizeHead, Standardised
from graphsocial.nn.heads.tail_bins import TAIL_BINS, TAIL_LOW, TAIL_WIDTH


@dataclass(frozen=True)
class PopularityTask(Task):
    """Count of a node (no horizon: its final value) one second after the node appeared.

    Scored by the mean squared log error; predictions are log1p counts.

    Args:
        name: Task name.
        node_type: Type of the nodes.
        column: Integer column with the count.
        labels_known: See `LabelsKnown`.
        resample_by: Column or relation whose value is the bootstrap unit.
        long_tail: Whether training examples of rare counts count more in the loss, see `tail_weights`.
    """

    name: str = "popularity"
    node_type: str = "post"
    column: str = "retweets"
    labels_known: LabelsKnown = "measured"
    resample_by: str | None = None
    long_tail: LongTail = "none"
    output_name: ClassVar[str] = "expected log1p count"
    kind: ClassVar[str] = "popularity"
    metric: ClassVar[Metric] = MSLE

    def examples(
        self, graph: SocialGraph, start: int, end: int, rng: int, classes: tuple[str, ...] | None = None
    ) -> Examples:
        """Nodes of [start, end) that have a count; see `Task.examples`."""
        view = label_view(graph, self.node_type, self.column, end, self.labels_known)
        if view.schema.node_column(self.node_type, self.column).type not in ("int", "float"):
            raise SchemaError(f"task {self.name!r}: column {self.column!r} holds no numbers, expected counts")
        known = view.row_known_at(self.node_type)
        nodes = np.flatnonzero((known >= start) & (known < end))
        counts = np.array(view.column(self.node_type, self.column).to_pylist(), dtype=np.float64)[nodes]
        counted = np.isfinite(counts) & (counts >= 0)
        dropped = {"without a count": int((~counted).sum())}
        nodes, counts = nodes[counted], counts[counted]
        return Examples(
            name=self.name,
            nodes={"node": (self.node_type, nodes)},
            time=known[nodes] + 1,
            target=counts,
            group=groups_of(view, self.node_type, nodes, self.resample_by),
            query=np.arange(len(nodes)),
            dropped=dropped,
        )

    def fit_head(self, train: Examples) -> FittedHead:
        """Centre and scale of log1p counts, and weights of the rare ones."""
        values = np.log1p(train.target)
        fitted = FittedHead.of(train, values)
        if self.long_tail == "none":
            return fitted
        place = bins_of((values - fitted.center) / fitted.scale, TAIL_LOW, TAIL_WIDTH, TAIL_BINS)
        growth = float(np.exp(fitted.scale * TAIL_WIDTH))
        tail = bin_weights(np.bincount(place, minlength=TAIL_BINS), self.long_tail, growth)
        return replace(fitted, tail=tuple(tail.tolist()))

    def build_head(self, channels: int, fitted: FittedHead) -> nn.Module:
        """A `SizeHead`: mean of log1p and its quantiles."""
        return Standardised(SizeHead(channels), fitted.center, fitted.scale, fitted.tail)

    def forward(self, head: nn.Module, embed: Embed, examples: Examples) -> Tensor:
        """Mean and quantiles of log1p [example, 1 + quantile]."""
        return head(embed("node"))

    def loss(self, head: nn.Module, output: Tensor, examples: Examples) -> Tensor:
        """Squared plus pinball loss on log1p counts."""
        target = torch.as_tensor(np.log1p(examples.target), dtype=torch.float32, device=output.device)
        return head.loss(output, target)  # type: ignore[operator]

    def prediction(self, output: Tensor) -> np.ndarray:
        """Expected log1p count [example]."""
        return output[:, 0].float().cpu().numpy()

    def interval(self, output: Tensor) -> np.ndarray:
        """Outer quantiles of the log1p count [example, 2]."""
        return output[:, [1, -1]].float().cpu().numpy()

    def answer(
        self, output: Tensor, classes: tuple[str, ...]
    ) -> tuple[Any, str, tuple[float, float] | None, dict[str, float]]:
        """Expected count with its 90 % interval."""
        value, low, high = np.expm1(np.maximum(output[0, [0, 1, -1]].double().numpy(), 0))
        return float(value), self.column, (float(low), float(high)), {}

    def floors(self) -> Sequence[Floor]:
        """Training mean; TF-IDF with ridge regression."""
        return (MeanCount(), TfidfCount())

    def further_metrics(self, prediction: np.ndarray, examples: Examples) -> dict[str, float]:
        """Rank correlation."""
        return {"spearman": SPEARMAN(prediction, examples.target, examples.query)}

    def assumptions(self) -> tuple[str, ...]:
        """Names counts that became known after their row."""
        if self.labels_known == "measured":
            return ()
        return (
            f"counts of {self.name!r} ({self.node_type}.{self.column}) are final values taken as known when the node "
            "was; they were measured later",
        )

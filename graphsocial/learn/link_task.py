"""Whom a node turns to next, among nodes that already exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph, common_neighbours, count_before
from graphsocial.learn.candidate_sampling import draw_candidates, thinned
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors import CandidatePopularity, CommonNeighbours, Floor, Recency
from graphsocial.learn.metrics import MRR, Metric, hits_at_k
from graphsocial.learn.pair_history import seconds_since_target, times_linked
from graphsocial.learn.task import Embed, FittedHead, Task
from graphsocial.nn.heads import LinkHead
from graphsocial.schema import EdgeType


@dataclass(frozen=True)
class LinkTask(Task):
    """Ranks the true target of a new edge among candidates that existed before it.

    A question is an edge (source, target, t) whose target existed before t; the source may be new. Everything is
    read as of t, so the edge itself, and the post that carries it, are not seen.

    Args:
        name: Task name.
        edge_types: Relations pooled into one question; they share source and target type.
        negatives: Candidates drawn per question beside the true one, see `draw_candidates`.
        epoch_negatives: How many of them a training epoch uses, drawn anew each time.
    """

    name: str
    edge_types: tuple[EdgeType, ...]
    negatives: int = 20
    epoch_negatives: int = 7
    kind: ClassVar[str] = "link"
    metric: ClassVar[Metric] = MRR

    def __post_init__(self) -> None:
        ends = {(e[0], e[2]) for e in self.edge_types}
        if len(ends) != 1:
            raise SchemaError(f"task {self.name!r}: edge types {self.edge_types} must share source and target type")

    def examples(
        self, graph: SocialGraph, start: int, end: int, rng: int, classes: tuple[str, ...] | None = None
    ) -> Examples:
        """One row per candidate, the true target first in its question; see `Task.examples`."""
        view = graph.as_of(end)
        src, dst, time, _ = edges_between(view, self.edge_types, start)
        source_type, target_type = self.edge_types[0][0], self.edge_types[0][2]
        existed = view.known_at(target_type)[dst] < time
        src, dst, time = src[existed], dst[existed], time[existed]
        negatives = draw_candidates(view, target_type, self.edge_types, dst, time, self.negatives, rng)
        candidate = np.concatenate([dst[:, None], negatives], axis=1)
        question = np.broadcast_to(np.arange(len(dst))[:, None], candidate.shape)
        target = np.zeros(candidate.shape)
        target[:, 0] = 1
        keep = candidate >= 0
        question, candidate, target = question[keep], candidate[keep], target[keep]
        src, time = src[question], time[question]
        ids = view.node_ids(target_type)
        return Examples(
            name=self.name,
            nodes={"src": (source_type, src), "dst": (target_type, candidate)},
            time=time,
            target=target,
            group=np.array([f"{target_type} {i}" for i in ids[dst]], dtype=object)[question],
            query=question,
            features=self.pair_features(view, src, candidate, time),
            dropped={"with a target nobody had seen before": int((~existed).sum())},
        )

    def pair_features(self, view: SocialGraph, src: np.ndarray, dst: np.ndarray, time: np.ndarray) -> np.ndarray:
        """History of both ends and of the pair strictly before `time`, float32 [pair, feature]."""
        since = np.full(len(dst), -(2**62), np.int64)
        popularity = sum(count_before(view, e, "in", dst, since, time) for e in self.edge_types)
        age = seconds_since_target(view, self.edge_types, dst, time)
        same = self.edge_types[0][0] == self.edge_types[0][2]
        shared = common_neighbours(view, self.edge_types, src, dst, time) if same else np.zeros(len(src))
        columns = [
            np.log1p(popularity),
            np.where(age >= 0, 1 - np.log1p(np.maximum(age, 0)) / 15, -0.5),
            np.log1p(shared),
            np.log1p(times_linked(view, self.edge_types, src, dst, time)),
            np.log1p(times_linked(view, self.edge_types, dst, src, time)) if same else np.zeros(len(src)),
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def build_head(self, channels: int, fitted: FittedHead) -> nn.Module:
        """A `LinkHead` that also reads the pair's history."""
        return LinkHead(channels, fitted.features)

    def forward(self, head: nn.Module, embed: Embed, examples: Examples) -> Tensor:
        """Score of each candidate [example]."""
        src, dst = embed("src"), embed("dst")
        return head(src, dst, torch.as_tensor(examples.features, device=src.device))

    def for_epoch(self, train: Examples, rng: int) -> Examples:
        """The true target and a few of the drawn candidates of each question."""
        return train.take(thinned(train, self.epoch_negatives, rng))

    def loss(self, head: nn.Module, output: Tensor, examples: Examples) -> Tensor:
        """Softmax over the candidates of each question."""
        target = torch.as_tensor(examples.target, dtype=torch.float32, device=output.device)
        query = torch.as_tensor(examples.query, device=output.device)
        return head.loss(output, target, query=query)  # type: ignore[operator]

    def prediction(self, output: Tensor) -> np.ndarray:
        """Scores [example]."""
        return output.float().cpu().numpy()

    def further_metrics(self, prediction: np.ndarray, examples: Examples) -> dict[str, float]:
        """Hits@1 and Hits@3 among the candidates."""
        rows = (examples.target, examples.query)
        return {f"hits@{k}": hits_at_k(prediction, *rows, k) for k in (1, 3)}

    def floors(self) -> Sequence[Floor]:
        """Common neighbours, popularity of the candidate, how lately it was a target."""
        return (CommonNeighbours(self.edge_types), CandidatePopularity(self.edge_types), Recency(self.edge_types))


def edges_between(
    view: SocialGraph, edge_types: tuple[EdgeType, ...], start: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Edges of several relations from `start` on, in order of (time, source, target, relation).

    Returns:
        src, dst, time and the relation's position in `edge_types`, each int64 [edge].
    """
    tables = [view.edges(e) for e in edge_types]
    src = np.concatenate([t.src for t in tables])
    dst = np.concatenate([t.dst for t in tables])
    time = np.concatenate([t.time for t in tables])
    relation = np.repeat(np.arange(len(tables)), [len(t.time) for t in tables])
    order = np.lexsort((relation, dst, src, time))
    order = order[time[order] >= start]
    return src[order], dst[order], time[order], relation[order]

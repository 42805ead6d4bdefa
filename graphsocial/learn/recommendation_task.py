"""Which post a user engages with next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from torch import Tensor, nn

from graphsocial.graph import SocialGraph
from graphsocial.learn.candidate_sampling import draw_candidates
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors import CandidatePopularity, Floor, Recency
from graphsocial.learn.metrics import MRR, Metric
from graphsocial.learn.ranking_layout import RankingLayout
from graphsocial.learn.task import Embed, FittedHead, Task
from graphsocial.nn.heads import RecommendationHead
from graphsocial.schema import EdgeType


@dataclass(frozen=True)
class RecommendationTask(Task):
    """Ranks the post a user turned to at t among posts that existed before t.

    Args:
        name: Task name.
        edge_type: Engagement, such as (user, like, post).
        negatives: Candidates drawn per question beside the true one, see `draw_candidates`.
    """

    name: str = "recommendation"
    edge_type: EdgeType = ("user", "like", "post")
    negatives: int = 20
    kind: ClassVar[str] = "recommendation"
    metric: ClassVar[Metric] = MRR

    def examples(
        self, graph: SocialGraph, start: int, end: int, rng: int, classes: tuple[str, ...] | None = None
    ) -> Examples:
        """One row per candidate, the true post first in its question; see `Task.examples`."""
        view = graph.as_of(end)
        source, _, target_type = self.edge_type
        edges = view.edges(self.edge_type)
        asked = edges.time >= start
        existed = asked & (view.known_at(target_type)[edges.dst] < edges.time)
        src, dst, time = edges.src[existed], edges.dst[existed], edges.time[existed]
        drawn = draw_candidates(view, target_type, (self.edge_type,), dst, time, self.negatives, rng)
        candidate = np.concatenate([dst[:, None], drawn], axis=1)
        keep = candidate >= 0
        question = np.broadcast_to(np.arange(len(dst))[:, None], candidate.shape)[keep]
        ids = view.node_ids(source)
        return Examples(
            name=self.name,
            nodes={"user": (source, src[question]), "post": (target_type, candidate[keep])},
            time=time[question],
            target=(np.broadcast_to(np.arange(candidate.shape[1]), candidate.shape)[keep] == 0).astype(float),
            group=np.array([f"{source} {i}" for i in ids[src]], dtype=object)[question],
            query=question,
            dropped={"with a post nobody had seen before": int((asked & ~existed).sum())},
        )

    def build_head(self, channels: int, fitted: FittedHead) -> nn.Module:
        """A `RecommendationHead`."""
        return RecommendationHead(channels, ranking="softmax")

    def forward(self, head: nn.Module, embed: Embed, examples: Examples) -> Tensor:
        """Score of each candidate [row]."""
        return head(embed("user"), embed("post").unsqueeze(1)).squeeze(1)

    def loss(self, head: nn.Module, output: Tensor, examples: Examples) -> Tensor:
        """Softmax over the candidates of each question."""
        return RankingLayout.of(examples, output.device).softmax_loss(output, examples.target)

    def prediction(self, output: Tensor) -> np.ndarray:
        """Scores [row]."""
        return output.float().cpu().numpy()

    def floors(self) -> Sequence[Floor]:
        """Popularity of the post, how lately it was taken up."""
        return tuple(f((self.edge_type,), target="post") for f in (CandidatePopularity, Recency))

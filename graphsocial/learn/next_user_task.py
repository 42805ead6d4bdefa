"""Who joins a cascade next, after the users who joined it so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.graph import SocialGraph, read_cascades
from graphsocial.learn.candidate_sampling import draw_candidates
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors import CandidatePopularity, Floor
from graphsocial.learn.metrics import MRR, Metric
from graphsocial.learn.ranking_layout import RankingLayout
from graphsocial.learn.task import Embed, FittedHead, Task
from graphsocial.nn.heads import NextUserHead
from graphsocial.schema import EdgeType


@dataclass(frozen=True)
class NextUserTask(Task):
    """Ranks the next user of a cascade among users that already exist.

    A question is a place in a cascade, asked just before it was taken: the network reads the users before it in their
    order, each as of that time. Next users nobody had seen before are dropped and counted.

    Args:
        name: Task name.
        edge_type: Relation along which cascades are read, see `read_cascades`.
        prefix: Most users read back from the place.
        negatives: Candidates drawn per question beside the true one.
        reader: Sequence encoder of the head.
    """

    name: str = "next_user"
    edge_type: EdgeType = ("user", "repost", "post")
    prefix: int = 20
    negatives: int = 20
    reader: Literal["gru", "transformer"] = "gru"
    kind: ClassVar[str] = "next_user"
    metric: ClassVar[Metric] = MRR

    def examples(
        self, graph: SocialGraph, start: int, end: int, rng: int, classes: tuple[str, ...] | None = None
    ) -> Examples:
        """One row per candidate of each place in [start, end); see `Task.examples`."""
        view = graph.as_of(end)
        cascades = read_cascades(view, self.edge_type)
        user_type = self.edge_type[0]
        named = cascades.node != ""  # an author nobody recorded is no user to read or to rank
        member = view.index(user_type, cascades.node[named])
        number, time = np.repeat(np.arange(len(cascades.size)), cascades.size)[named], cascades.time[named]
        place = np.arange(len(member))
        order = np.lexsort((place, time, number))  # members in the order in which they joined
        member, time, number = member[order], time[order], number[order]
        begin = np.searchsorted(number, number)
        asked = np.flatnonzero((place > begin) & (time >= start))
        existed = view.known_at(user_type)[member[asked]] < time[asked]
        dropped = {"with a next user nobody had seen before": int((~existed).sum())}
        asked = asked[existed]
        back = np.arange(self.prefix)
        before = asked[:, None] - np.minimum(asked - begin[asked], self.prefix)[:, None] + back
        inside = before < asked[:, None]
        prefix = np.where(inside, member[np.minimum(before, len(member) - 1)], -1)
        positive = member[asked]
        hard = (self.edge_type,) if self.edge_type[2] == user_type else ()
        drawn = draw_candidates(view, user_type, hard, positive, time[asked], self.negatives, rng)
        joined = (drawn[:, :, None] == prefix[:, None, :]).any(axis=2)
        candidate = np.concatenate([positive[:, None], np.where(joined, -1, drawn)], axis=1)
        keep = candidate >= 0
        question = np.broadcast_to(np.arange(len(asked))[:, None], candidate.shape)[keep]
        target = (np.broadcast_to(np.arange(candidate.shape[1]), candidate.shape)[keep] == 0).astype(float)
        names = cascades.names[number[asked]]
        return Examples(
            name=self.name,
            nodes={"prefix": (user_type, prefix[question]), "candidate": (user_type, candidate[keep])},
            time=time[asked][question],
            target=target,
            group=np.array([f"cascade {n}" for n in names], dtype=object)[question],
            query=question,
            dropped=dropped,
        )

    def build_head(self, channels: int, fitted: FittedHead) -> nn.Module:
        """A `NextUserHead`."""
        return NextUserHead(channels, reader=self.reader)

    def forward(self, head: nn.Module, embed: Embed, examples: Examples) -> Tensor:
        """Score of each candidate [row]."""
        candidates, prefix = embed("candidate"), embed("prefix")
        layout = RankingLayout.of(examples, candidates.device)
        scores = head(prefix[layout.first], candidates)
        length = torch.from_numpy((examples.nodes["prefix"][1] >= 0).sum(axis=1)).to(candidates.device)
        return scores[layout.question, length - 1, torch.arange(len(candidates), device=candidates.device)]

    def loss(self, head: nn.Module, output: Tensor, examples: Examples) -> Tensor:
        """Softmax over the candidates of each question."""
        return RankingLayout.of(examples, output.device).softmax_loss(output, examples.target)

    def prediction(self, output: Tensor) -> np.ndarray:
        """Scores [row]."""
        return output.float().cpu().numpy()

    def floors(self) -> Sequence[Floor]:
        """Popularity of the candidate, where the relation has users as targets."""
        if self.edge_type[2] != self.edge_type[0]:
            return ()
        return (CandidatePopularity((self.edge_type,), target="candidate"),)

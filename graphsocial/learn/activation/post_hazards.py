"""What the networks say of one post: the hazard of every edge, and how many more will act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
import torch

from graphsocial.learn.activation.candidate_edges import CandidateEdges
from graphsocial.learn.activation.cascade_record import CascadeRecord
from graphsocial.learn.activation.exposure_rows import Windows
from graphsocial.learn.activation.spread_context import spread_context
from graphsocial.nn.activation_net import HIGHEST, ActivationNet
from graphsocial.nn.virality_net import ViralityNet

_CHUNK = 65_536  # edges at once: what fits the cache is faster


@dataclass(frozen=True, eq=False)
class PostHazards:
    """Hazards of one post.

    Attributes:
        hazard: Of each edge over the whole delay law, float64 [edge].
        seed: Positions of who acted before the question and is known, then of the outside, int64 [seed].
        age: How long ago each acted, the outside since the first did, seconds, float64 [seed].
        mean: Means of the mixture of Poisson laws, ascending, float64 [point].
        weight: Their weights, float64 [point].
    """

    hazard: np.ndarray
    seed: np.ndarray
    age: np.ndarray
    mean: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True, eq=False)
class HazardReader:
    """Trained networks, and what they said of the pairs of the graphs they were asked about.

    Attributes:
        net: Of the hazards.
        virality: Of the number of new adopters; averaged.
    """

    net: ActivationNet
    virality: Sequence[ViralityNet]
    _pairs: WeakKeyDictionary[CandidateEdges, np.ndarray] = field(default_factory=WeakKeyDictionary, repr=False)

    def pair_terms(self, edges: CandidateEdges) -> np.ndarray:
        """What the past of each pair says, kept while the graph is, float32 [edge]."""
        if edges not in self._pairs:
            source, target = edges.spread.source, edges.spread.target
            pair, user = torch.from_numpy(edges.pair), torch.from_numpy(edges.user)
            out = np.empty(len(target), dtype=np.float32)
            with torch.no_grad():
                for first in range(0, len(target), _CHUNK):
                    part = slice(first, first + _CHUNK)
                    ends = (torch.from_numpy(end[part].astype(np.int64)) for end in (source, target))
                    out[part] = self.net.pair(pair[part], *(user[end] for end in ends)).numpy()
            self._pairs[edges] = out
        return self._pairs[edges]

    def read(
        self,
        record: CascadeRecord,
        cascade: int,
        as_of: int,
        edges: CandidateEdges,
        content: Mapping[str, np.ndarray],
    ) -> PostHazards:
        """Reads one post as of a time.

        Args:
            record: Cascades whose users have the graph's numbers.
            cascade: Which of them.
            as_of: Only events before are read.
            edges: Graph as of a time that is not after.
            content: The post's vectors by modality, of length 1 or zero, float32 [channel].
        """
        known = edges.spread.num_nodes - 1
        first = record.offsets[cascade]
        stop = first + int(np.searchsorted(record.time[first : record.offsets[cascade + 1]], as_of, side="left"))
        acted = np.arange(first, stop)[record.user[first:stop] < known]
        seed = np.append(record.user[acted], known)
        age = as_of - np.append(record.time[acted], record.time[first]).astype(np.float64)
        asked = Windows(np.array([cascade]), np.array([as_of]), np.array([as_of]))
        context = torch.from_numpy(spread_context(record, edges, asked))
        user, everyone = torch.from_numpy(edges.user), context.expand(known + 1, -1)
        like = np.zeros((known + 1, len(content)), dtype=np.float32)
        for kind, (name, vector) in enumerate(content.items()):
            like[:, kind] = edges.content[name] @ vector
        likeness = torch.from_numpy(like)
        flag = torch.zeros(known + 1, 1)
        flag[seed] = 1.0
        own = {name: torch.from_numpy(vector[None]) for name, vector in content.items()}
        with torch.no_grad():
            sent = self.net.sent(user, likeness, everyone, flag).numpy()
            received = self.net.received(user, likeness, everyone).numpy()
            post = float(self.net.post(context, own))
            weight = np.mean([net(context, own)[0].double().exp().numpy() for net in self.virality], axis=0)
        log = self.pair_terms(edges) + (sent + np.float32(post))[edges.spread.source] + received[edges.spread.target]
        return PostHazards(
            hazard=np.exp(np.minimum(log, np.float32(HIGHEST)).astype(np.float64)),
            seed=seed,
            age=age,
            mean=self.virality[0].mean.double().numpy(),
            weight=weight / weight.sum(),
        )

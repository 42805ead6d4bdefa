"""Exposures of a block of posts with what the network of the hazards reads of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from graphsocial.learn.activation.exposure_rows import ExposureRows, exposure_rows
from graphsocial.learn.activation.post_block import PostBlock
from graphsocial.nn.activation_net import ActivationNet

_CHUNK = 100_000  # rows at once where no gradient is needed


@dataclass(frozen=True, eq=False)
class HazardRows:
    """One draw of a block's exposures.

    Attributes:
        block: The posts.
        rows: Exposures, caused activations first.
        source: User of each exposer, the outside among them, int64 [row].
        target: User who is exposed, int64 [row].
        like_source: Likeness of the post to the past content of the exposer, float32 [row, modality].
        like_target: The same of who is exposed.
        seed: 1 where the exposer acted before the question, float32 [row].
    """

    block: PostBlock
    rows: ExposureRows
    source: np.ndarray
    target: np.ndarray
    like_source: np.ndarray
    like_target: np.ndarray
    seed: np.ndarray

    @classmethod
    def drawn(cls, block: PostBlock, draws: int, rng: np.random.Generator) -> HazardRows:
        """All exposures of who acted, and sampled ones of the others."""
        from graphsocial.learn.activation.exposure_rows_kernel import likeness  # numba: imported when first needed

        rows = exposure_rows(block.record, block.edges, block.windows, draws, rng)
        spread = block.edges.spread
        ends = spread.source[rows.edge].astype(np.int64), spread.target[rows.edge].astype(np.int64)
        like = np.zeros((2, len(rows.edge), len(block.content)), dtype=np.float32)
        one = np.empty(len(rows.edge), dtype=np.float32)
        for kind, (name, content) in enumerate(block.content.items()):
            for end in range(2):
                likeness(content, block.edges.content[name], block.windows.cascade[rows.example], ends[end], one)
                like[end, :, kind] = one
        before = block.record.time[rows.source] < block.windows.as_of[rows.example]
        return cls(block, rows, *ends, like[0], like[1], before.astype(np.float32))

    def __len__(self) -> int:
        return len(self.source)

    def inputs(self, which: np.ndarray) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, Tensor], Tensor, Tensor]:
        """Pair, exposer, exposed, likenesses, context and seed flag of some rows, [row, channel] each."""
        edges = self.block.edges
        like = torch.from_numpy(self.like_source[which]), torch.from_numpy(self.like_target[which])
        return (
            torch.from_numpy(edges.pair[self.rows.edge[which]]),
            torch.from_numpy(edges.user[self.source[which]]),
            torch.from_numpy(edges.user[self.target[which]]),
            like,
            torch.from_numpy(self.block.context[self.rows.example[which]]),
            torch.from_numpy(self.seed[which, None]),
        )

    def log_hazard(self, net: ActivationNet, which: np.ndarray, hidden: np.ndarray | None = None) -> Tensor:
        """Log hazard of some rows, [row].

        Args:
            net: The network.
            which: Row numbers [row].
            hidden: Whose content is not shown to it, bool [example, modality]; None: nobody's.
        """
        pair, source, target, (like_source, like_target), context, seed = self.inputs(which)
        example, place = np.unique(self.rows.example[which], return_inverse=True)
        content = {name: torch.from_numpy(rows[example]) for name, rows in self.block.post_content.items()}
        if hidden is not None:
            shown = torch.from_numpy(~hidden)
            content = {name: rows * shown[example, k, None] for k, (name, rows) in enumerate(content.items())}
            per_row = shown[self.rows.example[which]]
            like_source, like_target = like_source * per_row, like_target * per_row
        out = net.pair(pair, source, target) + net.sent(source, like_source, context, seed)
        out = out + net.received(target, like_target, context)
        return out + net.post(torch.from_numpy(self.block.context[example]), content)[torch.from_numpy(place)]

    def all_log_hazards(self, net: ActivationNet) -> np.ndarray:
        """Log hazard of every row without dropout, float64 [row]."""
        was = net.training
        net.eval()
        with torch.no_grad():
            parts = [
                self.log_hazard(net, np.arange(first, min(first + _CHUNK, len(self)))).numpy()
                for first in range(0, len(self), _CHUNK)
            ]
        net.train(was)
        return np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)

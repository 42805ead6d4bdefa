"""One softmax over all slots of all neighbours of a target, from rows that lie side by side: no padding, no copies."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from graphsocial.nn.neighbour_table import NeighbourTable


@dataclass(frozen=True)
class Segments:
    """Which rows each target may attend to.

    Attributes:
        order: Rows of the edges, those of one target side by side, int64 [edge].
        bounds: Where each target's stretch begins, int64 [target + 1].
        own: Row of the first target's own slots; those of the others follow, then the nulls.
        there: Which slots of each row hold something, bool [row, slot].
        reached: Which slots some neighbour of each target holds, bool [target, slot].
        same_modality: Whether a slot asks only slots of its own modality.
    """

    order: Tensor
    bounds: Tensor
    own: int
    there: Tensor
    reached: Tensor
    same_modality: bool

    @property
    def answered(self) -> Tensor:
        """Which target slots some neighbour answers; the others see their null, bool [target, slot]."""
        if self.same_modality:
            return self.reached
        return self.reached.any(dim=1, keepdim=True).expand_as(self.reached)


def segments_of(table: NeighbourTable, there: Tensor, same_modality: bool) -> Segments:
    """The segments of a layer's targets; `there` as in `Segments`."""
    there_now = there[table.order]
    # Slot by slot: scans of one long row are fast on a card, others are not.
    held = [functional.pad(there_now[:, slot].int().cumsum(0), (1, 0)) for slot in range(there.shape[1])]
    reached = torch.stack([count[table.bounds[1:]] > count[table.bounds[:-1]] for count in held], dim=1)
    return Segments(table.order, table.bounds, table.padding + 1, there, reached, same_modality)


def compiled_for(x: Tensor) -> bool:
    """Whether the compiled kernels serve this tensor: on a CUDA card with Triton, in half precision.

    In float32 padded buckets are faster: products in full float32 use no matrix units.
    """
    half = x.dtype in (torch.bfloat16, torch.float16)
    return x.is_cuda and half and importlib.util.find_spec("triton") is not None


def segment_attention(query: Tensor, rows: Tensor, segments: Segments, heads: int) -> Tensor:
    """Attention of each target slot over the key slots it may see: compiled on a CUDA card, else plain torch.

    Args:
        query: Queries, [target, slot, channel].
        rows: Keys, then values, of each row, [row, slot, 2 channel]; of one dtype with the queries.
        segments: Which rows each target may attend to.
        heads: Attention heads; must divide channel.

    Returns:
        [target, slot, channel].
    """
    if compiled_for(query):
        from graphsocial.nn.segment_attention_triton import SegmentAttention

        return SegmentAttention.apply(query, rows, segments, heads)
    return segment_attention_reference(query, rows, segments, heads)


def segment_attention_reference(query: Tensor, rows: Tensor, segments: Segments, heads: int) -> Tensor:
    """What `segment_attention` computes, in plain torch with scatters: what the compiled kernel is checked against."""
    targets, slots, channels = query.shape
    degree = segments.bounds.diff()
    number = torch.arange(targets, device=query.device)
    row = torch.cat([segments.order, segments.own + number, segments.own + targets + number])
    owner = torch.cat([number.repeat_interleave(degree), number, number])
    same = torch.eye(slots, dtype=torch.bool, device=query.device)
    allowed = segments.there[row].unsqueeze(1).expand(-1, slots, -1)
    allowed = allowed & same if segments.same_modality else allowed.clone()
    allowed[len(row) - targets :] = same & ~segments.answered.unsqueeze(-1)  # [key, target slot, key slot]

    wide = torch.promote_types(query.dtype, torch.float32)  # sums of narrow numbers lose digits
    width = channels // heads
    key, value = rows[row].view(-1, slots, 2, heads, width).unbind(2)
    asking = query.view(-1, slots, heads, width)[owner]
    logits = torch.einsum("kthc,kshc->khts", asking, key).to(wide) / math.sqrt(width)
    logits = logits.masked_fill(~allowed.unsqueeze(1), float("-inf"))
    index = owner.view(-1, 1, 1).expand(-1, heads, slots)
    most = logits.new_full((targets, heads, slots), float("-inf"))
    most = most.scatter_reduce(0, index, logits.detach().amax(-1), "amax")
    weight = (logits - most[owner].unsqueeze(-1)).exp()
    total = weight.new_zeros(targets, heads, slots).index_add(0, owner, weight.sum(-1))
    mixed = torch.einsum("khts,kshc->kthc", weight.to(value.dtype), value).to(wide)
    mixed = mixed.new_zeros(targets, slots, heads, width).index_add(0, owner, mixed)
    return (mixed / total.transpose(1, 2).unsqueeze(-1)).view(targets, slots, channels).to(query.dtype)

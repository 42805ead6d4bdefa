"""One softmax over all slots of all neighbours of a target, on the CPU: neighbours' rows are read, never copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from graphsocial.graph.threads import over_items
from graphsocial.nn.neighbour_table import NeighbourTable

CHUNK = 1_024
"""Fewest targets or rows worth a thread of their own."""


@dataclass(frozen=True)
class Neighbourhood:
    """Which rows each target may attend to, and which of their slots hold something.

    Attributes:
        row: Row of each edge's source among the rows of sources, int64 [edge].
        order: Edges, those of one target side by side, int64 [edge].
        bounds: Where each target's stretch of `order` begins, int64 [target + 1].
        kind: Which null each target has, int64 [target].
        seen: Which slots of its source each edge shows, bool [edge, slot].
        held: Which slots each target holds itself, bool [target, slot].
        same_modality: Whether a slot asks only slots of its own modality.
        heads: Attention heads; must divide the channels.
    """

    row: Tensor
    order: Tensor
    bounds: Tensor
    kind: Tensor
    seen: Tensor
    held: Tensor
    same_modality: bool
    heads: int


@dataclass(frozen=True)
class Gathered:
    """What the targets gathered.

    Attributes:
        mixed: [target, slot, channel].
        reached: Which slots some neighbour holds, bool [target, slot].
        edges: Attention to each edge, in the order of the neighbourhood, [edge, head, target slot, key slot].
        own: Attention to the target's own slots, [target, head, target slot, key slot].
        null: Attention to the null, [target, head, target slot].
    """

    mixed: Tensor
    reached: Tensor
    edges: Tensor
    own: Tensor
    null: Tensor

    def by_bucket(self, table: NeighbourTable) -> list[Tensor]:
        """The attention in each of the table's buckets, [target, head, target slot, key, key slot]."""
        nulls = self.null.unsqueeze(-1) * torch.eye(self.null.shape[2])
        rows = self.own.new_zeros(table.num_rows, *self.own.shape[1:])
        rows[table.order] = self.edges
        rows[table.padding + 1 :] = torch.cat([self.own, nulls])
        return [rows[bucket.row].permute(0, 2, 3, 1, 4) for bucket in table.buckets]


def neighbour_attention(
    query: Tensor, rows: Tensor, ages: Tensor, own: Tensor, null: Tensor, hood: Neighbourhood
) -> Gathered:
    """Attention of each target slot over the key slots it may see, in float32 on the CPU.

    A target slot that no neighbour can answer also sees its null, and sees none otherwise. Compiled loops: what a
    target gathers depends on no other target, and the gradient of a row is summed over its edges in their order, so
    the number of threads (torch's own setting) changes no bit.

    Args:
        query: Queries, [target, slot, channel].
        rows: Keys, then values, of the sources, [source row, slot, 2 channel].
        ages: What each edge's age adds to every slot of its source's row, [edge, 2 channel].
        own: Keys, then values, of the targets themselves, [target, slot, 2 channel].
        null: The nulls, [node type, slot, 2 channel].
        hood: Which rows each target may attend to.

    Two users, of whom the second follows the first, whose value is 1; of its own it holds nothing:

    >>> hood = Neighbourhood(
    ...     row=torch.tensor([0]), order=torch.tensor([0]), bounds=torch.tensor([0, 0, 1]), kind=torch.zeros(2).long(),
    ...     seen=torch.tensor([[True]]), held=torch.tensor([[True], [False]]), same_modality=False, heads=1)
    >>> values = torch.tensor([[[0.0, 1.0]]])
    >>> nothing = torch.zeros(2, 1, 2)
    >>> neighbour_attention(nothing[..., :1], values, torch.zeros(1, 2), nothing, nothing[:1], hood).mixed.flatten()
    tensor([0., 1.])
    """
    return Gathered(*_NeighbourAttention.apply(query, rows, ages, own, null, hood))


class _NeighbourAttention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, query: Tensor, rows: Tensor, ages: Tensor, own: Tensor, null: Tensor, hood: Neighbourhood
    ) -> tuple[Tensor, ...]:
        from graphsocial.nn.neighbour_attention_kernel import attend

        query, rows, ages, own, null = (x.contiguous() for x in (query, rows, ages, own, null))
        targets, slots, channels = query.shape
        lanes = (0,) * (channels // hood.heads)
        mixed = torch.empty_like(query)
        weights = [query.new_empty(count, hood.heads, slots, slots) for count in (len(hood.order), targets)]
        weights.append(query.new_empty(targets, hood.heads, slots))
        reached = torch.empty(targets, slots, dtype=torch.bool)
        inputs = query, rows, hood.row, ages, own, null, hood.kind, hood.order, hood.bounds
        _run(attend, targets, lanes, *inputs, hood.seen, hood.held, hood.same_modality, mixed, *weights, reached)
        ctx.lanes = lanes
        ctx.save_for_backward(*inputs, *weights, mixed)
        ctx.mark_non_differentiable(reached, *weights)
        ctx.set_materialize_grads(False)
        return mixed, reached, *weights

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        from graphsocial.nn.neighbour_attention_kernel import attend_backward, rows_backward

        query, rows, row, ages, own, null, kind, order, bounds, weight, _, null_weight, _ = ctx.saved_tensors
        toward = grads[0].contiguous()
        found = [torch.empty_like(x) for x in (query, ages, own, weight, null_weight)]
        _run(attend_backward, len(query), ctx.lanes, *ctx.saved_tensors, toward, *found)
        by_query, by_ages, by_own, by_logit, by_null_logit = found

        by_rows = torch.empty_like(rows)
        ordered, places = row[order].sort(stable=True)  # edges of one source side by side, by target
        stretches = torch.searchsorted(ordered, torch.arange(len(rows) + 1))
        owner = torch.arange(len(query)).repeat_interleave(bounds.diff())
        _run(rows_backward, len(rows), ctx.lanes, query, toward, weight, by_logit, places, owner, stretches, by_rows)
        by_null = _by_null(null, kind, ((query, by_null_logit), (toward, null_weight)))
        return by_query, by_rows, by_ages, by_own, by_null, None


def _by_null(null: Tensor, kind: Tensor, parts: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """The gradient by the nulls: of queries and outer gradients, what their weights make of them, over all targets."""
    alone = (parts[1][1] > 0).flatten(1).any(dim=1).nonzero().view(-1)
    made = []
    for x, weight in parts:
        share = weight.index_select(0, alone).transpose(1, 2).unsqueeze(-1)  # [target, slot, head, 1]
        made.append((x.index_select(0, alone).unflatten(2, (weight.shape[1], -1)) * share).flatten(2))
    return torch.zeros_like(null).index_add(0, kind[alone], torch.cat(made, dim=2))


def _run(kernel: Callable[..., None], count: int, *arguments: Any) -> None:
    plain = [x.detach().numpy() if isinstance(x, Tensor) else x for x in arguments]
    over_items(kernel, count, torch.get_num_threads(), *plain, chunk=CHUNK)

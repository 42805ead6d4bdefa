"""Weighted sums of rows over pairs; both ways are sums over consecutive pairs, never a scatter."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def pair_sums(
    x: Tensor, weight: Tensor, index: Tensor, start: Tensor, segment: Tensor, back: tuple[Tensor, Tensor]
) -> Tensor:
    """For each segment, the weighted sum of the rows that its pairs point to.

    Args:
        x: Rows, [row, channel].
        weight: Of each pair, [pair].
        index: Row of each pair, int64 [pair].
        start: First pair of each segment, int64 [segment + 1].
        segment: Segment of each pair, ascending, int64 [pair].
        back: The same pairs by row: their numbers, int64 [pair], and the first of each row, int64 [row + 1].

    Returns:
        [segment, channel].

    >>> x, index, start = torch.tensor([[1.0], [10.0]]), torch.tensor([0, 1, 1]), torch.tensor([0, 2, 3])
    >>> back = torch.tensor([0, 1, 2]), torch.tensor([0, 1, 3])
    >>> pair_sums(x, torch.tensor([0.5, 0.5, 2.0]), index, start, torch.tensor([0, 0, 1]), back).T
    tensor([[ 5.5000, 20.0000]])
    """
    return _PairSums.apply(x, weight, index, start, segment, *back)


def symmetric_sums(x: Tensor, weight: Tensor, index: Tensor, start: Tensor) -> Tensor:
    """Product of a symmetric sparse matrix and rows; only the rows get a gradient.

    Args:
        x: Rows, [row, channel].
        weight: Entries, row after row, [entry].
        index: Column of each entry, int64 [entry].
        start: First entry of each row, int64 [row + 1].
    """
    return _SymmetricSums.apply(x, weight, index, start)


def _sums(x: Tensor, weight: Tensor, index: Tensor, start: Tensor) -> Tensor:
    return nn.functional.embedding_bag(index, x, start, mode="sum", per_sample_weights=weight, include_last_offset=True)


class _PairSums(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, index: Tensor, start: Tensor, segment: Tensor, order: Tensor, first: Tensor
    ) -> Tensor:
        ctx.save_for_backward(x, weight, index, segment, order, first)
        return _sums(x, weight, index, start)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, index, segment, order, first = ctx.saved_tensors
        grad, grad_x, grad_weight = grads[0].contiguous(), None, None
        if ctx.needs_input_grad[0]:
            grad_x = _sums(grad, weight.index_select(0, order), segment.index_select(0, order), first)
        if ctx.needs_input_grad[1]:
            grad_weight = (grad.index_select(0, segment) * x.index_select(0, index)).sum(dim=1)
        return grad_x, grad_weight, None, None, None, None, None


class _SymmetricSums(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, index: Tensor, start: Tensor) -> Tensor:
        ctx.save_for_backward(weight, index, start)
        return _sums(x, weight, index, start)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return _sums(grads[0].contiguous(), *ctx.saved_tensors), None, None, None

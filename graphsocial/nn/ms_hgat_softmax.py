"""Softmax over all users, those already in the cascade left out: the loss in one pass, and ranks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

_ENTRIES = 2**21  # logits held at once: they stay near the processor


class MaskedSoftmaxLoss(torch.autograd.Function):
    """Sum of the cross-entropies of rows against their targets, without ever holding all logits.

    Gradients are made on the way forward, block by block, so that logits of [row, candidate] never meet main memory.
    Call `masked_softmax_loss`.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor, target: Tensor, taken: Tensor, start: Tensor
    ) -> Tensor:
        """The loss, with its gradients put aside."""
        grad_hidden, grad_weight = torch.empty_like(hidden), torch.zeros_like(weight)
        grad_bias, total = torch.zeros_like(bias), hidden.new_zeros(())
        for first, last, logits in _blocks(hidden, weight, bias, taken, start):
            chosen = target[first:last].unsqueeze(1)
            normal = logits.logsumexp(dim=1, keepdim=True)
            total += (normal - logits.gather(1, chosen)).sum()
            probability = logits.sub_(normal).exp_()
            probability.scatter_add_(1, chosen, torch.full_like(normal, -1.0))
            grad_hidden[first:last] = probability @ weight
            grad_weight.addmm_(probability.T, hidden[first:last])
            grad_bias += probability.sum(dim=0)
        ctx.save_for_backward(grad_hidden, grad_weight, grad_bias)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients put aside, scaled."""
        return (*(grads[0] * saved for saved in ctx.saved_tensors), None, None, None)


def masked_softmax_loss(
    hidden: Tensor, weight: Tensor, bias: Tensor, target: Tensor, taken: Tensor, start: Tensor
) -> Tensor:
    """Sum over rows of -log of the target's softmax probability among the candidates that are not taken.

    Args:
        hidden: [row, channel].
        weight: [candidate, channel].
        bias: [candidate].
        target: Right candidate, not a taken one, int64 [row].
        taken: Candidates left out, row after row, int64 [pair].
        start: First pair of each row, int64 [row + 1].

    >>> rows, zero = torch.zeros(1, 2), torch.zeros(4)
    >>> masked_softmax_loss(
    ...     rows, torch.zeros(4, 2), zero, torch.tensor([3]), torch.tensor([0, 1]), torch.tensor([0, 2])
    ... ).exp()
    tensor(2.)
    """
    return MaskedSoftmaxLoss.apply(hidden, weight, bias, target, taken, start)


def masked_ranks(hidden: Tensor, weight: Tensor, bias: Tensor, target: Tensor, taken: Tensor, start: Tensor) -> Tensor:
    """Middle rank of each row's target among the candidates that are not taken: 1 + better + ties / 2.

    Arguments as in `masked_softmax_loss`; a taken target has rank inf.

    Returns:
        float64 [row].

    >>> bias, taken = torch.tensor([5.0, 1.0, 2.0, 2.0]), torch.tensor([0, 0])
    >>> target, start = torch.tensor([2, 0]), torch.tensor([0, 1, 2])
    >>> masked_ranks(torch.zeros(2, 1), torch.zeros(4, 1), bias, target, taken, start)
    tensor([1.5000,    inf], dtype=torch.float64)
    """
    ranks = []
    for first, last, logits in _blocks(hidden, weight, bias, taken, start):
        own = logits.gather(1, target[first:last].unsqueeze(1))
        better, ties = (logits > own).sum(dim=1), (logits == own).sum(dim=1) - 1
        rank = 1 + better.double() + ties.double() / 2
        ranks.append(rank.masked_fill(own.squeeze(1) == -math.inf, math.inf))
    return torch.cat(ranks) if ranks else torch.zeros(0, dtype=torch.float64)


def _blocks(
    hidden: Tensor, weight: Tensor, bias: Tensor, taken: Tensor, start: Tensor
) -> Iterator[tuple[int, int, Tensor]]:
    """First row, last row + 1 and logits [row, candidate] of block after block, -inf at what is taken."""
    size = max(1, _ENTRIES // max(1, len(weight)))
    firsts = [*range(0, len(hidden), size), len(hidden)]
    pairs = start[firsts].tolist()
    row = torch.arange(len(hidden), device=hidden.device).repeat_interleave(start.diff())
    for number, (first, last) in enumerate(pairwise(firsts)):
        logits = torch.addmm(bias, hidden[first:last], weight.T)
        left_out = slice(pairs[number], pairs[number + 1])
        logits[row[left_out] - first, taken[left_out]] = -math.inf
        yield first, last, logits

"""`segment_attention` in Triton, forward and backward.

One program per target. All heads and slots of its queries are one matrix [head × slot, channel] in which each row is
zero outside its head's channels, so that one matrix product with a block of keys gives the logits of all heads, as in
the padded path. Softmax is kept running over the blocks (Milakov and Gimelshein 2018, arXiv 1805.02867); backward
computes the weights anew from the logarithm of their sum (as FlashAttention does, Dao et al. 2022, arXiv 2205.14135).
Each row belongs to one target, so gradients of keys and values are written once, without atomics: deterministic.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from graphsocial.nn.segment_attention import Segments


@triton.jit
def _keys_of(  # type: ignore[no-untyped-def]
    target,
    number,
    edges,
    first,
    order,
    own,
    targets,
    there,
    answered,
    slot_of_query,
    SLOTS: tl.constexpr,
    SAME: tl.constexpr,
):
    """Row and slot of some of a target's keys, and which target slots see them: own slots, null, then neighbours."""
    which = number // SLOTS
    slot = number % SLOTS
    inside = number < (edges + 2) * SLOTS
    neighbour = inside & (which >= 2)
    row = tl.load(order + first + which - 2, mask=neighbour, other=0)
    row = tl.where(which == 0, own + target, tl.where(which == 1, own + targets + target, row))
    held = tl.load(there + row * SLOTS + slot, mask=inside & (which != 1), other=0) != 0
    same = slot_of_query[:, None] == slot[None, :]
    seen = tl.broadcast_to(held[None, :], same.shape)
    if SAME:
        seen = seen & same
    alone = tl.load(answered + target * SLOTS + slot, mask=inside & (which == 1), other=1) == 0
    seen = tl.where((which == 1)[None, :], same & alone[None, :], seen)
    return row, slot, inside, seen & inside[None, :]


# Numbers that differ from batch to batch: otherwise each kind of number has a kernel compiled of its own.
_VARYING = ("own", "targets")


@triton.jit(do_not_specialize=_VARYING)
def _forward(  # type: ignore[no-untyped-def]
    query,
    rows,
    order,
    bounds,
    there,
    answered,
    out,
    log_sum,
    own,
    targets,
    scale,
    SLOTS: tl.constexpr,
    HEADS: tl.constexpr,
    CHANNELS: tl.constexpr,
    ASKING: tl.constexpr,
    WIDE: tl.constexpr,
    BLOCK: tl.constexpr,
    SAME: tl.constexpr,
    PRECISION: tl.constexpr,
):
    target = tl.program_id(0).to(tl.int64)
    asking = tl.arange(0, ASKING)
    head, slot_of_query = asking // SLOTS, asking % SLOTS
    channel = tl.arange(0, WIDE)
    of_head = (head[:, None] == channel[None, :] // (CHANNELS // HEADS)) & (channel[None, :] < CHANNELS)
    place = target * SLOTS * CHANNELS + slot_of_query[:, None] * CHANNELS + channel[None, :]
    q = tl.load(query + place, mask=of_head, other=0.0)
    first = tl.load(bounds + target)
    edges = tl.load(bounds + target + 1) - first
    most = tl.full((ASKING,), float("-inf"), tl.float32)
    total = tl.zeros((ASKING,), tl.float32)
    mixed = tl.zeros((ASKING, WIDE), tl.float32)
    for begin in range(0, (edges + 2) * SLOTS, BLOCK):
        number = begin + tl.arange(0, BLOCK)
        row, slot, inside, seen = _keys_of(
            target, number, edges, first, order, own, targets, there, answered, slot_of_query, SLOTS, SAME
        )
        at = (row * SLOTS + slot)[:, None] * (2 * CHANNELS) + channel[None, :]
        real = inside[:, None] & (channel[None, :] < CHANNELS)
        key = tl.load(rows + at, mask=real, other=0.0)
        value = tl.load(rows + at + CHANNELS, mask=real, other=0.0)
        logits = tl.dot(q, tl.trans(key), input_precision=PRECISION) * scale
        logits = tl.where(seen, logits, float("-inf"))
        higher = tl.maximum(most, tl.max(logits, axis=1))
        against = tl.where(higher == float("-inf"), 0.0, higher)
        weight = tl.exp(logits - against[:, None])
        shrink = tl.exp(most - against)
        total = total * shrink + tl.sum(weight, axis=1)
        mixed = mixed * shrink[:, None] + tl.dot(weight.to(value.dtype), value, input_precision=PRECISION)
        most = higher
    safe = tl.where(total > 0, total, 1.0)
    tl.store(out + place, (mixed / safe[:, None]).to(out.dtype.element_ty), mask=of_head)
    tl.store(log_sum + target * ASKING + asking, tl.where(total > 0, most + tl.log(safe), 0.0))


@triton.jit(do_not_specialize=_VARYING)
def _backward(  # type: ignore[no-untyped-def]
    query,
    rows,
    order,
    bounds,
    there,
    answered,
    out,
    log_sum,
    grad_out,
    grad_query,
    grad_rows,
    own,
    targets,
    scale,
    SLOTS: tl.constexpr,
    HEADS: tl.constexpr,
    CHANNELS: tl.constexpr,
    ASKING: tl.constexpr,
    WIDE: tl.constexpr,
    BLOCK: tl.constexpr,
    SAME: tl.constexpr,
    PRECISION: tl.constexpr,
):
    target = tl.program_id(0).to(tl.int64)
    asking = tl.arange(0, ASKING)
    head, slot_of_query = asking // SLOTS, asking % SLOTS
    channel = tl.arange(0, WIDE)
    of_head = (head[:, None] == channel[None, :] // (CHANNELS // HEADS)) & (channel[None, :] < CHANNELS)
    place = target * SLOTS * CHANNELS + slot_of_query[:, None] * CHANNELS + channel[None, :]
    q = tl.load(query + place, mask=of_head, other=0.0)
    do = tl.load(grad_out + place, mask=of_head, other=0.0)
    mean = tl.sum(do.to(tl.float32) * tl.load(out + place, mask=of_head, other=0.0).to(tl.float32), axis=1)
    lse = tl.load(log_sum + target * ASKING + asking)
    first = tl.load(bounds + target)
    edges = tl.load(bounds + target + 1) - first
    dq = tl.zeros((ASKING, WIDE), tl.float32)
    for begin in range(0, (edges + 2) * SLOTS, BLOCK):
        number = begin + tl.arange(0, BLOCK)
        row, slot, inside, seen = _keys_of(
            target, number, edges, first, order, own, targets, there, answered, slot_of_query, SLOTS, SAME
        )
        at = (row * SLOTS + slot)[:, None] * (2 * CHANNELS) + channel[None, :]
        real = inside[:, None] & (channel[None, :] < CHANNELS)
        key = tl.load(rows + at, mask=real, other=0.0)
        value = tl.load(rows + at + CHANNELS, mask=real, other=0.0)
        logits = tl.dot(q, tl.trans(key), input_precision=PRECISION) * scale
        weight = tl.where(seen, tl.exp(logits - lse[:, None]), 0.0)
        dv = tl.dot(tl.trans(weight).to(do.dtype), do, input_precision=PRECISION)
        dw = tl.dot(do, tl.trans(value), input_precision=PRECISION)
        ds = (weight * (dw - mean[:, None]) * scale).to(key.dtype)
        dq += tl.dot(ds, key, input_precision=PRECISION)
        dk = tl.dot(tl.trans(ds), q, input_precision=PRECISION)
        tl.store(grad_rows + at, dk.to(grad_rows.dtype.element_ty), mask=real)
        tl.store(grad_rows + at + CHANNELS, dv.to(grad_rows.dtype.element_ty), mask=real)
    tl.store(grad_query + place, dq.to(grad_query.dtype.element_ty), mask=of_head)


class SegmentAttention(torch.autograd.Function):
    """`segment_attention`, compiled."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, rows: Tensor, segments: Segments, heads: int) -> Tensor:
        """As `segment_attention`."""
        query, rows = query.contiguous(), rows.contiguous()
        targets, slots, channels = query.shape
        there, answered = segments.there.to(torch.int8).contiguous(), segments.answered.to(torch.int8).contiguous()
        asking = max(16, triton.next_power_of_2(heads * slots))
        sizes = {
            "SLOTS": slots,
            "HEADS": heads,
            "CHANNELS": channels,
            "ASKING": asking,
            "WIDE": max(16, triton.next_power_of_2(channels)),
            "BLOCK": 32,
            "SAME": segments.same_modality,
            "PRECISION": "tf32" if torch.backends.cuda.matmul.allow_tf32 else "ieee",
            "num_warps": 1 if channels <= 64 else 2,
        }
        out = torch.empty_like(query)
        log_sum = torch.empty(targets, asking, dtype=torch.float32, device=query.device)
        graph = (segments.order, segments.bounds, there, answered)
        numbers = (segments.own, targets, 1 / math.sqrt(channels // heads))
        if targets:
            _forward[(targets,)](query, rows, *graph, out, log_sum, *numbers, **sizes)
        ctx.save_for_backward(query, rows, *graph, out, log_sum)
        ctx.numbers, ctx.sizes = numbers, sizes
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None]:
        """Gradients of queries and rows."""
        query, rows, *rest = ctx.saved_tensors
        grad_query, grad_rows = torch.empty_like(query), torch.empty_like(rows)
        own, targets, _ = ctx.numbers
        grad_rows[own - 1] = 0  # the row of padding is nobody's
        if targets:
            _backward[(targets,)](
                query, rows, *rest, grads[0].contiguous(), grad_query, grad_rows, *ctx.numbers, **ctx.sizes
            )
        return grad_query, grad_rows, None, None

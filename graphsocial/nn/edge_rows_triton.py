"""`edge_rows` in Triton, forward and backward: each edge's row is written once, and its gradient read once."""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

_EDGES = 16
"""Edges per program."""


@triton.jit(do_not_specialize=("edges",))  # another number in every batch
def _forward(  # type: ignore[no-untyped-def]
    nodes,
    source,
    ages,
    out,
    edges,
    SLOTS: tl.constexpr,
    CHANNELS: tl.constexpr,
    WIDE: tl.constexpr,
    EDGES: tl.constexpr,
):
    edge = tl.program_id(0).to(tl.int64) * EDGES + tl.arange(0, EDGES)
    channel = tl.arange(0, WIDE)
    real = (edge < edges)[:, None] & (channel < CHANNELS)[None, :]
    node = tl.load(source + edge, mask=edge < edges, other=0)
    age = tl.load(ages + edge[:, None] * CHANNELS + channel[None, :], mask=real, other=0.0).to(tl.float32)
    for slot in tl.static_range(SLOTS):
        at = (node * SLOTS + slot)[:, None] * CHANNELS + channel[None, :]
        value = tl.load(nodes + at, mask=real, other=0.0).to(tl.float32) + age
        to = (edge * SLOTS + slot)[:, None] * CHANNELS + channel[None, :]
        tl.store(out + to, value.to(out.dtype.element_ty), mask=real)


@triton.jit(do_not_specialize=("edges",))  # another number in every batch
def _backward(  # type: ignore[no-untyped-def]
    grad_out,
    source,
    grad_nodes,
    grad_ages,
    edges,
    SLOTS: tl.constexpr,
    CHANNELS: tl.constexpr,
    WIDE: tl.constexpr,
    EDGES: tl.constexpr,
):
    edge = tl.program_id(0).to(tl.int64) * EDGES + tl.arange(0, EDGES)
    channel = tl.arange(0, WIDE)
    real = (edge < edges)[:, None] & (channel < CHANNELS)[None, :]
    node = tl.load(source + edge, mask=edge < edges, other=0)
    total = tl.zeros((EDGES, WIDE), tl.float32)
    for slot in tl.static_range(SLOTS):
        of = (edge * SLOTS + slot)[:, None] * CHANNELS + channel[None, :]
        value = tl.load(grad_out + of, mask=real, other=0.0).to(tl.float32)
        at = (node * SLOTS + slot)[:, None] * CHANNELS + channel[None, :]
        tl.atomic_add(grad_nodes + at, value, mask=real, sem="relaxed")
        total += value
    to = edge[:, None] * CHANNELS + channel[None, :]
    tl.store(grad_ages + to, total.to(grad_ages.dtype.element_ty), mask=real)


class EdgeRows(torch.autograd.Function):
    """`edge_rows`, compiled."""

    @staticmethod
    def forward(ctx: Any, nodes: Tensor, source: Tensor, ages: Tensor, rest: Tensor) -> Tensor:
        """As `edge_rows`."""
        _, slots, channels = nodes.shape
        edges = len(source)
        out = nodes.new_empty(edges + len(rest), slots, channels)
        out[edges:] = rest
        sizes = {"SLOTS": slots, "CHANNELS": channels, "WIDE": triton.next_power_of_2(channels), "EDGES": _EDGES}
        if edges:
            grid = (triton.cdiv(edges, _EDGES),)
            _forward[grid](nodes.contiguous(), source, ages.contiguous(), out, edges, **sizes)
        ctx.save_for_backward(source)
        ctx.shapes, ctx.sizes, ctx.dtypes = (nodes.shape, ages.shape), sizes, (nodes.dtype, ages.dtype, rest.dtype)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, Tensor, Tensor]:
        """Gradients of nodes, ages and the rest."""
        (source,) = ctx.saved_tensors
        grad, edges = grads[0].contiguous(), len(source)
        of_nodes = torch.zeros(ctx.shapes[0], dtype=torch.float32, device=grad.device)
        of_ages = torch.empty(ctx.shapes[1], dtype=ctx.dtypes[1], device=grad.device)
        if edges:
            _backward[(triton.cdiv(edges, _EDGES),)](grad, source, of_nodes, of_ages, edges, **ctx.sizes)
        return of_nodes.to(ctx.dtypes[0]), None, of_ages, grad[edges:].to(ctx.dtypes[2])

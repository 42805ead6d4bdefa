"""Quantiles that never cross, and their loss."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional

from graphsocial.errors import SchemaError


def check_levels(levels: Sequence[float]) -> tuple[float, ...]:
    """Returns the quantile levels, or raises SchemaError unless they ascend inside (0, 1)."""
    checked = tuple(float(level) for level in levels)
    if not checked or checked[0] <= 0 or checked[-1] >= 1 or any(a >= b for a, b in pairwise(checked)):
        raise SchemaError(f"quantiles={tuple(levels)!r}, expected ascending levels inside (0, 1)")
    return checked


def ascending(raw: Tensor) -> Tensor:
    """The first quantile as it is, each later one a positive step above the one before.

    Args:
        raw: Unconstrained, [..., quantile].

    >>> ascending(torch.tensor([1.0, -50.0, 0.5413248])).round(decimals=4)
    tensor([1., 1., 2.])
    """
    return torch.cat([raw[..., :1], functional.softplus(raw[..., 1:])], dim=-1).cumsum(dim=-1)


def pinball(quantile: Tensor, target: Tensor, levels: Sequence[float]) -> Tensor:
    """Quantile loss (Koenker & Bassett 1978), mean over levels.

    Args:
        quantile: [..., quantile].
        target: [...].
        levels: Level of each quantile.

    >>> pinball(torch.tensor([[0.0, 0.0]]), torch.tensor([2.0]), [0.5, 0.9])  # (2·.5 + 2·.9) / 2
    tensor([1.4000])
    """
    level = torch.tensor(levels, device=quantile.device, dtype=quantile.dtype)
    short = target.unsqueeze(-1) - quantile
    return torch.maximum(level * short, (level - 1) * short).mean(dim=-1)

"""Bins of standardised targets, whose weights a loss can carry."""

from __future__ import annotations

import torch
from torch import Tensor

TAIL_LOW, TAIL_WIDTH, TAIL_BINS = -4.0, 0.25, 64
"""Lower end of the first bin and width of each in standard deviations, and their number; counts reach far above."""


def tail_bin(target: Tensor) -> Tensor:
    """Bin of each target, those outside in the first and the last one, int64 of the same shape.

    Args:
        target: In standard deviations from the mean.

    >>> tail_bin(torch.tensor([-9.0, -4.0, 0.1, 99.0])).tolist()
    [0, 0, 16, 63]
    """
    return torch.floor((target - TAIL_LOW) / TAIL_WIDTH).clamp(0, TAIL_BINS - 1).long()

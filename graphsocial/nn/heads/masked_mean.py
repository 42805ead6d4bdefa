"""Mean over the examples that count."""

from __future__ import annotations

import torch
from torch import Tensor


def masked_mean(value: Tensor, mask: Tensor | None) -> Tensor:
    """Mean of the counted entries; 0, with a gradient of zeros, when none counts.

    Args:
        value: Any shape; entries that do not count must be finite.
        mask: Which entries count, bool, of the same shape; None: all.

    >>> masked_mean(torch.tensor([1.0, 5.0]), torch.tensor([True, False]))
    tensor(1.)
    """
    mask = torch.ones_like(value, dtype=torch.bool) if mask is None else mask
    return value.masked_fill(~mask, 0.0).sum() / mask.sum().clamp(min=1)

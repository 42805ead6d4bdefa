"""A head that works in units of its training targets."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from graphsocial.nn.heads.tail_bins import tail_bin


class Standardised(nn.Module):
    """Scales a numeric head's output by the training targets' centre and spread, and its loss back.

    Losses then start near 1 whatever the unit of the task, so no task drowns another in a shared encoder.

    Args:
        head: Takes vectors and optional features, has `loss(output, target)` that depends on differences only.
        center: Subtracted from targets.
        scale: Targets are divided by it; must be positive.
        tail: Weights of targets in the bins of `tail_bins`, for heads whose loss takes weights; none: all the same.

    >>> from graphsocial.nn.heads.size_head import SizeHead
    >>> head = Standardised(SizeHead(4), center=2.0, scale=0.5)
    >>> output = head(torch.zeros(1, 4))
    >>> torch.allclose(output, 2.0 + 0.5 * head.head(torch.zeros(1, 4)))
    True
    """

    center: Tensor
    scale: Tensor
    tail: Tensor | None

    def __init__(self, head: nn.Module, center: float, scale: float, tail: Sequence[float] = ()):
        super().__init__()
        self.head = head
        self.register_buffer("center", torch.tensor(center, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32))
        # Part of the loss as it was fitted, so saved with the weights.
        self.register_buffer("tail", torch.tensor(tail, dtype=torch.float32) if tail else None)

    def forward(self, x: Tensor, features: Tensor | None = None, start: Tensor | None = None) -> Tensor:
        """The head's output in the target's unit.

        Args:
            x: Vectors, [example, channel].
            features: Task features, [example, feature].
            start: What to add the change to, [example].

        Returns:
            [example, output].
        """
        raw = self.head(x) if features is None else self.head(x, features)
        output = self.center + self.scale * raw
        return output if start is None else output + start.unsqueeze(1)

    def loss(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        """The head's loss in units of `scale`.

        Args:
            output: What `forward` returned.
            target: In the target's unit, [example].
            mask: Which examples count, bool [example].
        """
        standard = (target - self.center) / self.scale
        given = (output - self.center) / self.scale, standard, mask
        if self.tail is None:
            return self.head.loss(*given)  # type: ignore[operator]
        return self.head.loss(*given, self.tail[tail_bin(standard)])  # type: ignore[operator]

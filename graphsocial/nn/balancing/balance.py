"""What the trainer asks of a loss balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from torch import Tensor
from torch.nn import Parameter


class Balance(Protocol):
    """Turns the losses of a batch into gradients."""

    def backward(
        self, losses: Mapping[str, Tensor], shared: Sequence[Parameter], share: Mapping[str, float] | None = None
    ) -> Tensor:
        """Adds gradients to `.grad` of every parameter; returns the total loss for the log, detached.

        Args:
            losses: Scalar loss of each task that has examples in this batch, at least one.
            shared: Parameters that all tasks depend on: the encoder's.
            share: Where a step is taken in parts: for every task of the step, which share of its questions this batch
                holds, so that the gradients of the parts add up to those of the step. None: the batch is the step.
        """
        ...

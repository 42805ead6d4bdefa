"""All losses count the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import Parameter


class MeanBalance:
    """Plain mean of the losses: ½ΣL for the two tasks it was first written for, ΣL/n for n.

    >>> weight = Parameter(torch.tensor(1.0))
    >>> float(MeanBalance().backward({"a": 2 * weight, "b": 4 * weight}, [weight])), float(weight.grad)
    (3.0, 3.0)
    """

    def backward(
        self, losses: Mapping[str, Tensor], shared: Sequence[Parameter] = (), share: Mapping[str, float] | None = None
    ) -> Tensor:
        """Adds the gradients of the mean loss to `.grad` of every parameter it depends on.

        Args:
            losses: Scalar loss of each task that has examples in this batch.
            shared: Parameters that all tasks depend on; not used here.
            share: Of each task of the step, which part this batch is; None: all of it.

        Returns:
            The mean loss, detached.
        """
        if share is None:
            total = torch.stack(list(losses.values())).mean()
        else:
            total = torch.stack([share[task] * loss for task, loss in losses.items()]).sum() / len(share)
        total.backward()
        return total.detach()

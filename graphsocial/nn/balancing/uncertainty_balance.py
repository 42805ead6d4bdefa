"""Losses weighted by learned uncertainty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import Parameter

from graphsocial.errors import SchemaError, did_you_mean


class UncertaintyBalance(nn.Module):
    """½ Σ (exp(-s) L + s), with s = log σ² learned per task (Kendall et al. 2018, arXiv 1705.07115).

    A noisy task gets a large s and so a small weight. With every s at 0, where it starts, this is ½ΣL. The paper has
    exp(-s) L + ½ s for classification; with the same ½ for all, the scale of a loss is left to s.

    Args:
        tasks: Names of the tasks.

    >>> balance = UncertaintyBalance(["a", "b"])
    >>> weight = Parameter(torch.tensor(1.0))
    >>> float(balance.backward({"a": 2 * weight, "b": 4 * weight}, [weight])), float(weight.grad)
    (3.0, 3.0)
    >>> float(balance.log_variance["b"].grad)  # ½ (1 - 4)
    -1.5
    """

    def __init__(self, tasks: Iterable[str]):
        super().__init__()
        self.log_variance = nn.ParameterDict({task: Parameter(torch.zeros(())) for task in sorted(set(tasks))})

    def backward(
        self, losses: Mapping[str, Tensor], shared: Sequence[Parameter] = (), share: Mapping[str, float] | None = None
    ) -> Tensor:
        """Adds the gradients of the weighted loss to `.grad` of every parameter, the log-variances included.

        Args:
            losses: Scalar loss of each task that has examples in this batch. Leave a task without examples out: its
                loss of 0 would say that it is perfectly predicted.
            shared: Parameters that all tasks depend on; not used here.
            share: Of each task of the step, which part this batch is; None: all of it.

        Returns:
            The weighted loss, detached.

        Raises:
            SchemaError: A task that the balance was not built for.
        """
        for task in losses:
            if task not in self.log_variance:
                known = sorted(self.log_variance)
                raise SchemaError(
                    f"unknown task {task!r}, expected one of {', '.join(known)}.{did_you_mean(task, known)}"
                )
        parts = [torch.exp(-self.log_variance[task]) * loss + self.log_variance[task] for task, loss in losses.items()]
        if share is not None:
            parts = [share[task] * part for task, part in zip(losses, parts, strict=True)]
        total = torch.stack(parts).sum() / 2
        total.backward()
        return total.detach()

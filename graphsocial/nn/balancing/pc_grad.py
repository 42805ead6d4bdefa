"""Gradient surgery between tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import Parameter


class PCGrad:
    """Where two tasks' gradients conflict, each loses its part against the other (Yu et al. 2020, arXiv 2001.06782).

    Each task's gradient over the shared parameters is projected onto the normal plane of every other task's that it
    has a negative product with, in random order; the results are averaged. Where nothing conflicts this is
    `MeanBalance`, so learning rates carry over; parameters of one task only get that mean in any case.

    Args:
        rng: Seed, or the generator itself when its state is to be saved.

    Attributes:
        generator: Source of the random order.
    """

    def __init__(self, rng: int | torch.Generator = 0):
        self.generator = rng if isinstance(rng, torch.Generator) else torch.Generator().manual_seed(rng)

    def backward(
        self, losses: Mapping[str, Tensor], shared: Sequence[Parameter], share: Mapping[str, float] | None = None
    ) -> Tensor:
        """Adds gradients to `.grad` of every parameter.

        Args:
            losses: Scalar loss of each task that has examples in this batch.
            shared: Parameters that all tasks depend on; the surgery is over all of them together.
            share: Of each task of the step, which part this batch is; None: all of it. Every part has its own surgery,
                so where tasks conflict a step in parts is not quite the step in one.

        Returns:
            The mean loss, detached.
        """
        tasks = len(losses if share is None else share)
        before = [parameter.grad for parameter in shared]
        grads = []
        weighted = [loss if share is None else share[task] * loss for task, loss in losses.items()]
        for number, loss in enumerate(weighted, start=1):
            for parameter in shared:
                parameter.grad = None
            (loss / tasks).backward(retain_graph=number < len(losses))
            grads.append(torch.cat([_flat_grad(parameter) for parameter in shared]))
        update = self._operate(torch.stack(grads)).sum(dim=0)
        parts = update.split([parameter.numel() for parameter in shared])
        for parameter, old, part in zip(shared, before, parts, strict=True):
            part = part.view_as(parameter).to(parameter.dtype)
            parameter.grad = part.clone() if old is None else old + part
        return torch.stack(weighted).detach().sum() / tasks

    def _operate(self, grads: Tensor) -> Tensor:
        """Projects each task's gradient, [task, parameter]."""
        squared = (grads * grads).sum(dim=1)
        result = []
        for task, grad in enumerate(grads):
            for other in torch.randperm(len(grads), generator=self.generator, device=self.generator.device).tolist():
                if other == task:
                    continue
                product = grad @ grads[other]
                # No branch on the value: that would wait for the device at every pair of tasks.
                step = product.clamp(max=0.0) / squared[other].clamp(min=torch.finfo(grad.dtype).tiny)
                grad = grad - step * grads[other]
            result.append(grad)
        return torch.stack(result)


def _flat_grad(parameter: Parameter) -> Tensor:
    return (torch.zeros_like(parameter) if parameter.grad is None else parameter.grad).flatten().float()

"""One step's gradients out of the parts that several processes worked on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import Parameter

from graphsocial.learn.processes import Processes


def sum_gradients(parameters: Sequence[Parameter], processes: Processes) -> None:
    """Replaces every gradient by its sum over the processes, in one exchange.

    A parameter that no process used keeps no gradient, so the optimiser leaves it alone, as it would in one process;
    one that only some used counts as zero in the others. So neither a task that one process has no question of, nor a
    head that rests, nor a process without any question holds up the others.

    Args:
        parameters: In the same order in every process.
        processes: Who takes part.
    """
    if processes.count == 1 or not parameters:
        return
    used = torch.tensor([float(p.grad is not None) for p in parameters], device=parameters[0].device)
    grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    total = processes.sum(torch.cat([used, *(grad.flatten().float() for grad in grads)]))
    anywhere, *parts = total.split([len(parameters), *(p.numel() for p in parameters)])
    for parameter, part, here in zip(parameters, parts, anywhere.tolist(), strict=True):
        parameter.grad = part.view_as(parameter).to(parameter.dtype) if here else None

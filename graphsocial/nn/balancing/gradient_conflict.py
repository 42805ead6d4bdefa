"""How much the tasks of one training pull their shared parameters in different directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import Parameter

from graphsocial.errors import SchemaError
from graphsocial.nn.balancing.balance import Balance


@dataclass(frozen=True)
class PairConflict:
    """Two tasks' gradients on the shared parameters, over the steps in which both had examples.

    Attributes:
        tasks: The two, in order of their names.
        steps: Steps that were looked at.
        mean_cosine: Mean cosine between the gradients; below 0 they pull apart, 0 is unrelated.
        conflicting: Share of steps with a cosine below 0, which is when `PCGrad` acts.
        magnitude: Mean similarity of lengths 2 |a| |b| / (|a|² + |b|²), 1 where they are equally long (Yu et al. 2020,
            arXiv 2001.06782, definition 3).
        thirds: Mean cosine in the first, the second and the last third of those steps, nan for a third without any.
    """

    tasks: tuple[str, str]
    steps: int
    mean_cosine: float
    conflicting: float
    magnitude: float
    thirds: tuple[float, float, float]


class GradientConflict(nn.Module):
    """A balance that looks at the tasks' gradients before another balance does its work, and changes nothing.

    Every look costs one more backward pass for each task. A step in which a gradient is zero, or only one task has
    examples, tells nothing and is left out.

    Args:
        balance: What turns the losses into gradients; checkpoints hold it as if nobody had looked.
        every: Looks at every so many-th step.

    Raises:
        SchemaError: `every` below 1.

    >>> from graphsocial.nn.balancing.mean_balance import MeanBalance
    >>> x, watch = Parameter(torch.tensor([1.0, 1.0])), GradientConflict(MeanBalance())
    >>> _ = watch.backward({"a": x[0], "b": x[1] - x[0]}, [x])
    >>> [(pair.tasks, round(pair.mean_cosine, 3), pair.conflicting) for pair in watch.conflicts()]
    [(('a', 'b'), -0.707, 1.0)]
    >>> x.grad.tolist()
    [0.0, 0.5]
    """

    balance: Balance

    def __init__(self, balance: Balance, every: int = 1):
        super().__init__()
        if every < 1:
            raise SchemaError(f"every={every}, expected 1 or more steps between two looks")
        if isinstance(balance, nn.Module):  # its own parts, by their own names: a checkpoint opens without the watch
            for name, part in balance.named_children():
                self.add_module(name, part)
        object.__setattr__(self, "balance", balance)
        self.every = every
        self._step = 0
        self._cosine: dict[tuple[str, str], list[float]] = {}
        self._magnitude: dict[tuple[str, str], list[float]] = {}

    @property
    def generator(self) -> torch.Generator:
        """That of the balance inside, where it draws anything."""
        found: torch.Generator = self.balance.generator  # type: ignore[attr-defined]
        return found

    @generator.setter
    def generator(self, generator: torch.Generator) -> None:
        self.balance.generator = generator  # type: ignore[attr-defined]

    def backward(
        self, losses: Mapping[str, Tensor], shared: Sequence[Parameter], share: Mapping[str, float] | None = None
    ) -> Tensor:
        """What the balance inside does; its value and gradients are the same to the bit.

        Args:
            losses: Scalar loss of each task that has examples in this batch.
            shared: Parameters that all tasks depend on.
            share: Of each task of the step, which part this batch is; handed on where it is given.
        """
        if self._step % self.every == 0 and len(losses) > 1:
            self._look({name: losses[name] for name in sorted(losses)}, list(shared))
        self._step += 1
        return self.balance.backward(losses, shared) if share is None else self.balance.backward(losses, shared, share)

    def conflicts(self) -> tuple[PairConflict, ...]:
        """Every pair of tasks that was seen together, in order of their names."""
        found = []
        for pair, values in sorted(self._cosine.items()):
            cosine = np.array(values)
            thirds = tuple(float(part.mean()) if len(part) else float("nan") for part in np.array_split(cosine, 3))
            found.append(
                PairConflict(
                    tasks=pair,
                    steps=len(cosine),
                    mean_cosine=float(cosine.mean()),
                    conflicting=float((cosine < 0).mean()),
                    magnitude=float(np.mean(self._magnitude[pair])),
                    thirds=thirds,  # type: ignore[arg-type]
                )
            )
        return tuple(found)

    def _look(self, losses: Mapping[str, Tensor], shared: list[Parameter]) -> None:
        flat = {}
        for name, loss in losses.items():
            grads = torch.autograd.grad(loss, shared, retain_graph=True, allow_unused=True)
            parts = [torch.zeros_like(p) if g is None else g for g, p in zip(grads, shared, strict=True)]
            flat[name] = torch.cat([part.flatten().double() for part in parts])
        length = {name: float(grad.norm()) for name, grad in flat.items()}
        for one, other in combinations(flat, 2):
            product = length[one] * length[other]
            if not product or not np.isfinite(product):
                continue
            self._cosine.setdefault((one, other), []).append(float(flat[one] @ flat[other]) / product)
            alike = 2 * product / (length[one] ** 2 + length[other] ** 2)
            self._magnitude.setdefault((one, other), []).append(alike)

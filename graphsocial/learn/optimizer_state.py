"""An optimiser's state as named tensors, so that it fits in a checkpoint without pickle."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


def dump_optimizer(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """State of every parameter under `INDEX.NAME`."""
    return {
        f"{index}.{name}": value.detach().clone()
        for index, values in optimizer.state_dict()["state"].items()
        for name, value in values.items()
    }


def load_optimizer(optimizer: torch.optim.Optimizer, state: Mapping[str, Tensor]) -> None:
    """Inverse of `dump_optimizer`; an empty state changes nothing."""
    if not state:
        return
    packed = optimizer.state_dict()
    restored: dict[int, dict[str, Tensor]] = {}
    for key, value in state.items():
        index, name = key.split(".", 1)
        restored.setdefault(int(index), {})[name] = value.clone()
    packed["state"] = restored
    optimizer.load_state_dict(packed)

"""Where to compute."""

from __future__ import annotations

import torch

from graphsocial.errors import SchemaError


def pick_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one, else the CPU.

    Raises:
        SchemaError: An unknown name, or CUDA where there is none.

    >>> pick_device("cpu")
    device(type='cpu')
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise SchemaError(f"unknown device {name!r}, expected 'auto', 'cpu' or 'cuda'") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SchemaError(f"device {name!r} asked for, but torch sees no CUDA device here")
    return device

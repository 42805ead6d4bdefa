"""Whether a machine has what its processes are to compute on."""

from __future__ import annotations

import torch

from graphsocial.errors import SchemaError, did_you_mean

_DEVICES = ("auto", "cpu", "cuda")


def check_devices(device: str, processes: int) -> None:
    """Makes sure that every process of this machine gets a device.

    Args:
        device: `auto`, `cpu` or `cuda`.
        processes: How many processes this machine runs.

    Raises:
        SchemaError: An unknown device, no CUDA, or fewer CUDA devices than processes.

    >>> check_devices("cuda:1", 2)
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: device 'cuda:1' for 2 processes, expected auto, cpu or cuda. Did you mean 'cuda'?
    """
    if device not in _DEVICES:
        raise SchemaError(
            f"device {device!r} for {processes} processes, expected auto, cpu or cuda.{did_you_mean(device, _DEVICES)}"
        )
    if device == "cuda" and not torch.cuda.is_available():
        raise SchemaError("device 'cuda' asked for, but torch sees no CUDA device here")
    if device != "cpu" and torch.cuda.is_available() and processes > torch.cuda.device_count():
        raise SchemaError(
            f"{processes} processes on this machine, which has {torch.cuda.device_count()} CUDA device(s): start at "
            "most as many, or pass --device cpu"
        )

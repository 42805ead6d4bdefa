"""How training is computed, which changes nothing of what is learned but the rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

from graphsocial.errors import SchemaError, did_you_mean

Precision = Literal["auto", "float32", "bfloat16"]
_PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class ComputeConfig:
    """Settings that fit a model to a machine; no checkpoint holds them, so a run may go on with others.

    Attributes:
        precision: Of activations; weights, losses and the optimiser are float32 in any case. `auto` takes bfloat16 on
            CUDA and float32 elsewhere.
        accumulate: Parts of a step that each process works through one after another: with twice as many, about half
            the memory, and the same step.
        compile: Whether `torch.compile` translates the dense parts, see `compile_parts`; the first step then takes
            longer, minutes at worst.
        prefetch: Batches that a thread samples, pins and sends to the device ahead of the step; 0: none, None: 2 on
            CUDA and none elsewhere.

    >>> ComputeConfig(accumulate=0)
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: accumulate is 0, expected a whole number of at least 1
    """

    precision: Precision = "auto"
    accumulate: int = 1
    compile: bool = False
    prefetch: int | None = None

    def __post_init__(self) -> None:
        if self.precision not in _PRECISIONS:
            raise SchemaError(
                f"unknown precision {self.precision!r}, expected one of {', '.join(_PRECISIONS)}."
                f"{did_you_mean(str(self.precision), _PRECISIONS)}"
            )
        for name, least in (("accumulate", 1), ("prefetch", 0)):
            value = getattr(self, name)
            if value is not None and (int(value) != value or value < least):
                raise SchemaError(f"{name} is {value!r}, expected a whole number of at least {least}")

    def half(self, device: torch.device) -> bool:
        """Whether activations are bfloat16 on that device."""
        return self.precision == "bfloat16" or (self.precision == "auto" and device.type == "cuda")

    def ahead(self, device: torch.device) -> int:
        """Batches to make ahead on that device."""
        return (2 if device.type == "cuda" else 0) if self.prefetch is None else self.prefetch

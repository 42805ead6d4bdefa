"""What one epoch of training did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class EpochReport:
    """What one epoch did.

    Attributes:
        epoch: Number, from 0.
        losses: Task to mean training loss.
        validation: Task to value of its metric on the validation part.
        score: Selection score, higher is better.
        selected: Whether this epoch is the best so far.
        seconds: Duration with validation.
        examples_per_second: Training rows per second of training steps, of all processes together.
        sampler_share: Part of the training steps' time spent waiting for batches: sampling, layout and the way to the
            device, as far as no thread does it ahead.
    """

    epoch: int
    losses: Mapping[str, float]
    validation: Mapping[str, float]
    score: float
    selected: bool
    seconds: float
    examples_per_second: float
    sampler_share: float

    def __str__(self) -> str:
        parts = [f"{task} {value:.3f}" for task, value in self.validation.items()]
        mark = " *" if self.selected else ""
        return f"epoch {self.epoch}: {', '.join(parts)} (score {self.score:.4f}, {self.seconds:.1f} s){mark}"

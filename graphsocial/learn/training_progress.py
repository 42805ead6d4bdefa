"""Where training stands, and which epoch is the best so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphsocial.learn.task import Task


@dataclass
class TrainingProgress:
    """Where training stands; everything a resumed run needs besides tensors.

    Attributes:
        epoch: Epochs done.
        best_epoch: Number of the best one, -1 before the first.
        best_score: Its selection score.
        reference: Task to the first finite value of its metric on the validation part.
        history: One plain dict per epoch done.
        stopped: Whether the score has stopped improving.
    """

    epoch: int = 0
    best_epoch: int = -1
    best_score: float = -float("inf")
    reference: dict[str, float] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    stopped: bool = False

    def score(self, validation: Mapping[str, float], tasks: Mapping[str, Task]) -> float:
        """Mean over tasks; an error counts as its reduction relative to the first epoch, so that units cancel.

        Args:
            validation: Task to value of its metric on the validation part.
            tasks: The tasks by name.
        """
        parts = []
        for name, value in validation.items():
            if not np.isfinite(value):
                continue
            first = self.reference.setdefault(name, value)
            parts.append(value if tasks[name].metric.higher_is_better else 1 - value / max(abs(first), 1e-12))
        return float(np.mean(parts)) if parts else 0.0

    def step_on(self, score: float, patience: int) -> bool:
        """Counts the epoch just done; returns whether it is the best so far.

        Args:
            score: Its selection score.
            patience: Epochs without a better one after which training stops.
        """
        selected = score > self.best_score
        if selected:
            self.best_epoch, self.best_score = self.epoch, score
        self.stopped = self.epoch - self.best_epoch >= patience
        self.epoch += 1
        return selected

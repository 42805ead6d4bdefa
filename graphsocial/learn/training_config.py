"""How a model is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of the training loop; the defaults are those of the demo; the README says how they were chosen.

    Attributes:
        epochs: Most epochs to train.
        patience: Stop after this many epochs without a better validation score.
        batch_size: Rows of the largest task per step.
        learning_rate: Peak rate of AdamW.
        weight_decay: Decoupled weight decay.
        warmup: Steps of linear warm-up.
        clip: Largest gradient norm.
        fanout: Neighbours per hop and relation.
        strategy: Which neighbours: the most recent before the question, or uniform over them.
        score_batch: Rows per batch when scoring.
    """

    epochs: int = 8
    patience: int = 2
    batch_size: int = 160
    learning_rate: float = 2e-3
    weight_decay: float = 5e-2
    warmup: int = 20
    clip: float = 1.0
    fanout: tuple[int, ...] = (4, 2)
    strategy: Literal["recent", "uniform"] = "recent"
    score_batch: int = 512

"""How the next-user model is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NextUserTraining:
    """Settings of the training loop.

    Attributes:
        epochs: Passes over the training targets; the best one on validation is kept.
        learning_rate: Of AdamW, at the start; it falls to nothing along a half cosine.
        weight_decay: Of AdamW.
        batch_rows: Most targets in a batch of whole cascades; a batch holds no more than a 60th of all targets.
        hard: Candidates of a training target that evidence proposes.
        drawn: Least number of further candidates drawn at random.
        judged_hard: The same for a validation target.
        judged_drawn: The same for a validation target.
        judged_rows: Most validation targets; of more, every so many-th is taken.
        blocks: Blocks of training cascades for which counts stand still under strict.
        neighbours: Co-participants that a user attends to.
        most_rows: Most training targets; beyond, the latest are kept.
        size_weight: Weight of the loss of the size quantiles.
        retrain: Whether, under prequential, the weights are fitted anew each time the known events have doubled.
    """

    epochs: int = 5
    learning_rate: float = 3e-3
    weight_decay: float = 1e-3
    batch_rows: int = 512
    hard: int = 64
    drawn: int = 32
    judged_hard: int = 160
    judged_drawn: int = 96
    judged_rows: int = 6_000
    blocks: int = 12
    neighbours: int = 8
    most_rows: int = 80_000
    size_weight: float = 0.1
    retrain: bool = True

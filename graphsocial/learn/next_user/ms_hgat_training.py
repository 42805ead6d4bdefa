"""How MS-HGAT is trained."""

from __future__ import annotations

from dataclasses import dataclass

from graphsocial.errors import SchemaError


@dataclass(frozen=True)
class MsHgatTraining:
    """Settings of the training loop; the defaults are the published ones where the paper states them.

    Attributes:
        epochs: Most epochs to train.
        patience: Stop after this many epochs without a better MAP@100 on the validation part.
        steps: Most batches per epoch, 0 = all.
        batch_size: Cascades per batch.
        learning_rate: Rate of Adam.
        windows: Windows that the training events fill.
    """

    epochs: int = 50
    patience: int = 10
    steps: int = 0
    batch_size: int = 32
    learning_rate: float = 1e-3
    windows: int = 8

    def __post_init__(self) -> None:
        for name in ("epochs", "patience", "batch_size", "windows"):
            if getattr(self, name) < 1:
                raise SchemaError(f"{name} is {getattr(self, name)}, expected at least 1")
        if self.steps < 0 or not self.learning_rate > 0:
            raise SchemaError(
                f"steps {self.steps} and learning rate {self.learning_rate}, expected at least 0 and above 0"
            )

"""Everything that decides what a trainer learns, besides the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from graphsocial.learn.task import Task
from graphsocial.learn.temporal_split import TemporalSplit
from graphsocial.learn.training_config import TrainingConfig
from graphsocial.nn import EncoderConfig
from graphsocial.nn.balancing import Balance, balance_from_name, balance_name


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result besides the data.

    Attributes:
        tasks: What to learn.
        split: Time cuts.
        encoder: Architecture and its ablation switches.
        training: Loop settings.
        balance: How task losses are combined.
        rng: Seed of the run.
    """

    tasks: Sequence[Task]
    split: TemporalSplit
    encoder: EncoderConfig
    training: TrainingConfig
    balance: Balance
    rng: int

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain values."""
        return {
            "tasks": [task.to_json() for task in self.tasks],
            "split": {k: getattr(self.split, k) for k in ("start", "valid", "test", "end")},
            "encoder": asdict(self.encoder),
            "training": asdict(self.training),
            "balance": balance_name(self.balance),
            "rng": self.rng,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Recipe:
        """Inverse of `to_json`; what does not fit raises KeyError or TypeError."""
        tasks = [Task.from_json(task) for task in raw["tasks"]]
        return cls(
            tasks,
            TemporalSplit(**raw["split"]),
            EncoderConfig(**with_tuples(raw["encoder"])),
            TrainingConfig(**with_tuples(raw["training"])),
            balance_from_name(raw["balance"], [task.name for task in tasks]),
            raw["rng"],
        )


def with_tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a frozen dataclass as JSON gave them back."""
    read: dict[str, Any] = {}
    for name, value in fields.items():
        read[name] = tuple(value) if isinstance(value, list) else value
    return read

"""What a checkpoint holds of a trainer, as plain values and named tensors, and how it is read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

from graphsocial.learn.model import ModelShape
from graphsocial.learn.task import FittedHead
from graphsocial.learn.training_progress import TrainingProgress
from graphsocial.learn.training_recipe import Recipe, with_tuples


@dataclass(frozen=True)
class TrainedState:
    """What training has come to.

    Attributes:
        recipe: What was trained, and how.
        shape: What the model's parameters depend on besides the recipe.
        encoders: Modality to the encoder of its tokens, as plain values.
        progress: Where training stands.
        latest: Weights after the latest epoch, from which training goes on.
        best: Weights of the best one, which answer.
        optimizer: The optimiser's state, see `dump_optimizer`.
        balance: What the balance has learned.
    """

    recipe: Recipe
    shape: ModelShape
    encoders: dict[str, Any]
    progress: TrainingProgress
    latest: dict[str, Tensor]
    best: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    balance: dict[str, Tensor]

    def pack(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Named tensors and a plain description, for `write_checkpoint`; weights that are both are held once."""
        tensors = {f"latest.{k}": v for k, v in self.latest.items()}
        if self.best is not self.latest:
            tensors |= {f"best.{k}": v for k, v in self.best.items()}
        tensors |= {f"optimizer.{k}": v for k, v in self.optimizer.items()}
        tensors |= {f"balance.{k}": v for k, v in self.balance.items()}
        return tensors, {
            **self.recipe.to_json(),
            "known_until": self.recipe.split.test,
            "shape": asdict(self.shape),
            "encoders": self.encoders,
            "progress": asdict(self.progress),
        }

    @classmethod
    def unpack(cls, tensors: Mapping[str, Tensor], described: Mapping[str, Any]) -> TrainedState:
        """Inverse of `pack`; what does not fit this version raises KeyError or TypeError."""
        raw = described["shape"]
        groups = {g: _strip(tensors, f"{g}.") for g in ("latest", "best", "optimizer", "balance")}
        return cls(
            recipe=Recipe.from_json(described),
            shape=ModelShape(
                tuple(raw["node_types"]),
                tuple(tuple(e) for e in raw["edge_types"]),  # type: ignore[misc]
                raw["token_channels"],
                raw["structure_channels"],
                {name: FittedHead(**with_tuples(head)) for name, head in raw["heads"].items()},
            ),
            encoders=described["encoders"],
            progress=TrainingProgress(**described["progress"]),
            latest=groups["latest"],
            best=groups["best"] or groups["latest"],
            optimizer=groups["optimizer"],
            balance=groups["balance"],
        )


def _strip(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}

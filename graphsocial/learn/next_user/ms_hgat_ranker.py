"""MS-HGAT as a baseline of next-user prediction: trained, selected on validation, ranking all users."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import islice
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from graphsocial.errors import NotFittedError, SchemaError
from graphsocial.learn.device import pick_device
from graphsocial.learn.epoch_report import EpochReport
from graphsocial.learn.next_user.ms_hgat_batches import PrefixBatch, prefix_batches
from graphsocial.learn.next_user.ms_hgat_training import MsHgatTraining
from graphsocial.learn.next_user.ms_hgat_windows import WindowSequence, window_sequence
from graphsocial.learn.next_user.split import NextUserSplit, Part, Targets
from graphsocial.learn.next_user.user_links import user_links
from graphsocial.learn.seeds import derived_seed
from graphsocial.nn.ms_hgat import MsHgat
from graphsocial.nn.ms_hgat_config import MsHgatConfig
from graphsocial.nn.ms_hgat_friendships import Friendships
from graphsocial.nn.ms_hgat_softmax import masked_ranks, masked_softmax_loss

TASK = "next_user"
_SCORED = 64  # cascades per batch when ranking


class MsHgatRanker:
    """Trains `MsHgat` on the training part and ranks the users of the others.

    Differs from the published program where that looks ahead: hypergraphs hold only what the protocol lets be counted,
    an event reads only windows closed by its own time, the epoch is chosen on the validation part, and an end token is
    a candidate under legacy alone. The weights are fitted once; for another part only the hypergraphs grow, under
    prequential at the times that `window_sequence` states.

    Args:
        split: Cascades and protocol.
        edges: Ids of two users each, object [edge, 2], None without friendships. Read in both directions.
        seed: Of the initial weights, the order of the batches and the dropout.
        sizes: Of the network.
        training: Settings of the loop.
        device: `auto` takes CUDA where there is one; else a torch device name.

    Attributes:
        assumptions: What the ranking takes for granted beyond the protocol.
        epochs: Epochs trained so far.
        best_epoch: The one whose weights are kept, -1 before the first.

    Raises:
        SchemaError: No place to train or to validate on is left under this protocol.
    """

    name = "ms_hgat"

    def __init__(
        self,
        split: NextUserSplit,
        edges: np.ndarray | None = None,
        *,
        seed: int = 0,
        sizes: MsHgatConfig | None = None,
        training: MsHgatTraining | None = None,
        device: str = "auto",
    ):
        self.split, self.seed = split, int(seed)
        self.sizes, self.training = sizes or MsHgatConfig(), training or MsHgatTraining()
        self.device = pick_device(device)
        friends = _friendships(split.table.users, edges)
        self.friends = None if friends is None else friends.to(self.device)
        self.assumptions: tuple[str, ...] = ()
        if friends is not None:
            self.assumptions = (
                "friendships have no times: each is taken to have existed before every event",
                "friendships are read in both directions",
            )
        parts: tuple[Part, ...] = ("train", "valid")
        for part in parts:
            if not len(self._targets(split, part)):
                raise SchemaError(
                    f"{split.protocol}: the {part} part has no place to predict before the next part starts, "
                    "expected at least one"
                )
        self.model = self._new_model()
        self.epochs, self.best_epoch = 0, -1

    @property
    def config(self) -> dict[str, Any]:
        """Settings and what came of them, as plain values for a line of results."""
        return {
            **asdict(self.sizes),
            **asdict(self.training),
            "parameters": sum(parameter.numel() for parameter in self.model.parameters()),
            "epochs_trained": self.epochs,
            "best_epoch": self.best_epoch,
            "friendships": self.friends is not None,
            "assumptions": list(self.assumptions),
            "device": self.device.type,
        }

    def fit(self) -> Iterator[EpochReport]:
        """Trains, one report per epoch, until MAP@100 on validation stops rising; then holds the best weights.

        The caller owns the progress bar. Leaving the loop early keeps the best weights so far; a new call starts anew.
        """
        self.model, self.epochs, self.best_epoch = self._new_model(), 0, -1
        optimizer = torch.optim.Adam(self.model.parameters(), lr=self.training.learning_rate)
        sequence = self._sequence(self.split, "train")
        targets = self._targets(self.split, "train")
        best, best_score = self.model.state_dict(), -1.0
        try:
            for epoch in range(self.training.epochs):
                began = time.perf_counter()
                loss, rows = self._epoch(epoch, optimizer, sequence, targets)
                trained = time.perf_counter() - began
                score = _map_at_100(self._ranks(self.split, "valid"))
                selected = score > best_score
                if selected:
                    best = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
                    best_score, self.best_epoch = score, epoch
                self.epochs = epoch + 1
                yield EpochReport(
                    epoch=epoch,
                    losses={TASK: loss / max(rows, 1)},
                    validation={TASK: score},
                    score=score,
                    selected=selected,
                    seconds=time.perf_counter() - began,
                    examples_per_second=rows / max(trained, 1e-9),
                    sampler_share=0.0,
                )
                if epoch - self.best_epoch >= self.training.patience:
                    break
        finally:
            self.model.load_state_dict(best)

    def ranks(self, split: NextUserSplit, part: Literal["valid", "test"]) -> np.ndarray:
        """Middle rank of the right user of every target of a part, float64 [target]; inf where it is no candidate.

        Raises:
            NotFittedError: `fit` has not finished an epoch.
            SchemaError: The split has other users or another protocol than the one trained on.
        """
        if self.best_epoch < 0:
            raise NotFittedError("ms_hgat ranks after training: run through fit() first")
        if split.protocol != self.split.protocol or not np.array_equal(split.table.users, self.split.table.users):
            raise SchemaError(
                f"a split under {split.protocol} with {len(split.table.users)} users, expected the protocol and the "
                f"users of training: {self.split.protocol}, {len(self.split.table.users)}"
            )
        return self._ranks(split, part)

    def _new_model(self) -> MsHgat:
        users = len(self.split.table.users)
        candidates = users + (self.split.protocol == "legacy")
        seed = derived_seed(self.seed, "weights")
        return MsHgat(users, candidates, self.sizes, self.friends is not None, seed).to(self.device)

    def _epoch(
        self, epoch: int, optimizer: torch.optim.Optimizer, sequence: WindowSequence, targets: Targets
    ) -> tuple[float, int]:
        """Sum of the losses and number of targets."""
        noise = torch.Generator(self.device).manual_seed(derived_seed(self.seed, "dropout", epoch))
        rng = np.random.default_rng(derived_seed(self.seed, "order", epoch))
        size = self.training.batch_size
        batches = prefix_batches(self.split.table, targets, sequence, size, self.device, rng)
        total, rows = torch.zeros((), device=self.device), 0
        for batch in islice(batches, self.training.steps or None):
            optimizer.zero_grad(set_to_none=True)
            memory = self.model.memory(sequence.windows, sequence.base, self.friends, noise)
            loss = masked_softmax_loss(*self._scored(memory, batch, noise))
            (loss / len(batch.target)).backward()
            optimizer.step()
            total += loss.detach()
            rows += len(batch.target)
        return float(total), rows

    def _scored(
        self, memory: list[Tensor], batch: PrefixBatch, noise: torch.Generator | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        hidden = self.model(memory, batch.user, batch.closed, noise).flatten(0, 1).index_select(0, batch.row)
        return hidden, self.model.score.weight, self.model.score.bias, batch.target, batch.taken, batch.start

    @torch.no_grad()
    def _ranks(self, split: NextUserSplit, part: Literal["valid", "test"]) -> np.ndarray:
        sequence, targets = self._sequence(split, part), split.targets(part)
        memory = self.model.memory(sequence.windows, sequence.base, self.friends)
        ranks = np.empty(len(targets))
        for batch in prefix_batches(split.table, targets, sequence, _SCORED, self.device):
            ranks[batch.place] = masked_ranks(*self._scored(memory, batch, None)).cpu().numpy()
        return ranks

    def _sequence(self, split: NextUserSplit, part: Part) -> WindowSequence:
        sequence = window_sequence(split, part, self.training.windows)
        return replace(sequence, windows=tuple(window.to(self.device) for window in sequence.windows))

    def _targets(self, split: NextUserSplit, part: Part) -> Targets:
        """Targets to learn from: a user who is no candidate teaches nothing."""
        targets = split.targets(part)
        columns = (targets.cascade, targets.position, targets.user, targets.time, targets.repeated)
        return Targets(*(column[~targets.repeated] for column in columns))


def _friendships(users: np.ndarray, edges: np.ndarray | None) -> Friendships | None:
    """Edges among the users; None where there are none."""
    if edges is None or not len(edges):
        return None
    pairs = user_links(users, edges)
    return Friendships.of(pairs[:, 0], pairs[:, 1], len(users)) if len(pairs) else None


def _map_at_100(ranks: np.ndarray) -> float:
    return float(np.where(ranks <= 100, 1 / np.maximum(ranks, 1), 0.0).mean())

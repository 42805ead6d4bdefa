"""The steps of an epoch: what they ask, how fast they learn, and what they change."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.graph import SocialGraph
from graphsocial.learn.batches_ahead import batches_ahead
from graphsocial.learn.batching import Batch, ContentIndex, plan_steps
from graphsocial.learn.compiled_parts import telling_compiler_trouble
from graphsocial.learn.examples import Examples
from graphsocial.learn.gradient_sum import sum_gradients
from graphsocial.learn.memory_limit import telling_memory_limit
from graphsocial.learn.model import Model
from graphsocial.learn.seeds import derived_seed
from graphsocial.learn.step_parts import StepPart, own_parts
from graphsocial.learn.workplace import Workplace
from graphsocial.nn.balancing import Balance


@dataclass(frozen=True)
class StepsDone:
    """What the steps of one epoch came to.

    Attributes:
        losses: Task to mean training loss.
        rows: Training rows of all processes together.
        seconds: Duration.
        waited: Seconds of it spent waiting for batches.
    """

    losses: Mapping[str, float]
    rows: int
    seconds: float
    waited: float


@dataclass(frozen=True)
class TrainingSteps:
    """One model on its training examples, an epoch's steps at a time.

    Everything random comes from the seed of the run, the epoch and the step.

    Attributes:
        model: What learns.
        balance: How task losses are combined.
        optimizer: Of the parameters of both.
        graph: Graph or view to sample from.
        content: Token rows of its nodes.
        train: Task to training rows.
        work: Tasks and settings.
    """

    model: Model
    balance: Balance
    optimizer: torch.optim.Optimizer
    graph: SocialGraph
    content: ContentIndex
    train: Mapping[str, Examples]
    work: Workplace

    def plan(self, epoch: int, order: int) -> list[dict[str, Examples]]:
        """Rows of every step of an epoch, in an order that has a seed of its own."""
        rows = {
            name: self.work.tasks[name].for_epoch(found, derived_seed(self.work.rng, "thin", name, epoch))
            for name, found in self.train.items()
        }
        return plan_steps(rows, self.work.training.batch_size, order)

    def take(self, epoch: int, per_epoch: int) -> StepsDone:
        """Takes the steps of an epoch.

        Args:
            epoch: Number, from 0.
            per_epoch: Steps of an epoch as the learning rate counts them.

        Raises:
            JobError: When memory runs out, or another process of the training has ended.
        """
        began, waited = time.perf_counter(), 0.0
        work, model, optimizer = self.work, self.model, self.optimizer
        self._seed_noise(epoch)
        totals: dict[str, list[Tensor]] = {name: [] for name in work.tasks}
        shared = list(model.encoder.parameters())
        everything = [p for group in optimizer.param_groups for p in group["params"]]
        order = derived_seed(work.rng, "order", epoch)
        plan = self.plan(epoch, order)
        parts = own_parts(plan, work.processes, work.compute.accumulate, order)
        batches = batches_ahead(
            (self._maker(part, epoch) for part in parts), work.compute.ahead(work.device), work.device
        )
        part = None
        trouble = telling_compiler_trouble() if work.compute.compile else nullcontext()
        with telling_memory_limit(lambda: self._memory_advice(part, epoch)), trouble, closing(batches):
            for part in parts:
                tick = time.perf_counter()
                batch = next(batches)
                waited += time.perf_counter() - tick
                if part.first:
                    for group in optimizer.param_groups:
                        group["lr"] = self._rate(epoch * per_epoch + part.step, per_epoch)
                    optimizer.zero_grad(set_to_none=True)
                if batch is not None:
                    with work.precision():
                        outputs = model(batch, work.tasks)
                        losses = {
                            name: work.tasks[name].loss(model.heads[name], output.float(), part.rows[name])
                            for name, output in outputs.items()
                        }
                    if part.share is None:
                        self.balance.backward(losses, shared)
                    else:
                        self.balance.backward(losses, shared, part.share)
                    for name, loss in losses.items():
                        totals[name].append(loss.detach() * (1.0 if part.share is None else part.share[name]))
                if part.last:
                    sum_gradients(everything, work.processes)
                    nn.utils.clip_grad_norm_(everything, work.training.clip)
                    optimizer.step()
        losses_seen = self._mean_losses(plan, totals)
        rows_seen = sum(len(rows) for step in plan for rows in step.values())
        return StepsDone(losses_seen, rows_seen, time.perf_counter() - began, waited)

    def _seed_noise(self, epoch: int) -> None:
        work = self.work
        self.model.train()
        own = () if work.processes.count == 1 else (work.processes.rank,)
        noise = derived_seed(work.rng, "dropout", epoch, *own)
        self.model.encoder.generator = torch.Generator(work.device).manual_seed(noise)
        if hasattr(self.balance, "generator"):
            self.balance.generator = torch.Generator().manual_seed(derived_seed(work.rng, "balance", epoch))

    def _maker(self, part: StepPart, epoch: int) -> Callable[[], Batch | None]:
        """Samples the batch of a part, when it is called."""
        place = (part.step,) if part.part is None else (part.step, part.part)
        seed = derived_seed(self.work.rng, "neighbours", epoch, *place)

        def make() -> Batch | None:
            if not part.rows:
                return None
            return self.work.batch(self.graph, self.content, part.rows, seed)

        return make

    def _rate(self, step: int, per_epoch: int) -> float:
        training = self.work.training
        warm = min(1.0, (step + 1) / max(training.warmup, 1))
        done = step / max(1, per_epoch * training.epochs)
        return training.learning_rate * warm * (0.05 + 0.95 * 0.5 * (1 + float(np.cos(np.pi * done))))

    def _mean_losses(
        self, plan: Sequence[Mapping[str, Examples]], totals: Mapping[str, list[Tensor]]
    ) -> dict[str, float]:
        """Mean loss of each task over the steps that asked about it, over all processes."""
        values = {name: torch.stack(found).tolist() if found else [] for name, found in totals.items()}
        if self.work.processes.count == self.work.compute.accumulate == 1:
            return {name: float(np.mean(found)) for name, found in values.items() if found}
        asked = {name: sum(name in step for step in plan) for name in totals}
        sums = [sum(values[name]) for name in totals]
        total = self.work.processes.sum(torch.tensor(sums, dtype=torch.float64)).tolist()
        return {name: one / asked[name] for name, one in zip(totals, total, strict=True) if asked[name]}

    def _memory_advice(self, part: StepPart | None, epoch: int) -> str:
        rows = {} if part is None else {name: len(found) for name, found in part.rows.items()}
        held = ", ".join(f"{count} of {name}" for name, count in rows.items()) or "none"
        training, parts = self.work.training, self.work.compute.accumulate
        return (
            f"{self.work}, step {0 if part is None else part.step} of epoch {epoch}: batch_size "
            f"{training.batch_size} in {self.work.processes.count} × {parts} part(s), this one with "
            f"rows {held}, fanout {training.fanout}; raise accumulate to {2 * parts} (same "
            "steps, about half the memory), or lower batch_size, fanout or the encoder's channels"
        )

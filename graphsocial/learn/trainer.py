"""Trains one encoder with several heads, selects on validation data only, and scores it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.embed import EmbeddingTable
from graphsocial.errors import DataIntegrityError, JobError, NotFittedError, SchemaError, did_you_mean
from graphsocial.graph import SocialGraph
from graphsocial.learn.agreement import check_agreement, data_facts, state_facts
from graphsocial.learn.batches_ahead import batches_ahead
from graphsocial.learn.batching import (
    Batch,
    ContentIndex,
    make_batch,
    message_edge_types,
    plan_steps,
    structure_channels,
)
from graphsocial.learn.checkpoint import read_checkpoint, write_checkpoint
from graphsocial.learn.compiled_parts import compile_parts, telling_compiler_trouble
from graphsocial.learn.compute_config import ComputeConfig
from graphsocial.learn.device import pick_device
from graphsocial.learn.epoch_report import EpochReport
from graphsocial.learn.examples import Examples
from graphsocial.learn.gradient_sum import sum_gradients
from graphsocial.learn.memory_limit import telling_memory_limit
from graphsocial.learn.model import Model, ModelShape
from graphsocial.learn.optimizer_state import dump_optimizer, load_optimizer
from graphsocial.learn.processes import Processes, SingleProcess
from graphsocial.learn.seeds import derived_seed
from graphsocial.learn.step_parts import StepPart, own_parts
from graphsocial.learn.task import FittedHead, Task
from graphsocial.learn.temporal_split import Part, TemporalSplit
from graphsocial.learn.training_config import TrainingConfig
from graphsocial.nn import EncoderConfig
from graphsocial.nn.balancing import Balance, MeanBalance, balance_from_name, balance_name

if TYPE_CHECKING:
    from graphsocial.learn.evaluation import Evaluation


@dataclass
class _Progress:
    """Where training stands; everything a resumed run needs besides tensors."""

    epoch: int = 0
    best_epoch: int = -1
    best_score: float = -float("inf")
    reference: dict[str, float] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    stopped: bool = False


class Trainer:
    """Multi-task training with a temporal split.

    Selection looks only at the validation part; the weights are known from `split.test` on. Everything random comes
    from `rng`, the epoch and the step, so a resumed run equals an uninterrupted one to the bit on CPU.

    Args:
        tasks: What to learn; names must differ.
        split: Time cuts.
        encoder: Architecture and its ablation switches.
        training: Loop settings.
        balance: How task losses are combined.
        rng: Seed.
        device: `auto` takes CUDA where there is one; else a torch device name.
        compute: How it is computed: precision, accumulation, compilation, batches made ahead.
        processes: The processes that train this model together, each with a trainer of its own; all of them make the
            same calls in the same order, and process 0 alone writes checkpoints.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        split: TemporalSplit,
        *,
        encoder: EncoderConfig | None = None,
        training: TrainingConfig | None = None,
        balance: Balance | None = None,
        rng: int = 0,
        device: str = "auto",
        compute: ComputeConfig | None = None,
        processes: Processes | None = None,
    ):
        names = [task.name for task in tasks]
        if not names or len(set(names)) != len(names):
            raise SchemaError(f"tasks are named {names}, expected at least one and all different")
        self.tasks = {task.name: task for task in tasks}
        self.split = split
        self.encoder_config = encoder or EncoderConfig()
        self.training = training or TrainingConfig()
        self.balance = balance or MeanBalance()
        self.rng = int(rng)
        self.device = pick_device(device)
        self.compute = compute or ComputeConfig()
        self.processes = processes or SingleProcess()
        self.model: Model | None = None
        self.shape: ModelShape | None = None
        self.encoders: dict[str, Any] = {}
        self.progress = _Progress()
        self._best: dict[str, Tensor] = {}
        self._latest: dict[str, Tensor] = {}
        self._optimizer_state: dict[str, Tensor] = {}
        self._saved: Path | None = None
        self._balance_state = self._balance_now()

    @property
    def known_until(self) -> int:
        """Time from which the weights may be used: they were selected on events before it."""
        return self.split.test

    @property
    def history(self) -> list[dict[str, Any]]:
        """One plain dict per epoch done."""
        return self.progress.history

    def configuration(self) -> dict[str, Any]:
        """Everything that decides the result besides the data, as plain values."""
        return {
            "tasks": [task.to_json() for task in self.tasks.values()],
            "split": {k: getattr(self.split, k) for k in ("start", "valid", "test", "end")},
            "encoder": asdict(self.encoder_config),
            "training": asdict(self.training),
            "balance": balance_name(self.balance),
            "rng": self.rng,
        }

    def task(self, name: str) -> Task:
        """The task of that name; raises SchemaError naming the nearest one."""
        if name not in self.tasks:
            raise SchemaError(
                f"no task {name!r}, expected one of {', '.join(self.tasks)}.{did_you_mean(name, self.tasks)}"
            )
        return self.tasks[name]

    def examples(self, graph: SocialGraph, part: Part, tasks: Sequence[str] | None = None) -> dict[str, Examples]:
        """Labelled examples of a part, per task.

        Rows of validation and test whose `disjoint_by` group occurred in training are dropped and counted.
        """
        start, end = self.split.window(part, graph)
        chosen = {name: self.tasks[name] for name in (tasks or self.tasks)}
        train = {} if part == "train" else self.examples(graph, "train", list(chosen))
        found = {}
        for name, task in chosen.items():
            a, b = task.test_window((start, end)) if part == "test" else (start, end)
            seed = derived_seed(self.rng, name, part)
            classes = train[name].classes if name in train else None
            if self.shape is not None and name in self.shape.heads:
                classes = self.shape.heads[name].classes
            rows = task.examples(graph, a, b, seed, classes)
            if part != "train" and getattr(task, "disjoint_by", None):
                rows = _without_groups(rows, train[name], graph.as_of(b), task)
            found[name] = rows
        return found

    def epochs(
        self,
        graph: SocialGraph,
        tokens: EmbeddingTable,
        *,
        train: Mapping[str, Examples] | None = None,
        valid: Mapping[str, Examples] | None = None,
    ) -> Iterator[EpochReport]:
        """Trains, one report per epoch, until the validation score stops improving; then holds the best weights.

        Continues where an opened checkpoint stopped. The caller owns the progress bar and calls `save` when it likes.

        Args:
            graph: Graph with the training and validation events.
            tokens: Content of its nodes.
            train: Training examples by task instead of the split's, for protocols that are not temporal; give `valid`
                too. Every question still sees only its own past.
            valid: Validation examples by task instead of the split's.

        Raises:
            SchemaError: When a task has no training example, or no task has a validation example.
            DataIntegrityError: When an opened checkpoint was trained on other data.
            LeakageError: When labels would have to be read from after a cut.
            JobError: When memory runs out, or another process of the training has ended.
        """
        own_examples = train is not None and valid is not None
        if not own_examples:  # what comes after the cut decides nothing, not even which modalities the model has
            graph = graph.as_of(min(self.split.test, _end(graph)))
        train = dict(train) if train is not None else self.examples(graph, "train")
        empty = [name for name, rows in train.items() if not len(rows)]
        if empty and self.shape is not None:
            raise DataIntegrityError(
                "the checkpoint was trained on other data: this graph has no training example that fits its head(s) "
                f"{', '.join(empty)}"
            )
        if empty:
            raise SchemaError(f"no training example before the validation cut for task(s) {', '.join(empty)}")
        content = ContentIndex.of(graph, tokens)
        self._build(graph, content, tokens, train)
        model = self._fitted_model()
        past = graph if own_examples else graph.as_of(min(self.split.valid, _end(graph)))
        valid = dict(valid) if valid is not None else self.examples(graph, "valid")
        if not any(len(rows) for rows in valid.values()):
            raise SchemaError(
                f"no validation example between the cuts for task(s) {', '.join(valid)}, nothing to select on"
            )
        if self._latest:
            model.load_state_dict(self._latest)
        if isinstance(self.balance, nn.Module):
            self.balance.load_state_dict(self._balance_state)
        extra = list(self.balance.parameters()) if isinstance(self.balance, nn.Module) else []
        optimizer = torch.optim.AdamW(
            [*model.parameters(), *extra], lr=self.training.learning_rate, weight_decay=self.training.weight_decay
        )
        load_optimizer(optimizer, self._optimizer_state)
        if self.processes.count > 1:
            weights = self._latest or model.state_dict()
            check_agreement(self.processes, state_facts(self.configuration(), weights) | data_facts(graph, train))
        if self.compute.compile:
            compile_parts(model)
        steps = len(plan_steps(self._for_epoch(train, 0), self.training.batch_size, 0))
        try:
            while self.progress.epoch < self.training.epochs and not self.progress.stopped:
                try:
                    report = self._epoch(model, optimizer, past, graph, content, train, valid, steps)
                except JobError as error:
                    raise JobError(f"{error}; {self._where_to_go_on()}") from error
                yield report
        finally:
            if self._best:
                model.load_state_dict(self._best)
            else:
                self.model = None  # half an epoch is no start for the next attempt

    def _for_epoch(self, train: Mapping[str, Examples], epoch: int) -> dict[str, Examples]:
        return {n: self.tasks[n].for_epoch(rows, derived_seed(self.rng, "thin", n, epoch)) for n, rows in train.items()}

    def _where_to_go_on(self) -> str:
        if self._saved is None:
            return "no checkpoint was saved before"
        return f"the last checkpoint, {self._saved}, holds {self.progress.epoch} epoch(s) and training goes on from it"

    def _epoch(
        self,
        model: Model,
        optimizer: torch.optim.Optimizer,
        past: SocialGraph,
        selection: SocialGraph,
        content: ContentIndex,
        train: dict[str, Examples],
        valid: dict[str, Examples],
        steps: int,
    ) -> EpochReport:
        began, waited = time.perf_counter(), 0.0
        epoch = self.progress.epoch
        model.train()
        own = () if self.processes.count == 1 else (self.processes.rank,)
        noise = derived_seed(self.rng, "dropout", epoch, *own)
        model.encoder.generator = torch.Generator(self.device).manual_seed(noise)
        if hasattr(self.balance, "generator"):
            self.balance.generator = torch.Generator().manual_seed(derived_seed(self.rng, "balance", epoch))
        totals: dict[str, list[Tensor]] = {name: [] for name in self.tasks}
        shared = list(model.encoder.parameters())
        everything = [p for group in optimizer.param_groups for p in group["params"]]
        order = derived_seed(self.rng, "order", epoch)
        plan = plan_steps(self._for_epoch(train, epoch), self.training.batch_size, order)
        parts = own_parts(plan, self.processes, self.compute.accumulate, order)
        batches = batches_ahead(
            (self._maker(past, content, part, epoch) for part in parts), self.compute.ahead(self.device), self.device
        )
        part = None
        trouble = telling_compiler_trouble() if self.compute.compile else nullcontext()
        with telling_memory_limit(lambda: self._memory_advice(part)), trouble, closing(batches):
            for part in parts:
                tick = time.perf_counter()
                batch = next(batches)
                waited += time.perf_counter() - tick
                if part.first:
                    for group in optimizer.param_groups:
                        group["lr"] = self._rate(epoch * steps + part.step, steps)
                    optimizer.zero_grad(set_to_none=True)
                if batch is not None:
                    with torch.autocast(self.device.type, torch.bfloat16, enabled=self.compute.half(self.device)):
                        outputs = model(batch, self.tasks)
                        losses = {
                            name: self.tasks[name].loss(model.heads[name], output.float(), part.rows[name])
                            for name, output in outputs.items()
                        }
                    if part.share is None:
                        self.balance.backward(losses, shared)
                    else:
                        self.balance.backward(losses, shared, part.share)
                    for name, loss in losses.items():
                        totals[name].append(loss.detach() * (1.0 if part.share is None else part.share[name]))
                if part.last:
                    sum_gradients(everything, self.processes)
                    nn.utils.clip_grad_norm_(everything, self.training.clip)
                    optimizer.step()
        losses_seen = self._mean_losses(plan, totals)
        rows_seen = sum(len(rows) for step in plan for rows in step.values())
        trained = time.perf_counter() - began
        with telling_memory_limit(self._scoring_advice):
            predicted = self.predict(selection, content, valid)
        validation = {
            name: self.tasks[name].metric(prediction, valid[name].target, valid[name].query)
            for name, prediction in predicted.items()
        }
        score = self._score(validation)
        selected = score > self.progress.best_score
        self._latest = {k: v.detach().clone() for k, v in model.state_dict().items()}
        self._optimizer_state, self._balance_state = dump_optimizer(optimizer), self._balance_now()
        if selected:
            self.progress.best_epoch, self.progress.best_score, self._best = epoch, score, self._latest
        self.progress.epoch += 1
        self.progress.stopped = epoch - self.progress.best_epoch >= self.training.patience
        report = EpochReport(
            epoch=epoch,
            losses=losses_seen,
            validation=validation,
            score=score,
            selected=selected,
            seconds=time.perf_counter() - began,
            examples_per_second=rows_seen / max(trained, 1e-9),
            sampler_share=waited / max(trained, 1e-9),
        )
        self.progress.history.append(asdict(report))
        return report

    def _maker(
        self, past: SocialGraph, content: ContentIndex, part: StepPart, epoch: int
    ) -> Callable[[], Batch | None]:
        """Samples the batch of a part, when it is called."""
        place = (part.step,) if part.part is None else (part.step, part.part)
        seed = derived_seed(self.rng, "neighbours", epoch, *place)

        def make() -> Batch | None:
            if not part.rows:
                return None
            return make_batch(past, content, part.rows, self.training.fanout, seed, self.training.strategy)

        return make

    def _memory_advice(self, part: StepPart | None) -> str:
        rows = {} if part is None else {name: len(found) for name, found in part.rows.items()}
        held = ", ".join(f"{count} of {name}" for name, count in rows.items()) or "none"
        return (
            f"on rank {self.processes.rank} of {self.processes.count} ({self.device}), step "
            f"{0 if part is None else part.step} of epoch {self.progress.epoch}: batch_size "
            f"{self.training.batch_size} in {self.processes.count} × {self.compute.accumulate} part(s), this one with "
            f"rows {held}, fanout {self.training.fanout}; raise accumulate to {2 * self.compute.accumulate} (same "
            "steps, about half the memory), or lower batch_size, fanout or the encoder's channels"
        )

    def _scoring_advice(self) -> str:
        return (
            f"on rank {self.processes.rank} of {self.processes.count} ({self.device}), scoring after epoch "
            f"{self.progress.epoch} with score_batch {self.training.score_batch}; lower score_batch or fanout"
        )

    def _mean_losses(
        self, plan: Sequence[Mapping[str, Examples]], totals: Mapping[str, list[Tensor]]
    ) -> dict[str, float]:
        """Mean loss of each task over the steps that asked about it, over all processes."""
        values = {name: torch.stack(found).tolist() if found else [] for name, found in totals.items()}
        if self.processes.count == self.compute.accumulate == 1:
            return {name: float(np.mean(found)) for name, found in values.items() if found}
        asked = {name: sum(name in step for step in plan) for name in totals}
        sums = [sum(values[name]) for name in totals]
        total = self.processes.sum(torch.tensor(sums, dtype=torch.float64)).tolist()
        return {name: one / asked[name] for name, one in zip(totals, total, strict=True) if asked[name]}

    def _rate(self, step: int, steps: int) -> float:
        warm = min(1.0, (step + 1) / max(self.training.warmup, 1))
        done = step / max(1, steps * self.training.epochs)
        return self.training.learning_rate * warm * (0.05 + 0.95 * 0.5 * (1 + float(np.cos(np.pi * done))))

    def _score(self, validation: Mapping[str, float]) -> float:
        """Mean over tasks; an error counts as its reduction relative to the first epoch, so that units cancel."""
        parts = []
        for name, value in validation.items():
            if not np.isfinite(value):
                continue
            first = self.progress.reference.setdefault(name, value)
            parts.append(value if self.tasks[name].metric.higher_is_better else 1 - value / max(abs(first), 1e-12))
        return float(np.mean(parts)) if parts else 0.0

    def _build(
        self, graph: SocialGraph, content: ContentIndex, tokens: EmbeddingTable, train: Mapping[str, Examples]
    ) -> None:
        shape = ModelShape(
            node_types=tuple(graph.node_types),
            edge_types=tuple(message_edge_types(graph)),
            token_channels=content.token_channels,
            structure_channels=structure_channels(graph),
            heads={name: self.tasks[name].fit_head(rows) for name, rows in train.items()},
        )
        if self.shape is not None and self.shape != shape:
            raise DataIntegrityError(
                "the checkpoint was trained on other data: its node types, edge types, token channels or training "
                f"classes are {self.shape}, this graph has {shape}"
            )
        self.shape = shape
        self.encoders = {m: asdict(t.encoder) for m, t in tokens.tokens.items()}
        if self.model is None:
            self.model = self._new_model(shape)

    def _new_model(self, shape: ModelShape) -> Model:
        if isinstance(self.balance, nn.Module):
            self.balance.to(self.device)
        return Model(self.encoder_config, list(self.tasks.values()), shape, self.rng).to(self.device)

    def _balance_now(self) -> dict[str, Tensor]:
        state = self.balance.state_dict() if isinstance(self.balance, nn.Module) else {}
        return {name: value.detach().clone() for name, value in state.items()}

    def _fitted_model(self) -> Model:
        if self.model is None:
            raise NotFittedError("the model has no weights yet; train it with `epochs` or open a checkpoint")
        return self.model

    @torch.inference_mode()
    def outputs(self, graph: SocialGraph, content: ContentIndex, examples: Mapping[str, Examples]) -> dict[str, Tensor]:
        """Head outputs for examples, on the CPU, in their order; each process works on its share of the blocks."""
        model = self._fitted_model()
        model.eval()
        found: dict[str, list[Tensor]] = {name: [] for name in examples}
        for name, rows in examples.items():
            for number, start in enumerate(range(0, max(len(rows), 1), self.training.score_batch)):
                if number % self.processes.count != self.processes.rank:
                    continue
                part = rows.take(np.arange(start, min(start + self.training.score_batch, len(rows))))
                if not len(part):
                    continue
                seed = derived_seed(self.rng, "score", name, start)
                batch = make_batch(graph, content, {name: part}, self.training.fanout, seed, self.training.strategy).to(
                    self.device
                )
                with torch.autocast(self.device.type, torch.bfloat16, enabled=self.compute.half(self.device)):
                    found[name].append(model(batch, self.tasks)[name].float().cpu())
        return {name: torch.cat(parts) for name, parts in _in_order(self.processes.gather(found)).items() if parts}

    def predict(
        self, graph: SocialGraph, content: ContentIndex, examples: Mapping[str, Examples]
    ) -> dict[str, np.ndarray]:
        """Predictions in the form each task's metric takes."""
        return {
            name: self.tasks[name].prediction(output) for name, output in self.outputs(graph, content, examples).items()
        }

    def evaluate(
        self, graph: SocialGraph, tokens: EmbeddingTable, *, with_floors: bool = True, resamples: int = 1000
    ) -> Evaluation:
        """Scores the test part with intervals, beside the floors; see `evaluation.evaluate`."""
        from graphsocial.learn.evaluation import evaluate

        return evaluate(self, graph, tokens, with_floors=with_floors, resamples=resamples)

    def save(self, path: str | Path) -> None:
        """Writes weights, optimiser, progress and configuration to one file, atomically; only process 0 does.

        Raises:
            NotFittedError: Before the first epoch.
            DataIntegrityError: When the file cannot be written; an earlier one is untouched.
        """
        if self.shape is None or not self._latest:
            raise NotFittedError("nothing to save before the first epoch is done")
        tensors = {f"latest.{k}": v for k, v in self._latest.items()}
        if self._best is not self._latest:
            tensors |= {f"best.{k}": v for k, v in self._best.items()}
        tensors |= {f"optimizer.{k}": v for k, v in self._optimizer_state.items()}
        tensors |= {f"balance.{k}": v for k, v in self._balance_state.items()}
        if self.processes.rank == 0:
            write_checkpoint(Path(path), tensors, self._state())
        self._saved = Path(path)

    def _state(self) -> dict[str, Any]:
        assert self.shape is not None
        shape = asdict(self.shape)
        return {
            **self.configuration(),
            "known_until": self.known_until,
            "shape": shape,
            "encoders": self.encoders,
            "progress": asdict(self.progress),
        }

    @classmethod
    def open(
        cls,
        path: str | Path,
        device: str = "auto",
        *,
        compute: ComputeConfig | None = None,
        processes: Processes | None = None,
    ) -> Trainer:
        """A trainer as it was saved, holding its best weights; `epochs` continues from the latest.

        Args:
            path: File that `save` wrote, on this machine or another, by one process or several.
            device: Where to compute now.
            compute: How to compute now.
            processes: Who trains now.

        Raises:
            DataIntegrityError: When the file is missing, damaged or of another version.
        """
        tensors, state = read_checkpoint(Path(path))
        try:
            tasks = [Task.from_json(raw) for raw in state["tasks"]]
            trainer = cls(
                tasks,
                TemporalSplit(**state["split"]),
                encoder=EncoderConfig(**_tuples(state["encoder"])),
                training=TrainingConfig(**_tuples(state["training"])),
                balance=balance_from_name(state["balance"], [t.name for t in tasks]),
                rng=state["rng"],
                device=device,
                compute=compute,
                processes=processes,
            )
            raw = state["shape"]
            heads = {name: FittedHead(**_tuples(head)) for name, head in raw["heads"].items()}
            trainer.shape = ModelShape(
                tuple(raw["node_types"]),
                tuple(tuple(e) for e in raw["edge_types"]),  # type: ignore[misc]
                raw["token_channels"],
                raw["structure_channels"],
                heads,
            )
            trainer.encoders = state["encoders"]
            trainer.progress = _Progress(**state["progress"])
            groups = {g: _strip(tensors, f"{g}.") for g in ("latest", "best", "optimizer", "balance")}
            trainer._latest, trainer._optimizer_state = groups["latest"], groups["optimizer"]
            trainer._best = groups["best"] or groups["latest"]
            trainer.model = trainer._new_model(trainer.shape)
            trainer.model.load_state_dict(trainer._best)
            if isinstance(trainer.balance, nn.Module):
                trainer.balance.load_state_dict(groups["balance"])
                trainer._balance_state = trainer._balance_now()
        except (KeyError, TypeError, RuntimeError) as error:
            raise DataIntegrityError(f"{path} does not fit this version of graphsocial: {error}") from error
        trainer._saved = Path(path)
        return trainer

    def extend(self, epochs: int) -> None:
        """Raises the number of epochs and lifts an early stop, to train an opened checkpoint further."""
        self.training = replace(self.training, epochs=epochs)
        self.progress.stopped = False


def _in_order(found: Sequence[Mapping[str, list[Tensor]]]) -> dict[str, list[Tensor]]:
    """Blocks in their order, from what each process made of every so many of them."""
    blocks: dict[str, list[Tensor]] = {}
    for name in found[0]:
        count = sum(len(one[name]) for one in found)
        blocks[name] = [found[number % len(found)][name][number // len(found)] for number in range(count)]
    return blocks


def _end(graph: SocialGraph) -> int:
    return 2**62 if graph.end is None else graph.end


def _without_groups(rows: Examples, train: Examples, view: SocialGraph, task: Any) -> Examples:
    """Drops rows whose `disjoint_by` group, as the view of their part's end shows it, occurred in training."""
    from graphsocial.learn.task import groups_of

    seen = set(groups_of(view, "post", train.nodes["node"][1], task.disjoint_by))
    groups = groups_of(view, "post", rows.nodes["node"][1], task.disjoint_by)
    fresh = np.array([g not in seen for g in groups], dtype=bool)
    kept = rows.take(fresh)
    return replace(kept, dropped={**rows.dropped, f"whose {task.disjoint_by} was in training": int((~fresh).sum())})


def _tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a frozen dataclass as JSON gave them back."""
    read: dict[str, Any] = {}
    for name, value in fields.items():
        read[name] = tuple(value) if isinstance(value, list) else value
    return read


def _strip(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}

"""Trains one encoder with several heads, selects on validation data only, and scores it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.embed import EmbeddingTable
from graphsocial.errors import DataIntegrityError, JobError, NotFittedError, SchemaError, did_you_mean
from graphsocial.graph import SocialGraph
from graphsocial.learn.agreement import check_agreement, data_facts, state_facts
from graphsocial.learn.batching import ContentIndex, message_edge_types, structure_channels
from graphsocial.learn.checkpoint import read_checkpoint, write_checkpoint
from graphsocial.learn.compiled_parts import compile_parts
from graphsocial.learn.compute_config import ComputeConfig
from graphsocial.learn.device import pick_device
from graphsocial.learn.epoch_report import EpochReport
from graphsocial.learn.examples import Examples
from graphsocial.learn.memory_limit import telling_memory_limit
from graphsocial.learn.model import Model, ModelShape
from graphsocial.learn.model_outputs import model_outputs
from graphsocial.learn.optimizer_state import dump_optimizer, load_optimizer
from graphsocial.learn.part_examples import part_examples
from graphsocial.learn.processes import Processes, SingleProcess
from graphsocial.learn.task import Task
from graphsocial.learn.temporal_split import Part, TemporalSplit
from graphsocial.learn.trained_state import TrainedState
from graphsocial.learn.training_config import TrainingConfig
from graphsocial.learn.training_progress import TrainingProgress
from graphsocial.learn.training_recipe import Recipe
from graphsocial.learn.training_steps import TrainingSteps
from graphsocial.learn.workplace import Workplace
from graphsocial.nn import EncoderConfig
from graphsocial.nn.balancing import Balance, MeanBalance

if TYPE_CHECKING:
    from graphsocial.learn.evaluation import Evaluation


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
        self.progress = TrainingProgress()
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
        return self._recipe().to_json()

    def _recipe(self) -> Recipe:
        return Recipe(list(self.tasks.values()), self.split, self.encoder_config, self.training, self.balance, self.rng)

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
        chosen = {name: self.tasks[name] for name in (tasks or self.tasks)}
        heads = {} if self.shape is None else self.shape.heads
        return part_examples(graph, part, self.split, chosen, heads, self.rng)

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
        steps = TrainingSteps(model, self.balance, optimizer, past, content, train, self._work())
        per_epoch = len(steps.plan(0, 0))
        try:
            while self.progress.epoch < self.training.epochs and not self.progress.stopped:
                try:
                    report = self._epoch(replace(steps, work=self._work()), per_epoch, graph, valid)
                except JobError as error:
                    raise JobError(f"{error}; {self._where_to_go_on()}") from error
                yield report
        finally:
            if self._best:
                model.load_state_dict(self._best)
            else:
                self.model = None  # half an epoch is no start for the next attempt

    def _where_to_go_on(self) -> str:
        if self._saved is None:
            return "no checkpoint was saved before"
        return f"the last checkpoint, {self._saved}, holds {self.progress.epoch} epoch(s) and training goes on from it"

    def _work(self) -> Workplace:
        return Workplace(self.tasks, self.training, self.compute, self.device, self.processes, self.rng)

    def _epoch(
        self, steps: TrainingSteps, per_epoch: int, selection: SocialGraph, valid: Mapping[str, Examples]
    ) -> EpochReport:
        began, epoch = time.perf_counter(), self.progress.epoch
        done = steps.take(epoch, per_epoch)
        with telling_memory_limit(self._scoring_advice):
            predicted = self.predict(selection, steps.content, valid)
        validation = {
            name: self.tasks[name].metric(prediction, valid[name].target, valid[name].query)
            for name, prediction in predicted.items()
        }
        score = self.progress.score(validation, self.tasks)
        self._latest = {k: v.detach().clone() for k, v in steps.model.state_dict().items()}
        self._optimizer_state, self._balance_state = dump_optimizer(steps.optimizer), self._balance_now()
        selected = self.progress.step_on(score, self.training.patience)
        if selected:
            self._best = self._latest
        report = EpochReport(
            epoch=epoch,
            losses=done.losses,
            validation=validation,
            score=score,
            selected=selected,
            seconds=time.perf_counter() - began,
            examples_per_second=done.rows / max(done.seconds, 1e-9),
            sampler_share=done.waited / max(done.seconds, 1e-9),
        )
        self.progress.history.append(asdict(report))
        return report

    def _scoring_advice(self) -> str:
        return (
            f"{self._work()}, scoring after epoch {self.progress.epoch} with score_batch {self.training.score_batch}; "
            "lower score_batch or fanout"
        )

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

    def outputs(self, graph: SocialGraph, content: ContentIndex, examples: Mapping[str, Examples]) -> dict[str, Tensor]:
        """Head outputs for examples, on the CPU, in their order; each process works on its share of the blocks."""
        return model_outputs(self._fitted_model(), self._work(), graph, content, examples)

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
        state = TrainedState(
            self._recipe(),
            self.shape,
            self.encoders,
            self.progress,
            self._latest,
            self._best,
            self._optimizer_state,
            self._balance_state,
        )
        if self.processes.rank == 0:
            write_checkpoint(Path(path), *state.pack())
        self._saved = Path(path)

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
        packed = read_checkpoint(Path(path))
        try:
            state = TrainedState.unpack(*packed)
            recipe = state.recipe
            trainer = cls(
                recipe.tasks,
                recipe.split,
                encoder=recipe.encoder,
                training=recipe.training,
                balance=recipe.balance,
                rng=recipe.rng,
                device=device,
                compute=compute,
                processes=processes,
            )
            trainer._take_up(state)
        except (KeyError, TypeError, RuntimeError) as error:
            raise DataIntegrityError(f"{path} does not fit this version of graphsocial: {error}") from error
        trainer._saved = Path(path)
        return trainer

    def _take_up(self, state: TrainedState) -> None:
        self.shape, self.encoders, self.progress = state.shape, state.encoders, state.progress
        self._latest, self._best, self._optimizer_state = state.latest, state.best, state.optimizer
        self.model = self._new_model(state.shape)
        self.model.load_state_dict(state.best)
        if isinstance(self.balance, nn.Module):
            self.balance.load_state_dict(state.balance)
            self._balance_state = self._balance_now()

    def extend(self, epochs: int) -> None:
        """Raises the number of epochs and lifts an early stop, to train an opened checkpoint further."""
        self.training = replace(self.training, epochs=epochs)
        self.progress.stopped = False


def _end(graph: SocialGraph) -> int:
    return 2**62 if graph.end is None else graph.end

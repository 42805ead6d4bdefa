"""A step taken by several processes, or in several parts, is the step of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from graphsocial.errors import DataIntegrityError, JobError
from graphsocial.learn import ComputeConfig, Task, Trainer, TrainingConfig
from graphsocial.learn import trainer as trainer_module
from graphsocial.learn import workplace as workplace_module
from graphsocial.learn.batching import plan_steps
from graphsocial.learn.step_parts import own_parts
from graphsocial.nn import EncoderConfig
from graphsocial.nn.balancing import Balance, MeanBalance, PCGrad, UncertaintyBalance
from tests.leakage.outputs import SPLIT, every_task
from tests.learn.small_training import equal, small_tasks, weights, world_graph, world_tokens
from tests.scale.training.processes_in_turn import ProcessInTurn, in_turn

QUIET = {"dropout": 0.0, "modality_dropout": 0.0}
"""Without noise there is nothing that could differ but the rounding."""

BALANCES: dict[str, Callable[[list[Task]], Balance]] = {
    "mean": lambda tasks: MeanBalance(),
    "uncertainty": lambda tasks: UncertaintyBalance([task.name for task in tasks]),
}


def a_trainer(
    tasks: list[Task] | None = None, balance: Balance | None = None, processes: Any = None, **more: Any
) -> Trainer:
    settings = {"epochs": 2, "batch_size": 60, "fanout": (3,), "warmup": 1, "patience": 9}
    settings |= {name: more.pop(name) for name in list(more) if name in TrainingConfig.__dataclass_fields__}
    compute = ComputeConfig(**{n: more.pop(n) for n in list(more) if n in ComputeConfig.__dataclass_fields__})
    return Trainer(
        small_tasks() if tasks is None else tasks,
        SPLIT,
        encoder=EncoderConfig(**({"channels": 8, "heads": 2, "layers": 1} | QUIET | more)),
        training=TrainingConfig(**settings),
        balance=balance,
        rng=3,
        device="cpu",
        compute=compute,
        processes=processes,
    )


class _FirstStepError(Exception):
    def __init__(self, grads: dict[str, torch.Tensor | None]):
        super().__init__()
        self.grads = grads


def first_gradients(monkeypatch: pytest.MonkeyPatch, count: int, **settings: Any) -> dict[str, torch.Tensor | None]:
    """Gradients of every parameter, the balance's own included, before they are clipped."""
    make = settings.pop("balance", None)
    tasks: list[Task] = settings.pop("tasks", None) or small_tasks()

    def play(processes: ProcessInTurn | None) -> dict[str, torch.Tensor | None]:
        balance = make(tasks) if make else MeanBalance()
        trainer = a_trainer(tasks, balance, processes, **settings)
        try:
            next(trainer.epochs(world_graph(), world_tokens()))
        except _FirstStepError as stop:
            names = [*(n for n, _ in trainer_models[-1].named_parameters())]
            return dict(zip(names, stop.grads.values(), strict=False)) | {
                f"own {i}": g for i, g in enumerate(list(stop.grads.values())[len(names) :])
            }
        raise AssertionError("no step was taken")

    trainer_models: list[Any] = []
    build = Trainer._new_model

    def remember(self: Trainer, shape: Any) -> Any:
        model = build(self, shape)
        trainer_models.append(model)
        return model

    def stop(parameters: list[Any], *_: Any) -> None:
        raise _FirstStepError({str(i): None if p.grad is None else p.grad.clone() for i, p in enumerate(parameters)})

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_new_model", remember)
        patch.setattr(torch.nn.utils, "clip_grad_norm_", stop)
        if count == 1:
            return play(None)
        found = in_turn(count, play)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    first = found[0]
    for other in found[1:]:
        assert first.keys() == other.keys()
        for name, grad in first.items():
            assert grad is None if other[name] is None else torch.equal(grad, other[name]), name
    return first


def assert_close(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys() and one
    largest = max(float(g.abs().max()) for g in one.values() if g is not None)
    assert largest > 1e-3
    for name, grad in one.items():
        assert (grad is None) == (other[name] is None), name
        if grad is not None:
            assert torch.allclose(grad, other[name], rtol=1e-4, atol=1e-6 * largest), (
                name,
                float((grad - other[name]).abs().max()),
            )


@pytest.mark.parametrize("balance", BALANCES)
def test_gradients_of_two_processes_are_those_of_one(balance: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = first_gradients(monkeypatch, 1, balance=BALANCES[balance])
    assert_close(alone, first_gradients(monkeypatch, 2, balance=BALANCES[balance]))
    assert_close(alone, first_gradients(monkeypatch, 1, balance=BALANCES[balance], accumulate=3))
    assert_close(alone, first_gradients(monkeypatch, 2, balance=BALANCES[balance], accumulate=2))


def test_gradients_of_every_task_are_those_of_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = first_gradients(monkeypatch, 1, tasks=every_task(), batch_size=90)
    assert_close(alone, first_gradients(monkeypatch, 3, tasks=every_task(), batch_size=90))


def test_more_processes_than_questions_hold_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = first_gradients(monkeypatch, 1, batch_size=3)
    found = first_gradients(monkeypatch, 5, batch_size=3)
    assert any(grad is None for grad in found.values()), "a head that nobody asked keeps no gradient"
    assert_close(alone, found)


def test_surgery_without_conflict_is_the_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [Task.post_label("mood")]  # one task has nobody to conflict with
    alone = first_gradients(monkeypatch, 1, tasks=tasks, balance=lambda _: PCGrad())
    assert_close(alone, first_gradients(monkeypatch, 2, tasks=tasks, balance=lambda _: PCGrad(), accumulate=2))


class _Place:
    def __init__(self, rank: int, count: int):
        self.rank, self.count = rank, count


@pytest.mark.parametrize(("count", "accumulate"), [(2, 1), (1, 3), (3, 2)])
def test_parts_hold_every_question_once(count: int, accumulate: int) -> None:
    train = a_trainer().examples(world_graph(), "train")
    plan = plan_steps(train, 40, 7)
    plan.append({"mood": train["mood"].take(np.arange(1))})  # an uneven last step
    own = [own_parts(plan, _Place(rank, count), accumulate, 7) for rank in range(count)]  # type: ignore[arg-type]
    assert {len(parts) for parts in own} == {len(plan) * accumulate}, "nobody waits for a step that another leaves out"
    for number, step in enumerate(plan):
        held = [part for parts in own for part in parts if part.step == number]
        assert sum(part.first for part in held) == sum(part.last for part in held) == count
        for name, rows in step.items():
            queries = [q for part in held if name in part.rows for q in np.unique(part.rows[name].query)]
            assert sorted(queries) == sorted(np.unique(rows.query)), "every question once, and whole"
            assert sum(len(part.rows[name]) for part in held if name in part.rows) == len(rows)
            assert sum(part.share[name] for part in held if part.share) == pytest.approx(1)
    assert {part.part for parts in own for part in parts} == set(range(count * accumulate))


def epochs_of(count: int, until: int, path: Path, opened: Path | None = None, **settings: Any) -> list[Trainer]:
    """Trainers of all processes after training, each of which saved its last epoch to `path`."""

    def play(processes: ProcessInTurn | None) -> Trainer:
        trainer = a_trainer(processes=processes, **settings)
        if opened is not None:
            trainer = Trainer.open(opened, device="cpu", processes=processes)
        for report in trainer.epochs(world_graph(), world_tokens()):
            trainer.save(path)
            if report.epoch + 1 == until:
                break
        return trainer

    found = [play(None)] if count == 1 else in_turn(count, play)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return found  # type: ignore[return-value]


def test_two_processes_learn_what_one_does_and_change_places(tmp_path: Path) -> None:
    (alone,) = epochs_of(1, 3, tmp_path / "alone", epochs=3, batch_size=120)
    first = epochs_of(2, 1, tmp_path / "first", epochs=3, batch_size=120)
    assert equal(weights(first[0]), weights(first[1])), "the processes hold one model"
    assert first[0].history[0]["validation"] == first[1].history[0]["validation"]
    epochs_of(1, 2, tmp_path / "second", tmp_path / "first")
    back = epochs_of(2, 3, tmp_path / "third", tmp_path / "second")[0]
    assert [h["epoch"] for h in back.history] == [0, 1, 2]
    for one, other in zip(alone.history, back.history, strict=True):
        assert other["losses"] == pytest.approx(one["losses"], rel=1e-3)
        assert other["validation"] == pytest.approx(one["validation"], rel=0.02, abs=0.02)


def test_only_the_first_process_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    honest = trainer_module.write_checkpoint
    monkeypatch.setattr(trainer_module, "write_checkpoint", lambda *a: written.append(1) or honest(*a))
    epochs_of(2, 1, tmp_path / "model", epochs=1)
    assert written == [1] and (tmp_path / "model").exists()


def test_noise_differs_between_processes() -> None:
    seen: dict[int, Any] = {}

    def play(processes: ProcessInTurn) -> None:
        trainer = a_trainer(processes=processes, epochs=1, dropout=0.5)
        for _ in trainer.epochs(world_graph(), world_tokens()):
            assert trainer.model is not None
            seen[processes.rank] = trainer.model.encoder.generator.initial_seed()

    assert in_turn(2, play) == [None, None]
    assert seen[0] != seen[1]


def test_processes_that_differ_are_refused(tmp_path: Path) -> None:
    def play(processes: ProcessInTurn) -> None:
        trainer = a_trainer(processes=processes, learning_rate=0.1 * (1 + processes.rank))
        next(trainer.epochs(world_graph(), world_tokens()))

    for found in in_turn(2, play):
        assert isinstance(found, DataIntegrityError)
        assert "the configuration is" in str(found) and "on rank 0" in str(found) and "on rank 1" in str(found)


def test_another_version_of_the_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphsocial.learn import agreement

    def play(processes: ProcessInTurn) -> None:
        monkeypatch.setattr(
            agreement, "version", lambda name: f"0.{processes.rank + 1}" if name == "graphsocial" else "1"
        )
        agreement.check_agreement(processes, {"the checkpoint": "aa"})

    for found in in_turn(2, play):
        assert isinstance(found, DataIntegrityError)
        assert "graphsocial version is 0.1 on rank 0; 0.2 on rank 1" in str(found) and "checkpoint" not in str(found)


def test_a_checkpoint_of_another_epoch_is_refused(tmp_path: Path) -> None:
    epochs_of(1, 1, tmp_path / "0", epochs=3)
    epochs_of(1, 2, tmp_path / "1", epochs=3)

    def play(processes: ProcessInTurn) -> None:
        trainer = Trainer.open(tmp_path / str(processes.rank), device="cpu", processes=processes)
        next(trainer.epochs(world_graph(), world_tokens()))

    for found in in_turn(2, play):
        assert isinstance(found, DataIntegrityError) and "the checkpoint is" in str(found)


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), MemoryError(), RuntimeError("can't allocate memory: 9 GB")]
)
def test_running_out_of_memory_says_what_to_lower(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = a_trainer(epochs=3)
    reports = trainer.epochs(world_graph(), world_tokens())
    next(reports)
    trainer.save(tmp_path / "model")

    def full(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(workplace_module, "make_batch", full)
    with pytest.raises(
        JobError,
        match=r"out of memory on rank 0 of 1 \(cpu\), step 0 of epoch 1: batch_size 60 .* accumulate to 2 .*"
        r"model, holds 1 epoch",
    ):
        next(reports)


def test_other_errors_stay_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: Any, **__: Any) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(workplace_module, "make_batch", wrong)
    with pytest.raises(RuntimeError, match="mat1 and mat2") as found:
        next(a_trainer().epochs(world_graph(), world_tokens()))
    assert not isinstance(found.value, JobError)

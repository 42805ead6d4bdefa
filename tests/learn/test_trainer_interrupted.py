"""Whatever stops an epoch half way, training goes on as if it had never begun."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graphsocial.errors import SchemaError
from graphsocial.learn import Task, Trainer
from graphsocial.learn import workplace as workplace_module
from graphsocial.nn.balancing import Balance, MeanBalance, PCGrad, UncertaintyBalance
from tests.leakage.erasable_world import TEST, VALID
from tests.learn.small_training import (
    equal,
    small_tasks,
    small_trainer,
    small_world,
    trained,
    weights,
    world_graph,
    world_tokens,
)

BALANCES: dict[str, Callable[[], Balance]] = {
    "mean": MeanBalance,
    "uncertainty": lambda: UncertaintyBalance([task.name for task in small_tasks()]),
    "pcgrad": PCGrad,
}


def interrupted(trainer: Trainer, batches: int, monkeypatch: pytest.MonkeyPatch) -> Trainer:
    """Trains until a key is pressed before the batch of that number."""
    honest, seen = workplace_module.make_batch, []

    def press(*arguments: object, **named: object) -> object:
        seen.append(1)
        if len(seen) > batches:
            raise KeyboardInterrupt
        return honest(*arguments, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(workplace_module, "make_batch", press)
        with pytest.raises(KeyboardInterrupt):
            trained(trainer, world_graph(), world_tokens())
    return trainer


def steps_per_epoch(monkeypatch: pytest.MonkeyPatch) -> int:
    honest, seen = workplace_module.make_batch, []
    with monkeypatch.context() as patch:
        patch.setattr(workplace_module, "make_batch", lambda *a, **n: seen.append(1) or honest(*a, **n))
        trained(small_trainer(epochs=1, batch_size=60), world_graph(), world_tokens())
    return len(seen)


@pytest.mark.parametrize("balance", BALANCES)
@pytest.mark.parametrize("epoch", [0, 1])
def test_training_goes_on_in_the_same_process(balance: str, epoch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = trained(small_trainer(balance=BALANCES[balance](), batch_size=60, learning_rate=0.05))
    stop = epoch * steps_per_epoch(monkeypatch) + 2
    stopped = interrupted(
        small_trainer(balance=BALANCES[balance](), batch_size=60, learning_rate=0.05), stop, monkeypatch
    )
    assert stopped.progress.epoch == epoch
    trained(stopped)
    assert equal(weights(whole), weights(stopped)) and equal(whole._latest, stopped._latest)
    assert [h["losses"] for h in whole.history] == [h["losses"] for h in stopped.history]


def test_validation_without_any_example_is_refused() -> None:
    world = small_world()
    for row in world.nodes["post"]:
        if VALID <= row["known_at"] < TEST:
            row["mood"] = None
    with pytest.raises(SchemaError, match=r"no validation example .* mood"):
        trained(small_trainer([Task.post_label("mood")]), world.graph())
    both = trained(small_trainer([Task.post_label("mood"), Task.popularity(column="reposts")], epochs=1), world.graph())
    assert set(both.history[0]["validation"]) == {"popularity"}

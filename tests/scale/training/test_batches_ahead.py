"""Batches made ahead by a thread are those made one by one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from graphsocial.errors import SchemaError
from graphsocial.learn import ComputeConfig
from graphsocial.learn.batches_ahead import batches_ahead
from tests.learn.small_training import equal, weights, world_graph, world_tokens
from tests.scale.training.test_steps_in_parts import a_trainer

CPU = torch.device("cpu")


class Numbered:
    def __init__(self, number: int):
        self.number = number

    def to(self, device: torch.device) -> Numbered:
        return self


def numbered(count: int, made: list[int], broken: int = -1) -> Iterator[Any]:
    def maker(number: int) -> Any:
        def make() -> Any:
            if number == broken:
                raise KeyboardInterrupt
            made.append(number)
            return None if number == 2 else Numbered(number)

        return make

    return (maker(number) for number in range(count))


@pytest.mark.parametrize("ahead", [0, 1, 3, 50])
def test_order_is_kept_and_gaps_too(ahead: int) -> None:
    found = [None if b is None else b.number for b in batches_ahead(numbered(7, []), ahead, CPU)]  # type: ignore[attr-defined]
    assert found == [0, 1, None, 3, 4, 5, 6]


def test_never_more_than_asked_for_are_ready() -> None:
    made: list[int] = []
    batches = batches_ahead(numbered(50, made), 2, CPU)
    next(batches)
    deadline = time.monotonic() + 5
    while len(made) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    assert len(made) == 4, "the one in use, two that wait, and one in the maker's hand"
    batches.close()  # type: ignore[attr-defined]
    time.sleep(0.1)
    assert len(made) <= 5
    assert not [t for t in threading.enumerate() if t.name == "batches ahead"]


@pytest.mark.parametrize("ahead", [0, 2])
def test_an_interrupt_comes_in_its_place(ahead: int) -> None:
    seen = []
    with pytest.raises(KeyboardInterrupt):
        for batch in batches_ahead(numbered(9, [], broken=4), ahead, CPU):
            seen.append(batch)
    assert len(seen) == 4


def test_training_is_the_same_to_the_bit() -> None:
    def trained(**settings: Any) -> Any:
        trainer = a_trainer(dropout=0.3, strategy="uniform", **settings)
        list(trainer.epochs(world_graph(), world_tokens()))
        return trainer

    one, other = trained(), trained(prefetch=3)
    assert equal(weights(one), weights(other))
    assert [h["losses"] for h in one.history] == [h["losses"] for h in other.history]


@pytest.mark.gpu
def test_batches_reach_the_card_ahead() -> None:
    found = []
    for prefetch in (0, 3):
        trainer = a_trainer(prefetch=prefetch, precision="float32")
        trainer.device = torch.device("cuda")
        list(trainer.epochs(world_graph(), world_tokens()))
        found.append(trainer.history)
    for one, other in zip(*found, strict=True):
        assert other["losses"] == pytest.approx(one["losses"], rel=1e-3)


def test_settings_are_checked() -> None:
    for wrong in ({"prefetch": -1}, {"accumulate": 0}, {"accumulate": 1.5}):
        with pytest.raises(SchemaError, match=f"{next(iter(wrong))} is"):
            ComputeConfig(**wrong)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match=r"unknown precision 'float23'.*Did you mean 'float32'"):
        ComputeConfig(precision="float23")  # type: ignore[arg-type]
    assert ComputeConfig().ahead(CPU) == 0 and ComputeConfig().ahead(torch.device("cuda")) == 2
    assert not ComputeConfig().half(CPU) and ComputeConfig().half(torch.device("cuda"))
    assert ComputeConfig(precision="bfloat16").half(CPU)
    assert not ComputeConfig(precision="float32").half(torch.device("cuda"))

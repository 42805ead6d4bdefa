"""Half precision: forced on the CPU for every head, and on CUDA where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from graphsocial.learn import Trainer
from graphsocial.learn.batching import ContentIndex
from tests.leakage.outputs import RANDOM_WORLD
from tests.learn.small_training import trained, world_graph, world_tokens


def predictions(trainer: Trainer) -> dict[str, np.ndarray]:
    return trainer.predict(
        world_graph(), ContentIndex.of(world_graph(), world_tokens()), trainer.examples(world_graph(), "test")
    )


def test_every_task_trains_in_half_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = trained(RANDOM_WORLD.new_trainer())
    entered = []

    class Always(torch.autocast):
        def __init__(self, device_type: str, dtype: Any = None, enabled: bool = True):
            entered.append(enabled)
            super().__init__(device_type, dtype=dtype, enabled=True)

    monkeypatch.setattr(torch, "autocast", Always)
    half = trained(RANDOM_WORLD.new_trainer())
    assert entered and not any(entered), "on the CPU it is off unless forced"
    for before, after in zip(whole.history, half.history, strict=True):
        assert before["losses"] != after["losses"], "it was on"
        for name, loss in before["losses"].items():
            assert after["losses"][name] == pytest.approx(loss, rel=0.1, abs=0.05), name
    assert all(np.isfinite(values).all() for values in predictions(half).values())
    assert half.model is not None and all(p.dtype == torch.float32 for p in half.model.parameters())


@pytest.mark.gpu
def test_cuda_trains_and_its_weights_open_on_the_cpu(tmp_path: Path) -> None:
    trainer = RANDOM_WORLD.new_trainer()
    trainer.device = torch.device("cuda")
    trained(trainer).save(tmp_path / "model.safetensors")
    there, here = predictions(trainer), predictions(Trainer.open(tmp_path / "model.safetensors", device="cpu"))
    for name, values in there.items():
        assert values == pytest.approx(here[name], rel=0.1, abs=0.1), name

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from graphsocial.embed import hashing_embeddings
from graphsocial.errors import DataIntegrityError, NotFittedError
from graphsocial.learn import Task, Trainer
from graphsocial.learn.checkpoint import read_checkpoint, write_checkpoint
from tests.learn.small_training import equal, small_trainer, small_world, trained, weights, world_graph, world_tokens


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    return trained(small_trainer([Task.post_label("mood")], epochs=1))


@pytest.fixture
def saved(trainer: Trainer, tmp_path: Path) -> Path:
    trainer.save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def test_opens_as_saved(trainer: Trainer, saved: Path) -> None:
    opened = Trainer.open(saved, device="cpu")
    assert equal(weights(trainer), weights(opened))
    assert opened.configuration() == trainer.configuration()
    assert opened.history == trainer.history and opened.known_until == trainer.known_until
    opened.save(saved.with_name("again.safetensors"))
    assert saved.with_name("again.safetensors").stat().st_size == saved.stat().st_size


def test_nothing_to_save_before_training(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError, match="before the first epoch"):
        small_trainer().save(tmp_path / "model.safetensors")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kept", [0, 4, 200, -1])
def test_truncated_file(saved: Path, kept: int) -> None:
    saved.write_bytes(saved.read_bytes()[:kept])
    with pytest.raises(DataIntegrityError, match="damaged or not a graphsocial checkpoint"):
        Trainer.open(saved)


def test_other_files(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with pytest.raises(DataIntegrityError, match="no checkpoint"):
        Trainer.open(path)
    path.write_bytes(b"no checkpoint at all" * 50)
    with pytest.raises(DataIntegrityError, match="damaged"):
        Trainer.open(path)
    save_file({"a": torch.zeros(2)}, path)
    with pytest.raises(DataIntegrityError, match="not a graphsocial checkpoint"):
        Trainer.open(path)
    write_checkpoint(path, {"a": torch.zeros(2)}, {"format": 99})
    with pytest.raises(DataIntegrityError, match="format 99"):
        Trainer.open(path)
    write_checkpoint(path, {"a": torch.zeros(2)}, {"tasks": []})
    with pytest.raises(DataIntegrityError, match="does not fit this version"):
        Trainer.open(path)


def test_missing_tensors(saved: Path) -> None:
    tensors, state = read_checkpoint(saved)
    some = {name: value for name, value in tensors.items() if "heads" not in name}
    write_checkpoint(saved, some, state)
    with pytest.raises(DataIntegrityError, match="does not fit"):
        Trainer.open(saved)


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_full_disk_leaves_the_old_file(
    trainer: Trainer, saved: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    before = saved.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, failing, full)
        with pytest.raises(DataIntegrityError, match="No space left on device; the earlier one"):
            trainer.save(saved)
        with pytest.raises(DataIntegrityError, match=r"No space left on device$"):
            trainer.save(saved.with_name("new.safetensors"))
    assert saved.read_bytes() == before
    assert equal(weights(Trainer.open(saved, device="cpu")), weights(trainer))
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_folder_that_cannot_be_made(trainer: Trainer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataIntegrityError, match="could not be written"):
        trainer.save(tmp_path / "file" / "model.safetensors")


@pytest.mark.parametrize("classes", [("good", "bad", "new"), ("new", "newer")])
def test_another_graphs_classes(saved: Path, classes: tuple[str, ...]) -> None:
    world = small_world()
    for place, row in enumerate(world.nodes["post"]):
        row["mood"] = classes[place % len(classes)]
    graph = world.graph()
    opened = Trainer.open(saved, device="cpu")
    opened.extend(2)
    with pytest.raises(DataIntegrityError, match="trained on other data"):
        next(opened.epochs(graph, hashing_embeddings(graph)))


def test_another_graphs_tokens(saved: Path) -> None:
    opened = Trainer.open(saved, device="cpu")
    opened.extend(2)
    with pytest.raises(DataIntegrityError, match="trained on other data"):
        next(opened.epochs(world_graph(), hashing_embeddings(world_graph(), channels=8)))
    assert next(opened.epochs(world_graph(), world_tokens())).epoch == 1

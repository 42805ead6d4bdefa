"""Real processes: started by Accelerate, joined by gloo, killed by us."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from graphsocial.learn.checkpoint import read_checkpoint
from tests.scale.training.run_folder import (
    ROOT,
    accelerate_launch,
    done,
    environment,
    graphsocial,
    history,
    train_command,
    write_run,
)

pytestmark = [
    pytest.mark.distributed,
    pytest.mark.skipif(not torch.distributed.is_available(), reason="torch was built without torch.distributed"),
]
pytest.importorskip("accelerate")

WITHOUT_CUDA = {"CUDA_VISIBLE_DEVICES": ""}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("template"))


@pytest.fixture
def run(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "run"


@pytest.fixture(scope="module")
def alone(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that one process trained for two epochs, without a launcher."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copytree(template.parent, folder, dirs_exist_ok=True)
    done(graphsocial(*train_command(folder / "run", "--epochs", "2")), **WITHOUT_CUDA)
    return folder / "run"


def tensors(run: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(run / "model.safetensors")[0]


def test_one_launched_process_is_none_launched_to_the_bit(run: Path, alone: Path) -> None:
    done(accelerate_launch(1, train_command(run, "--epochs", "2")), **WITHOUT_CUDA)
    one, other = tensors(run), tensors(alone)
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
    assert [h["losses"] for h in history(run)] == [h["losses"] for h in history(alone)]


def test_two_launched_processes_learn_what_one_does(run: Path, alone: Path) -> None:
    output = done(accelerate_launch(2, train_command(run, "--epochs", "2")), **WITHOUT_CUDA)
    assert output.count("epoch 0:") == output.count("epoch 1:") == 1, "one process speaks for all"
    for pair, single in zip(history(run), history(alone), strict=True):
        for name, loss in single["losses"].items():  # dropout draws other noise, nothing else differs
            assert pair["losses"][name] == pytest.approx(loss, rel=0.15), name
        for name, found in single["validation"].items():
            assert pair["validation"][name]["value"] == pytest.approx(found["value"], rel=0.25, abs=0.05), name
    assert (run / "tasks.toml").exists() and (run / "steps.json").exists()


class Started:
    """A command that runs, and its processes by rank."""

    def __init__(self, command: list[str], **more: str):
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment(**more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def rank(self, number: int) -> psutil.Process:
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if child.environ().get("RANK") == str(number):
                    return child
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        raise AssertionError(f"no process of rank {number}")

    def wait_for(self, file: Path) -> None:
        deadline = time.monotonic() + 600
        while not file.exists() and self.process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert file.exists(), self.process.stdout and self.process.stdout.read()

    def end(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=300)
        return self.process.returncode, output


@pytest.fixture
def started() -> Iterator[Any]:
    running: list[Started] = []

    def start(command: list[str], **more: str) -> Started:
        running.append(Started(command, **(WITHOUT_CUDA | more)))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            for child in psutil.Process(one.process.pid).children(recursive=True):
                child.kill()
            one.process.kill()
            one.process.wait()


def test_a_killed_rank_ends_the_job_and_its_checkpoint_goes_on(run: Path, started: Any) -> None:
    job = started(graphsocial(*train_command(run, "--epochs", "3", "--processes", "2")))
    job.wait_for(run / "model.safetensors")
    job.rank(1).kill()
    status, output = job.end()
    assert status == 1
    errors = [line for line in output.splitlines() if line.startswith("error:")]
    assert len(errors) == 1 and "Traceback" not in output, output
    assert "rank 1 of 2 " in errors[0] and str(run / "model.safetensors") in errors[0] and "goes on" in errors[0]
    before = len(read_checkpoint(run / "model.safetensors")[1]["progress"]["history"])
    output = done(graphsocial(*train_command(run, "--epochs", "3")), **WITHOUT_CUDA)
    assert f"resuming after epoch {before - 1}" in output
    assert [h["epoch"] for h in history(run)] == [0, 1, 2]


def test_a_killed_rank_under_accelerate_launch(run: Path, started: Any) -> None:
    job = started(accelerate_launch(2, train_command(run, "--epochs", "3")))
    job.wait_for(run / "model.safetensors")
    job.rank(1).kill()
    status, output = job.end()
    assert status != 0 and "SIGKILL" in output
    output = done(accelerate_launch(2, train_command(run, "--epochs", "3")), **WITHOUT_CUDA)
    assert "resuming after epoch" in output and [h["epoch"] for h in history(run)] == [0, 1, 2]


ON_RANK_1 = """
import os, sys, threading, time

def wait():
    while not hasattr(sys.modules.get({module!r}), {name!r}):
        time.sleep(0.005)
    def broken(*_, **__):
        {body}
    setattr(sys.modules[{module!r}], {replaced!r}, broken)

if os.environ.get("RANK") == "1":
    threading.Thread(target=wait, daemon=True).start()
"""


def breaking_rank_1(folder: Path, module: str, name: str, replaced: str, body: str) -> str:
    """A PYTHONPATH on which one function of rank 1 is another."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        ON_RANK_1.format(module=module, name=name, replaced=replaced, body=body), encoding="utf-8"
    )
    return f"{folder}:{ROOT}"


def only_error(command: list[str], **more: str) -> str:
    output = done(command, expected=1, **(WITHOUT_CUDA | more))
    errors = [line for line in output.splitlines() if line.startswith("error:")]
    assert len(errors) == 1 and "Traceback" not in output, output
    return errors[0]


def test_a_rank_without_memory_says_what_to_lower(run: Path, tmp_path: Path) -> None:
    path = breaking_rank_1(
        tmp_path / "site", "graphsocial.learn.workplace", "Workplace", "make_batch", "raise MemoryError"
    )
    error = only_error(graphsocial(*train_command(run, "--processes", "2")), PYTHONPATH=path)
    assert "out of memory on rank 1 of 2 (cpu)" in error and "batch_size 160" in error and "accumulate to 2" in error
    assert "no checkpoint was saved before" in error


def test_another_version_on_a_rank_is_refused(run: Path, tmp_path: Path) -> None:
    path = breaking_rank_1(tmp_path / "site", "graphsocial.learn.agreement", "short_hash", "version", 'return "0.0.9"')
    error = only_error(graphsocial(*train_command(run, "--processes", "2")), PYTHONPATH=path)
    assert "the 2 processes do not have the same in hand" in error and "0.0.9 on rank 1" in error


def test_cuda_where_there_is_none(run: Path) -> None:
    command = ["train", str(run), "--tasks", str(run.parent / "tasks.toml"), "--device", "cuda", "--processes", "2"]
    assert "torch sees no CUDA device here" in only_error([sys.executable, "-m", "graphsocial", *command])

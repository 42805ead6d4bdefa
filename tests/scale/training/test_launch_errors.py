"""What can be asked wrongly of a launch, and what is said of a process that failed; no process is started here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from graphsocial.cli import main
from graphsocial.errors import JobError, MissingExtraError, SchemaError
from graphsocial.learn import SingleProcess
from graphsocial.learn.compiled_parts import compile_parts, telling_compiler_trouble
from graphsocial.scale.training import AcceleratedProcesses, launch_training, launched_processes
from graphsocial.scale.training.check_devices import check_devices
from tests.learn.small_training import world_graph, world_tokens
from tests.scale.training.test_steps_in_parts import a_trainer

launching = sys.modules["graphsocial.scale.training.launch_training"]


def test_nobody_launched_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(launched_processes()[0], SingleProcess)
    monkeypatch.setenv("WORLD_SIZE", "1")
    processes, device = launched_processes("cpu")
    assert isinstance(processes, SingleProcess) and device == "cpu"


@pytest.mark.parametrize("size", ["WORLD_SIZE", "OMPI_COMM_WORLD_SIZE"])
def test_accelerate_is_named_where_it_is_missing(size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with pytest.raises(MissingExtraError, match=r"graphsocial\[distributed\]"):
        launch_training(["train"], 2, "cpu", Path("model"))
    monkeypatch.setenv(size, "2")
    with pytest.raises(MissingExtraError, match=r"graphsocial\[distributed\]"):
        launched_processes()


def test_what_cannot_be_launched_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SchemaError, match="0 process"):
        launch_training(["train"], 0, "cpu", Path("model"))
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(SchemaError, match="one of several already"):
        launch_training(["train"], 2, "cpu", Path("model"))


def test_devices_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    check_devices("cpu", 64)
    with pytest.raises(SchemaError, match=r"device 'cudaa' .*Did you mean 'cuda'"):
        check_devices("cudaa", 2)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    check_devices("auto", 64)
    with pytest.raises(SchemaError, match="torch sees no CUDA device here"):
        check_devices("cuda", 2)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    check_devices("cuda", 2)
    with pytest.raises(SchemaError, match=r"3 processes on this machine, which has 2 CUDA device\(s\)"):
        check_devices("auto", 3)


def failure(code: int, message: Any) -> Any:
    return SimpleNamespace(exitcode=code, message=message, signal_name=lambda: "SIGKILL")


def test_failures_are_told_in_one_sentence(tmp_path: Path) -> None:
    told = {"message": "JobError: out of memory on rank 1: lower it", "extraInfo": {"timestamp": "0"}}
    assert launching._told(failure(1, told)) == "out of memory on rank 1: lower it"
    assert launching._told(failure(-9, "Signal 9 (SIGKILL) received by PID 4")) == ""
    assert "rank 3 of 4 was ended by SIGKILL" in launching._unsaid(3, 4, failure(-9, ""))
    assert "rank 0 of 4 ended with exit status 7" in launching._unsaid(0, 4, failure(7, ""))
    assert launching._kept(tmp_path / "model") == "; no checkpoint was saved before"
    trainer = a_trainer(epochs=1)
    list(trainer.epochs(world_graph(), world_tokens()))
    trainer.save(tmp_path / "model")
    assert "holds 1 epoch(s)" in launching._kept(tmp_path / "model")
    (tmp_path / "model").write_bytes(b"torn")
    assert launching._kept(tmp_path / "model") == ""


def test_a_process_that_ended_is_named() -> None:
    processes = AcceleratedProcesses.__new__(AcceleratedProcesses)
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # ended, and nobody has taken note of it yet
    import socket

    processes.rank, processes.count = 0, 3
    host = socket.gethostname()
    processes._members = [(host, os.getpid()), ("elsewhere", ended.pid), (host, ended.pid)]
    with pytest.raises(JobError, match=r"rank 2 of 3 has ended, so rank 0 cannot go on"), processes._naming_the_lost():
        raise RuntimeError("Connection closed by peer")
    ended.wait()
    with pytest.raises(torch.OutOfMemoryError), processes._naming_the_lost():
        raise torch.OutOfMemoryError("CUDA out of memory")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--precision", "float23"), "unknown precision 'float23'"),
        (("--accumulate", "0"), "accumulate is 0"),
        (("--processes", "0"), "0 process(es) to launch"),
        (("--processes", "2", "--device", "tpu"), "device 'tpu'"),
    ],
)
def test_the_command_says_it_in_a_line(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["train", str(tmp_path), "--tasks", str(tmp_path / "tasks.toml"), *arguments])
    assert result.exit_code == 1 and result.output.startswith("error: ") and said in result.output, result.output


def test_the_launchers_precision_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphsocial.cli.train_command import _precision

    assert _precision("auto") == "auto" and _precision("float32") == "float32"
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "bf16")
    assert _precision("auto") == "bfloat16" and _precision("float32") == "float32"
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "fp16")
    with pytest.raises(SchemaError, match="fp16"):
        _precision("auto")


def test_trouble_of_the_compiler_is_told() -> None:
    from torch._dynamo.exc import TorchDynamoException

    with pytest.raises(SchemaError, match=r"cannot translate this model here \(no C\+\+ compiler\)"):
        with telling_compiler_trouble():
            raise TorchDynamoException("no C++ compiler\nand so on")


def test_every_dense_part_is_translated() -> None:
    from torch._dynamo.utils import counters

    counters.clear()
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.LayerNorm(3))
    names = list(model.state_dict())
    before = model(torch.ones(2, 3))
    assert compile_parts(model, backend="eager") == 2
    assert torch.equal(model(torch.ones(2, 3)), before)
    assert counters["frames"]["ok"] >= 1
    assert list(model.state_dict()) == names


@pytest.mark.slow
def test_a_compiled_model_learns_the_same() -> None:
    plain, compiled = a_trainer(epochs=2, batch_size=120), a_trainer(epochs=2, batch_size=120, compile=True)
    for trainer in (plain, compiled):
        list(trainer.epochs(world_graph(), world_tokens()))
    assert compiled.model is not None and compile_parts(compiled.model) > 3
    assert plain.model is not None and plain.model.state_dict().keys() == compiled.model.state_dict().keys()
    for one, other in zip(plain.history, compiled.history, strict=True):
        assert other["losses"] == pytest.approx(one["losses"], rel=1e-3)
        assert other["validation"] == pytest.approx(one["validation"], rel=0.02, abs=0.02)

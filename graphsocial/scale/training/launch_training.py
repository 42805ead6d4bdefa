"""A command in several processes of this machine, and one clear sentence when it fails."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graphsocial.errors import JobError, SchemaError
from graphsocial.scale.training.check_devices import check_devices
from graphsocial.scale.training.import_accelerate import import_accelerate
from graphsocial.scale.training.launched_processes import SIZES

LAUNCHED = "GRAPHSOCIAL_LAUNCHED"
"""Set in processes whose errors somebody waits for and tells."""


def launch_training(command: Sequence[str], processes: int, device: str, checkpoint: Path) -> None:
    """Runs `python -m graphsocial COMMAND` in several processes through Accelerate's launcher, until all are done.

    Args:
        command: Arguments of the command, such as `["train", "runs/demo", "--tasks", "tasks.toml"]`.
        processes: How many.
        device: `auto`, `cpu` or `cuda`, as in the command.
        checkpoint: File that the command writes and goes on from.

    Raises:
        MissingExtraError: Accelerate is not installed.
        SchemaError: Fewer than two processes, or more than CUDA devices.
        JobError: A process failed; all others were ended with it.
    """
    if processes < 2:
        raise SchemaError(f"{processes} process(es) to launch, expected at least 2; one needs no launcher")
    if any(int(os.environ.get(name, "1")) > 1 for name in SIZES):
        raise SchemaError("this process is one of several already; ask either its launcher for processes, or here")
    check_devices(device, processes)
    import_accelerate()
    from accelerate.commands.launch import launch_command, launch_command_parser
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    # Accelerate's launcher for several GPUs is torchrun, which starts processes without a GPU just as well; its
    # launcher for processors wants MPI.
    settings = ["--multi_gpu", "--num_processes", str(processes), "--num_machines", "1", "--main_process_port", "0"]
    settings += ["--mixed_precision", "no", "--dynamo_backend", "no"]
    arguments = launch_command_parser().parse_args([*settings, "-m", "graphsocial", *command])
    try:
        with _speaking_for_the_processes():
            launch_command(arguments)
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        raise JobError(_told(failure) or f"{_unsaid(rank, processes, failure)}{_kept(checkpoint)}") from error


def record_failure(error: BaseException) -> bool:
    """Leaves an error for the launcher of this process to tell; returns whether it is `launch_training`, which will."""
    if "TORCHELASTIC_ERROR_FILE" in os.environ:
        from torch.distributed.elastic.multiprocessing.errors import get_error_handler

        get_error_handler().record_exception(error)
    return LAUNCHED in os.environ


@contextmanager
def _speaking_for_the_processes() -> Iterator[None]:
    """While the processes run, what fails in them is told here, once, and not by every layer below."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    os.environ[LAUNCHED] = "1"
    try:
        yield
    finally:
        del os.environ[LAUNCHED]
        logging.disable(before)


def _told(failure: Any) -> str:
    """What the process left to be told, as `record_failure` does; nothing where it could not."""
    if not isinstance(failure.message, dict):
        return ""
    text = str(failure.message.get("message", ""))
    kind, _, rest = text.partition(": ")
    return rest if kind.endswith("Error") and rest else text


def _unsaid(rank: int, processes: int, failure: Any) -> str:
    if failure.exitcode < 0:
        return (
            f"rank {rank} of {processes} was ended by {failure.signal_name()} and the others with it (SIGKILL is also "
            "what the kernel sends when memory runs out: then raise --accumulate)"
        )
    return f"rank {rank} of {processes} ended with exit status {failure.exitcode}; its output above says why"


def _kept(checkpoint: Path) -> str:
    from graphsocial.errors import DataIntegrityError
    from graphsocial.learn.checkpoint import read_checkpoint

    if not checkpoint.exists():
        return "; no checkpoint was saved before"
    try:
        epochs = read_checkpoint(checkpoint)[1]["progress"]["epoch"]
    except (DataIntegrityError, KeyError):
        return ""
    return f"; the last checkpoint, {checkpoint}, holds {epochs} epoch(s) and the same command goes on from it"

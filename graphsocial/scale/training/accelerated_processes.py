"""The processes that Accelerate joined into one training."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from graphsocial.errors import JobError
from graphsocial.scale.training.check_devices import check_devices
from graphsocial.scale.training.import_accelerate import import_accelerate

_GRACE = 1.0
"""Seconds to wait for the death of a process to show after it stopped answering."""


class AcceleratedProcesses:
    """A `Processes` over whatever joins them: gloo between processors, NCCL between GPUs.

    Gradients are summed by one exchange a step instead of `DistributedDataParallel`, because the parts of a step are
    uneven: a process may have no question of a task, or none at all, and then must neither hang nor count for more than
    it has; and a balance of tasks may go backwards several times over one pass.

    Args:
        device: `auto`, `cpu` or `cuda`; on CUDA each process of a machine takes a device of its own.

    Attributes:
        rank: Number of this process.
        count: How many there are.
        device: Where this process computes, a name for `Trainer`.

    Raises:
        MissingExtraError: Accelerate is not installed.
        SchemaError: There is no CUDA, or fewer CUDA devices than processes.
    """

    def __init__(self, device: str = "auto"):
        accelerate = import_accelerate()
        check_devices(device, int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
        self._state = accelerate.PartialState(cpu=device == "cpu")
        self._operations = accelerate.utils
        self.rank = int(self._state.process_index)
        self.count = int(self._state.num_processes)
        self.device = "cpu" if self._state.device.type == "cpu" else str(self._state.device)
        self._members: list[tuple[str, int]] = []
        self._members = self.gather((socket.gethostname(), os.getpid()))

    def sum(self, tensor: Tensor) -> Tensor:
        """Sum over all processes; see `Processes`."""
        with self._naming_the_lost():
            total = self._operations.reduce(tensor.to(self._state.device), reduction="sum")
        return total.to(tensor.device)  # type: ignore[no-any-return]

    def gather(self, value: Any) -> list[Any]:
        """What each process gave; see `Processes`."""
        with self._naming_the_lost():
            return list(self._operations.gather_object([value]))

    def leave(self) -> None:
        """Ends the conversation when all work is done, so that nobody is missed."""
        self._state.destroy_process_group()

    @contextmanager
    def _naming_the_lost(self) -> Iterator[None]:
        try:
            yield
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:  # every back end has an exception of its own below this one
            lost = self._lost()
            names = f"rank {', '.join(map(str, lost))}" if lost else "another process"
            ended = "has ended" if lost else "no longer answers"
            raise JobError(
                f"{names} of {self.count} {ended}, so rank {self.rank} cannot go on; the reason is in the output of "
                "that process, or it was killed (the kernel does so when memory runs out)"
            ) from error

    def _lost(self) -> list[int]:
        """Ranks on this machine whose process has ended, as soon as there is one."""
        import psutil  # Accelerate brings it

        def ended(pid: int) -> bool:
            try:
                return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
            except psutil.NoSuchProcess:
                return True

        deadline = time.monotonic() + _GRACE
        while True:
            found = [
                rank for rank, (host, pid) in enumerate(self._members) if host == socket.gethostname() and ended(pid)
            ]
            if found or time.monotonic() > deadline:
                return found
            time.sleep(0.02)

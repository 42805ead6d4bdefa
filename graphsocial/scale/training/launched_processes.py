"""Who trains together with this process."""

from __future__ import annotations

import os

from graphsocial.learn import Processes, SingleProcess
from graphsocial.scale.training.accelerated_processes import AcceleratedProcesses

SIZES = ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE")
"""Where torchrun and the MPI launchers say how many processes they started."""


def launched_processes(device: str = "auto") -> tuple[Processes, str]:
    """The processes that `accelerate launch`, `torchrun` or `mpirun` started this one among, and its device.

    A process that nobody launched, or that was launched alone, trains alone, exactly as it does without a launcher.

    Args:
        device: `auto`, `cpu` or `cuda`; alone also any other name of a torch device.

    Raises:
        MissingExtraError: Accelerate is not installed.
        SchemaError: There is no CUDA, or fewer CUDA devices than processes.

    >>> launched_processes("cpu")[1]
    'cpu'
    """
    if max((int(os.environ.get(name, "1")) for name in SIZES), default=1) <= 1:
        return SingleProcess(), device
    processes = AcceleratedProcesses(device)
    return processes, processes.device

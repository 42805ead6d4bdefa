"""A real Spark cluster on loopback: a master and workers, each a process group of its own, that can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

START_SECONDS = 180


class StandaloneCluster:
    """Starts in a `with` block and is gone after it, whatever happens.

    Attributes:
        master: URL of the master.
        workers: Processes of the workers, leaders of their groups.
    """

    def __init__(self, folder: Path, workers: int = 2, python_paths: tuple[str, ...] = ()):
        """A cluster that keeps its files in a folder; `python_paths` are put before those of each worker."""
        self.folder, self._count, self._paths = folder, workers, python_paths
        self.workers: list[subprocess.Popen[bytes]] = []
        self._started: list[subprocess.Popen[bytes]] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.master = f"spark://127.0.0.1:{self.port}"

    def __enter__(self) -> StandaloneCluster:
        try:
            where = ["--host", "127.0.0.1", "--webui-port", "0"]
            self._start("master", "org.apache.spark.deploy.master.Master", [*where, "--port", str(self.port)])
            self._wait("master", "Bound MasterWebUI|I have been elected leader")
            for number in range(self._count):
                name = f"worker{number}"
                limits = ["--cores", "1", "--memory", "1g", "--work-dir", str(self.folder / name)]
                path = self._paths[number] if number < len(self._paths) else ""
                arguments = [*where, *limits, self.master]
                self.workers.append(self._start(name, "org.apache.spark.deploy.worker.Worker", arguments, path))
            for number in range(self._count):
                self._wait(f"worker{number}", "Successfully registered with master")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self, name: str, kind: str, arguments: list[str], path: str = "") -> subprocess.Popen[bytes]:
        import pyspark

        home = Path(pyspark.__file__).parent
        environment = os.environ | {
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": os.pathsep.join(p for p in (path, os.environ.get("PYTHONPATH", "")) if p),
        }
        log = (self.folder / f"{name}.log").open("wb")
        process = subprocess.Popen(
            [str(home / "bin" / "spark-class"), kind, *arguments],
            env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self._started.append(process)
        return process

    def _wait(self, name: str, said: str) -> None:
        log, end = self.folder / f"{name}.log", time.monotonic() + START_SECONDS
        while not any(part in log.read_text(errors="replace") for part in said.split("|")):
            assert time.monotonic() < end, log.read_text(errors="replace")[-2_000:]
            time.sleep(0.2)

    def _stop(self) -> None:
        for process in reversed(self._started):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

"""One JSON line per measured thing, the layout every benchmark shares."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import resource
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

PACKAGES = ("graphsocial", "torch", "torch-geometric", "numpy", "numba")


class ResultLines:
    """Appends result lines to a file, flushed one by one so that an interrupted run keeps what it measured.

    Args:
        out: File to write; an existing one is replaced.
        benchmark: Name of the benchmark.
        data: Name of the data set.
        data_sha256: Hash of the data set.
        protocol: Which protocol the numbers follow.
        append: Whether lines that are there stay.

    Attributes:
        path: The file; pictures of what it says stand beside it.
    """

    def __init__(self, out: Path, benchmark: str, data: str, data_sha256: str, protocol: str, append: bool = False):
        out.parent.mkdir(parents=True, exist_ok=True)
        self.path = out
        self._file: TextIO = out.open("a" if append else "w", encoding="utf-8")
        self._fixed = {
            "benchmark": benchmark,
            "data": data,
            "data_sha256": data_sha256,
            "protocol": protocol,
            "git": _git(),
            "versions": {name: version(name) for name in PACKAGES},
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        }

    def write(
        self,
        case: str,
        metric: str,
        value: float,
        *,
        task: str = "",
        protocol: str | None = None,
        unit: str = "",
        interval: tuple[float, float] | None = None,
        seed: int | None = None,
        seconds: float | None = None,
        peer: str | None = None,
        ratio: float | None = None,
        config: Mapping[str, Any] | None = None,
        peak_mb: float | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes one line; `ratio` above 1 means ours is ahead of the peer.

        `peak_mb` is the highest memory of the process so far, unless it is given; `extra` are keys of one benchmark.
        """
        line = {
            **self._fixed,
            **({} if protocol is None else {"protocol": protocol}),
            "date": datetime.now(UTC).date().isoformat(),
            "task": task,
            "case": case,
            "metric": metric,
            "value": value,
            "unit": unit,
            "interval": None if interval is None else list(interval),
            "peer": peer,
            "ratio": ratio,
            "seed": seed,
            "seconds": seconds,
            "peak_mb": peak_memory() if peak_mb is None else peak_mb,
            "config": dict(config or {}),
            **(extra or {}),
        }
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()


def peak_memory() -> float:
    """Highest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def data_hash(folder: Path) -> str:
    """sha256 of the data set's SHA256SUMS."""
    return hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()


def _git() -> str | None:
    """The commit, `-dirty` where tracked files differ from it, results of earlier runs aside: this run writes them."""
    changed = ["git", "status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)benchmarks/results"]
    try:
        commit, differs = (
            subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
            for command in (["git", "rev-parse", "HEAD"], changed)
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{commit}-dirty" if differs else commit

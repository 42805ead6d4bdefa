"""CPU time of a process and of all that it started, which is where Spark works."""

from __future__ import annotations

import os
from pathlib import Path


def tree_cpu_seconds() -> float:
    """CPU seconds so far of this process, its descendants, and those of them that ended and were waited for.

    Reads /proc, so Linux only.
    """
    parent: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                told = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended just now
                continue
            parent[int(folder.name)] = int(told[1])
            ticks[int(folder.name)] = sum(map(int, told[11:15]))
    ours = {os.getpid()}
    while more := {child for child, of in parent.items() if of in ours} - ours:
        ours |= more
    return sum(ticks.get(process, 0) for process in ours) / os.sysconf("SC_CLK_TCK")

"""Splits the items of a compiled kernel over threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

CHUNK = 16_384
"""Fewest items worth a thread of their own: starting one costs about as much as locating a few thousand neighbours."""


def default_threads() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def over_items(
    kernel: Callable[..., None], count: int, threads: int | None, *arguments: Any, chunk: int = CHUNK
) -> None:
    """Calls `kernel(begin, end, *arguments)` over all items, on several threads when there are many items.

    Plain threads over kernels that release the GIL, rather than numba's own: its OpenMP layer ends a process that was
    forked after the first parallel loop, as data loader workers are.

    Args:
        kernel: Writes only to slots of its own items, so that the split cannot change the result.
        count: Number of items.
        threads: At most this many; None: one per core.
        arguments: Passed on.
        chunk: Fewest items worth a thread of their own.
    """
    parts = min(default_threads() if threads is None else threads, count // chunk)
    if parts <= 1:
        kernel(0, count, *arguments)
        return
    bounds = [count * part // parts for part in range(parts + 1)]
    with ThreadPoolExecutor(parts - 1) as pool:
        others = [pool.submit(kernel, bounds[p], bounds[p + 1], *arguments) for p in range(1, parts)]
        kernel(bounds[0], bounds[1], *arguments)
        for other in others:
            other.result()

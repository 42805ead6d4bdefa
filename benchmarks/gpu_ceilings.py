"""What a card can do at most, measured: a large copy and a large matrix product; and how to time work on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple


class Ceilings(NamedTuple):
    """Bytes read and written per second by a copy, and floating-point operations per second of a bf16 product."""

    bytes_per_second: float
    flops_per_second: float


Line = tuple[str, str, float, str, dict[str, Any]]
"""Case, metric, value, unit, and what else to know."""


def seconds_of(work: Callable[[], Any], device: str, turns: int = 10, warm: int = 3) -> float:
    """Median seconds of some work, by the card's own clock where there is one."""
    import torch

    for _ in range(warm):
        work()
    taken = []
    for _ in range(turns):
        if device == "cuda":
            begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            begin.record()
            work()
            end.record()
            torch.cuda.synchronize()
            taken.append(begin.elapsed_time(end) / 1_000)
        else:
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return median(taken)


def measure_ceilings(device: str, small: bool) -> Ceilings:
    """On random data: a copy of 4 GB (32 MB if small), a product of 8,192 x 8,192 matrices (512)."""
    import torch

    rng = torch.Generator(device).manual_seed(0)
    source = torch.rand((1 << 23) if small else (1 << 30), device=device, generator=rng)
    target = torch.empty_like(source)
    copied = seconds_of(lambda: target.copy_(source), device)
    side = 512 if small else 8_192
    left, right = (torch.randn(side, side, device=device, generator=rng).bfloat16() for _ in range(2))
    multiplied = seconds_of(lambda: left @ right, device)
    return Ceilings(2 * source.numel() * source.element_size() / copied, 2 * side**3 / multiplied)

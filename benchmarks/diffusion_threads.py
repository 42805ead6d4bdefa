"""How much faster two threads are than one, beside how much two processes that share nothing are."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from statistics import median
from typing import Any

import click

from benchmarks.diffusion_graphs import BenchmarkGraph
from benchmarks.result_lines import ResultLines
from graphsocial.diffusion import IndependentCascade, spread_summary

TURNS = 5


def measure_threads(lines: ResultLines, graph: BenchmarkGraph, model: IndependentCascade, seed: int) -> None:
    """Seconds of the same runs on one thread, on two, and half of them in each of two processes at once."""
    spread_summary(model, graph.seeds, 10, rng=seed, threads=2)
    each = _wall(lambda: spread_summary(model, graph.seeds, 20, rng=seed, threads=1)) / 20
    runs = max(4, int(1.0 / each))
    context = multiprocessing.get_context("fork")
    one, two, apart = [], [], []
    for _ in range(TURNS):
        one.append(_wall(lambda: spread_summary(model, graph.seeds, runs, rng=seed, threads=1)))
        two.append(_wall(lambda: spread_summary(model, graph.seeds, runs, rng=seed, threads=2)))
        barrier, took = context.Barrier(2), context.Queue()
        processes = [
            context.Process(target=_half, args=(model, graph.seeds, runs // 2, seed, barrier, took)) for _ in range(2)
        ]
        for process in processes:
            process.start()
        apart.append(max(took.get() for _ in processes))
        for process in processes:
            process.join()
    threads, processes_gain = median(one) / median(two), median(one) / median(apart)
    more = {"threads_speed_up": threads, "processes_speed_up": processes_gain, "runs": runs}
    lines.write(
        f"{graph.name}/independent_cascade_wc", "threads/threads_share", threads / processes_gain, unit="1", extra=more
    )
    click.echo(f"  two threads {threads:.2f}x, two processes {processes_gain:.2f}x")


def _half(model: IndependentCascade, seeds: list[int], runs: int, seed: int, barrier: Barrier, took: Any) -> None:
    spread_summary(model, seeds, 2, rng=seed, threads=1)
    barrier.wait()
    took.put(_wall(lambda: spread_summary(model, seeds, runs, rng=seed, threads=1)))


def _wall(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin

"""Splits the runs of a simulation over threads; what comes out does not depend on how."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from threading import local
from typing import Any

import numpy as np

from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.graph.threads import default_threads

LEAST_ROOM, ROOM = 2**16, 2**20
"""Members that a thread's buffer has room for at first: twice those of the largest run, but at least so many that small
runs are not a call each, and at most `ROOM`; it grows with the largest run."""

_BLOCKS_PER_THREAD = 8


def run_blocks(
    model: SpreadModel,
    seeds: np.ndarray,
    runs: int,
    key: int,
    horizon: float,
    threads: int | None,
    progress: Callable[[int, int, str], None] | None,
    keep: Callable[[RunBuffer, int], Any] = RunBuffer.cut,
) -> Iterator[Any]:
    """Runs 0 to `runs` in order, in blocks that fit the threads' buffers.

    Each thread has a runner and a buffer of its own, and simulates one block of runs after the other; `keep` takes
    what is wanted of the buffer's first so many runs before it is used again. What it took is yielded in order, and
    at most a few blocks are ahead of the one that is waited for.
    """
    count = max(1, min(default_threads() if threads is None else threads, runs))
    block = max(1, min(4096, -(-runs // (count * _BLOCKS_PER_THREAD))))
    mine = local()

    def simulate_block(begin: int) -> list[tuple[Any, int]]:
        if not hasattr(mine, "runner"):
            mine.runner = model.runner(seeds, horizon)
            most = model.most_members(seeds)
            room = min(ROOM, max(LEAST_ROOM, most * 2 + 64)) if most is not None else ROOM
            mine.room = RunBuffer.of_room(room, block, len(model.marks), model.continuous)
        parts: list[tuple[Any, int]] = []
        end = min(begin + block, runs)
        while begin < end:
            mine.room.censored[:] = False
            done = mine.runner.fill(key, begin, end, mine.room)
            if done:
                parts.append((keep(mine.room, done), done))
                begin += done
            else:
                room = 2 * len(mine.room.node)
                mine.room = RunBuffer.of_room(room, block, len(model.marks), model.continuous)
        return parts

    done = 0
    begins = iter(range(0, runs, block))
    if count == 1:
        for begin in begins:
            for part, finished in simulate_block(begin):
                yield part
                done += finished
                if progress:
                    progress(done, runs, "runs")
        return
    with ThreadPoolExecutor(count) as pool:
        waiting: deque[Future[list[tuple[Any, int]]]] = deque()
        for begin in begins:
            waiting.append(pool.submit(simulate_block, begin))
            if len(waiting) > 2 * count:
                break
        while waiting:
            for part, finished in waiting.popleft().result():
                yield part
                done += finished
                if progress:
                    progress(done, runs, "runs")
            for begin in islice(begins, 1):
                waiting.append(pool.submit(simulate_block, begin))

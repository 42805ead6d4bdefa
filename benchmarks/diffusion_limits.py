"""How near a simulation comes to what the memory allows: cache lines it has to touch, and what one costs here."""

from __future__ import annotations

import time
from functools import cache
from statistics import median

import click
import numba
import numpy as np

from benchmarks.diffusion_graphs import BenchmarkGraph
from benchmarks.result_lines import ResultLines
from graphsocial.diffusion import IndependentCascade, simulate, spread_summary

_LINE = 64
_BIG = 2**25
"""Words of the array whose lines are visited at random, 256 MB: more than any cache holds."""


@numba.njit
def _independent(order: np.ndarray, array: np.ndarray) -> int:
    total = 0
    for i in range(len(order)):
        total += array[order[i]]
    return total


@numba.njit
def _dependent(array: np.ndarray, steps: int) -> int:
    place = 0
    for _ in range(steps):
        place = array[place]
    return place


@cache
def line_seconds() -> tuple[float, float]:
    """Seconds per cache line read at random: when many are on their way at once, and when each waits for the last."""
    rng = np.random.default_rng(0)
    order = rng.permutation(_BIG // 8)[: 2**20] * 8
    array = np.zeros(_BIG, dtype=np.int64)
    ring = rng.permutation(_BIG // 8) * 8
    array[ring] = np.roll(ring, -1)
    _independent(order[:2], array)
    _dependent(array, 2)
    together, alone = [], []
    for _ in range(3):
        begin = time.process_time()
        _independent(order, array)
        together.append((time.process_time() - begin) / len(order))
        begin = time.process_time()
        _dependent(array, 2**18)
        alone.append((time.process_time() - begin) / 2**18)
    return median(together), median(alone)


def measure_limit(lines: ResultLines, graph: BenchmarkGraph, case: str, model: IndependentCascade, seed: int) -> None:
    """Share reached of the speed at which lines could be read, if nothing but reading took time.

    A member costs a line for where its row begins and those its row lies on, of which a skipped row needs but one; each
    edge that succeeds costs two more: whom it reaches, and whether that is active.
    """
    member = simulate(model, graph.seeds, 5, rng=seed, threads=1).node.astype(np.int64)
    took = []
    for _ in range(3):
        begin = time.process_time()
        spread_summary(model, graph.seeds, 5, rng=seed, threads=1)
        took.append(time.process_time() - begin)
    spread, chance = graph.spread, model.activation.probability.astype(np.float64)
    before = np.concatenate([[0.0], np.cumsum(chance)])
    succeeded = float((before[spread.indptr[1:]] - before[spread.indptr[:-1]])[member].sum())
    rows = 0.0
    if model.uniform is None:
        begin, skipped = spread.indptr[:-1], np.zeros(spread.num_nodes, dtype=bool)
        if model.skips:
            header = model.rows[0]
            begin, skipped = header[:, 1], header[:, 1] > header[:, 0]
        rows = float((np.ceil(4 * (spread.indptr[1:] - begin) / _LINE) + skipped)[member].sum())
    touched = len(member) + rows + 2 * succeeded
    together, alone = line_seconds()
    bound = touched * together
    more = {"lines": touched / 5, "line_seconds": together, "line_seconds_alone": alone}
    share = bound / median(took)
    lines.write(f"{graph.name}/{case}", "limit/share_of_limit", share, unit="1", extra=more)
    click.echo(f"  {case}: {100 * share:.0f} % of the speed of reading {touched / 5:,.0f} lines per run at random")

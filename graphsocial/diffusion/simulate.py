"""Monte-Carlo simulation of spread: many independent runs of a model from one seed set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from graphsocial.diffusion.run_blocks import run_blocks
from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.seed_selection.seed_set import SeedSet
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet

MOST_MEMBERS = 200_000_000
"""Members of all runs together that are kept, about 40 bytes each; `spread_summary` keeps none."""

Progress = Callable[[int, int, str], None]
"""Called with runs done, runs in all, and what is going on."""


def simulate(
    model: SpreadModel,
    seeds: Iterable[Any],
    runs: int = 1_000,
    *,
    rng: int | np.random.Generator,
    horizon: float | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    most_members: int = MOST_MEMBERS,
    allow_future_model: bool = False,
) -> CascadeSet:
    """Cascades of independent runs, one per run: its roots are the seeds, its names are 0 to runs - 1.

    Run i draws from a stream of its own, so the result depends on the seed of `rng` alone: not on threads, not on the
    machine. The first runs of a longer simulation are those of a shorter one.

    Args:
        model: How it spreads, and over what.
        seeds: Seed set: ids or `(node type, id)` of the nodes active at the beginning.
        runs: Number of runs.
        rng: Whole number or numpy generator that the runs' streams derive from.
        horizon: Last step, or time, at which anything happens; runs that it cuts short are marked as censored.
        threads: At most this many; None: one per core.
        progress: Told how many runs are done.
        most_members: Most members of all runs together.
        allow_future_model: A `SeedSet` may have been selected by what the model's graph does not know yet.

    Raises:
        SchemaError: No seeds, a seed twice, runs or horizon that make no sense, or more members than `most_members`.
        UnknownNodeError: A seed is not in the graph.
        LeakageError: A `SeedSet` was selected by what the model's graph does not know yet.

    >>> from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
    >>> chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3])
    >>> runs = simulate(IndependentCascade(Activation.uniform(chain, 1.0)), [0], runs=2, rng=7)
    >>> runs.node.tolist(), runs.time.tolist(), runs.depth.tolist()
    ([0, 1, 2, 3, 0, 1, 2, 3], [0, 1, 2, 3, 0, 1, 2, 3], [3, 3])
    """
    parts: list[RunBuffer] = []
    members = 0
    for part in simulated_parts(
        model,
        seeds,
        runs,
        rng=rng,
        horizon=horizon,
        threads=threads,
        progress=progress,
        allow_future_model=allow_future_model,
    ):
        members += len(part.node)
        if members > most_members:
            done = sum(len(p.size) for p in parts)
            raise SchemaError(
                f"{done} of {runs} runs have more than {most_members:,} members; spread_summary() keeps sums instead "
                "of members, and most_members= raises the limit"
            )
        parts.append(part)
    return _cascades(model, parts)


def simulated_parts(
    model: SpreadModel,
    seeds: Iterable[Any],
    runs: int,
    *,
    rng: int | np.random.Generator,
    horizon: float | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    keep: Callable[[RunBuffer, int], Any] = RunBuffer.cut,
    allow_future_model: bool = False,
) -> Iterator[Any]:
    """What `keep` takes of the runs of `simulate`, in order, some at a time, for whoever adds up and forgets."""
    start = seed_positions(model, seeds, allow_future_model)
    last = last_time(runs, horizon)
    yield from run_blocks(model, start, int(runs), stream_key(rng), last, threads, progress, keep)


def last_time(runs: int, horizon: float | None) -> float:
    """When a simulation ends at the latest.

    Raises:
        SchemaError: Runs or a horizon that make no sense.
    """
    if isinstance(runs, bool) or not isinstance(runs, int | np.integer) or runs < 1:
        raise SchemaError(f"got runs={runs!r}, expected a whole number, at least 1")
    last = np.inf if horizon is None else horizon
    if not isinstance(last, int | float | np.number) or not last >= 0:
        raise SchemaError(f"got horizon={horizon!r}, expected a number, at least 0, or None")
    return float(last)


def stream_key(rng: int | np.random.Generator) -> int:
    """64 bits from which the streams of all runs derive.

    Raises:
        SchemaError: Neither a whole number nor a generator.
    """
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**64, dtype=np.uint64))
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or rng < 0:
        raise SchemaError(f"got rng={rng!r}, expected a whole number, at least 0, or a numpy Generator")
    return int(np.random.SeedSequence(int(rng)).generate_state(1, np.uint64)[0])


def seed_positions(model: SpreadModel, seeds: Iterable[Any], allow_future_model: bool = False) -> np.ndarray:
    """Positions of a seed set, int64 [seed].

    Raises:
        SchemaError: No seeds, or a seed twice.
        UnknownNodeError: A seed is not in the graph.
        LeakageError: A `SeedSet` was selected by what the model's graph does not know yet.
    """
    if isinstance(seeds, SeedSet):
        seeds.check_known(model.spread, allow_future_model)
    position = model.spread.numbers(seeds)
    if not len(position):
        raise SchemaError("the seed set is empty, expected at least one node: nothing spreads from nowhere")
    values, count = np.unique(position, return_counts=True)
    if (count > 1).any():
        raise SchemaError(f"seed {model.spread.ids[values[count > 1][0]]!r} stands twice, expected each seed once")
    return position


def _cascades(model: SpreadModel, parts: list[RunBuffer]) -> CascadeSet:
    size = np.concatenate([p.size for p in parts])
    offsets = np.concatenate([[0], np.cumsum(size)])
    within = np.concatenate([p.parent for p in parts])
    parent = np.where(within >= 0, within + np.repeat(offsets[:-1], size), -1)
    time = np.concatenate([p.time for p in parts])
    marks = {name: np.concatenate([p.marks[i] for p in parts]) for i, name in enumerate(model.marks)}
    node = model.spread.ids[np.concatenate([p.node for p in parts])]
    censored = np.concatenate([p.censored for p in parts])
    names = np.arange(len(size)).astype(object)
    for array in (node, parent, offsets, names):
        array.setflags(write=False)
    return CascadeSet(node, parent, time, offsets, names, censored, marks)

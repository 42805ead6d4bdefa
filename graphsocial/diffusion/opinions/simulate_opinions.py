"""Runs of a model of opinions from given beginnings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from graphsocial.diffusion.opinions.opinion_model import OpinionModel
from graphsocial.diffusion.opinions.opinion_runs import OpinionRuns, moments
from graphsocial.diffusion.simulate import stream_key
from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
from graphsocial.errors import SchemaError
from graphsocial.graph.threads import default_threads

MOST_NUMBERS = 200_000_000
"""Opinions of all runs together that are kept, 8 bytes each."""


def simulate_opinions(
    model: OpinionModel,
    initial: np.ndarray | Sequence[float] | Sequence[Sequence[float]],
    steps: int | None = None,
    runs: int | None = None,
    *,
    rng: int | np.random.Generator | None = None,
    every: int = 1,
    tolerance: float = 1e-9,
    threads: int | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> OpinionRuns:
    """Opinions of every node over time, from a beginning that all runs share or from one for each.

    Run i draws from a stream of its own, so the result depends on the seed of `rng` alone, not on threads.

    Args:
        model: How opinions move.
        initial: Opinions at step 0, [node] in the order of `model.spread.ids`, or [run, node], such as
            `np.random.default_rng(1).random((runs, nodes))`.
        steps: Last step; runs that cannot move any more stop earlier. None over contacts: all of them.
        runs: Number of runs; None: 1, or one for each beginning.
        rng: Whole number or numpy generator that the runs' streams derive from; not needed where nothing is drawn.
        every: Record each so manieth step, and the last.
        tolerance: Steps in which nobody moves by more end a run; of two who might meet, differences up to this count as
            none.
        threads: At most this many; None: one per core.
        progress: Told how many runs are done.

    Raises:
        SchemaError: Opinions that are no finite numbers or not one per node, numbers that make no sense, a model that
            draws without an `rng`, or too many opinions to keep.

    >>> from graphsocial.diffusion import SpreadGraph
    >>> from graphsocial.diffusion.opinions.deffuant import Deffuant
    >>> ring = SpreadGraph.from_edges([0, 1, 2, 3], [1, 2, 3, 0])
    >>> simulate_opinions(Deffuant(ring, bound=1.1), [0.0, 0.0, 1.0, 1.0], steps=200, runs=5, rng=1)
    OpinionRuns of 5 runs, 4 nodes, 200 steps, 5 converged, 1 in consensus
    """
    for name, number in (("steps", steps), ("every", every), ("runs", runs)):
        whole = isinstance(number, int | np.integer) and not isinstance(number, bool) and number >= 1
        if not whole and not (number is None and name != "every"):
            raise SchemaError(f"got {name}={number!r}, expected a whole number, at least 1")
    begin = _beginnings(model, initial, runs)
    if not isinstance(tolerance, int | float | np.number) or not 0 <= tolerance < np.inf:
        raise SchemaError(f"got tolerance={tolerance!r}, expected a number, at least 0")
    last = _last_step(model, steps)
    if model.random and rng is None:
        raise SchemaError(f"{type(model).__name__} draws at random: pass rng=, a whole number or a numpy Generator")
    key = 0 if rng is None else stream_key(rng)
    records = -(-last // every) + 1
    if begin.shape[0] * records * begin.shape[1] > MOST_NUMBERS:
        raise SchemaError(
            f"{begin.shape[0]:,} runs of {records:,} records of {begin.shape[1]:,} nodes are more than "
            f"{MOST_NUMBERS:,} opinions; a larger every= records fewer"
        )
    record = np.append(np.arange(0, last, every), last)
    opinions = np.empty((begin.shape[0], len(record), begin.shape[1]))
    converged = np.full(len(begin), -1, dtype=np.int64)

    def one_run(run: int) -> None:
        from graphsocial.diffusion.random_stream_kernel import stream_of

        opinion, state = begin[run].copy(), np.uint64(stream_of(np.uint64(key), run))
        opinions[run, 0] = opinion
        for i in range(1, len(record)):
            if converged[run] < 0:
                steps_on = int(record[i] - record[i - 1])
                state, still = model.advance(opinion, begin[run], state, int(record[i - 1]), steps_on, tolerance)
                converged[run] = still
            opinions[run, i] = opinion

    with ThreadPoolExecutor(max(1, min(default_threads() if threads is None else threads, len(begin)))) as pool:
        for done, _ in enumerate(pool.map(one_run, range(len(begin))), 1):
            if progress:
                progress(done, len(begin), "runs")
    opinions.setflags(write=False)
    return OpinionRuns(model.spread.ids, record, _times(model, record), opinions, converged)


def _beginnings(model: OpinionModel, initial: object, runs: int | None) -> np.ndarray:
    """Opinions at step 0, float64 [run, node]."""
    nodes = len(model.spread.ids)
    try:
        values = np.array(initial, dtype=np.float64)
    except (TypeError, ValueError):
        raise SchemaError(
            f"initial opinions got {type(initial).__name__}, expected numbers, [node] or [run, node]"
        ) from None
    if values.ndim not in (1, 2) or values.shape[-1] != nodes or not nodes:
        raise SchemaError(f"initial opinions got shape {values.shape}, expected ({nodes},) or (runs, {nodes})")
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        who = model.spread.ids[wrong[0][-1]]
        raise SchemaError(f"initial opinion of node {who} got {values[tuple(wrong[0])]}, expected a finite number")
    if values.ndim == 1:
        return np.tile(values, (1 if runs is None else runs, 1))
    if runs is not None and runs != len(values):
        raise SchemaError(f"got {len(values)} beginnings and runs={runs}, expected as many")
    return values


def _last_step(model: OpinionModel, steps: int | None) -> int:
    if not isinstance(model.spread, TemporalSpread):
        if steps is None:
            raise SchemaError("got no steps, expected a whole number, at least 1; only contacts end by themselves")
        return int(steps)
    there = len(moments(model.spread)) - 1
    if steps is not None and steps > there:
        raise SchemaError(f"got steps={steps}, but the contacts have {there} moments")
    return there if steps is None else int(steps)


def _times(model: OpinionModel, record: np.ndarray) -> np.ndarray:
    if not isinstance(model.spread, TemporalSpread):
        return record.astype(np.float64)
    begins = moments(model.spread)[:-1]
    return np.append(np.nan, model.spread.clock[begins[record[1:] - 1]])

"""Node blocking: whom to immunise so that least is reached from given seeds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphsocial.diffusion.blocking.blocking_found import Blocking, measured_blocking
from graphsocial.diffusion.blocking.saved_reach import saved_reach
from graphsocial.diffusion.seed_selection.candidates import allowed_nodes, seed_count
from graphsocial.diffusion.seed_selection.live_edges import live_edges
from graphsocial.diffusion.simulate import seed_positions, stream_key
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.errors import SchemaError


def block_nodes(
    model: SpreadModel,
    seeds: Iterable[Any],
    k: int,
    *,
    rng: int | np.random.Generator,
    samples: int = 1_000,
    runs: int = 10_000,
    candidates: Iterable[Any] | None = None,
    level: float = 0.95,
    threads: int | None = None,
    allow_future_model: bool = False,
) -> Blocking:
    """The k nodes that, blocked one after the other, each save most; fewer where no further node is ever reached.

    Greedy over sampled graphs by dominator trees (Xie et al., ICDE 2023). What is saved is no submodular function of
    the nodes, so nothing is guaranteed: spread before and after, and after blocking the highest degrees instead, are
    measured in independent runs.

    Args:
        model: `IndependentCascade` or `LinearThreshold`.
        seeds: Where it spreads from; seeds cannot be blocked.
        k: How many nodes.
        rng: Whole number or numpy generator.
        samples: Number of sampled graphs.
        runs: Number of runs to measure with, at least 2.
        candidates: Nodes that may be blocked; None: all.
        level: Chance that each interval holds.
        threads: At most this many; None: one per core.
        allow_future_model: A `SeedSet` may have been selected by what the model's graph does not know yet.

    Raises:
        SchemaError: A number that makes no sense, no seeds, nobody to block, or another model.
        UnknownNodeError: A node is not in the graph.
        LeakageError: A `SeedSet` was selected by what the model's graph does not know yet.

    >>> from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
    >>> tree = SpreadGraph.from_edges([0, 0, 1, 1, 2], [1, 2, 3, 4, 5])
    >>> block_nodes(IndependentCascade(Activation.uniform(tree, 1.0)), [0], 1, rng=7, samples=10, runs=10)
    1 nodes blocked: 6.00 nodes reached before, 3.00 after (3.00 to 3.00 fewer, 95%); by degree 3.00 after
      node  saved
      1     3
    """
    check_blocking(samples, runs, level)
    spread, live = model.spread, live_edges(model)
    start = seed_positions(model, seeds, allow_future_model)
    allowed = allowed_nodes(spread, candidates, start)
    k = seed_count(k, int(allowed.sum()), "nodes that may be blocked")
    keys = np.random.default_rng(stream_key(rng)).integers(2**64, size=2, dtype=np.uint64)
    blocked, cut = np.zeros(spread.num_nodes, dtype=np.int8), np.zeros(spread.num_edges, dtype=np.int8)
    chosen: list[int] = []
    saves: list[float] = []
    while len(chosen) < k:
        saved, _ = saved_reach(live, start, int(keys[0]), samples, blocked, cut, False, threads)
        saved[~allowed] = 0
        best = int(np.argmax(saved))
        if saved[best] == 0:
            break
        chosen.append(best)
        saves.append(saved[best] / samples)
        blocked[best] = 1
    order = np.argsort(np.where(allowed, -spread.out_degree, 1), kind="stable")[: len(chosen)]
    ids, place = tuple(spread.ids[chosen].tolist()), np.array(chosen, dtype=np.int64)
    measure = (model, spread.ids[start].tolist(), place, order, runs, int(keys[1]), level, threads)
    return measured_blocking("nodes", ids, np.array(saves), *measure)


def check_blocking(samples: int, runs: int, level: float) -> None:
    """Raises a SchemaError unless the numbers make sense."""
    for name, value, least in (("samples", samples, 1), ("runs", runs, 2)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise SchemaError(f"got {name}={value!r}, expected a whole number, at least {least}")
    if not isinstance(level, float) or not 0 < level < 1:
        raise SchemaError(f"got level={level!r}, expected a number between 0 and 1")

"""Edge blocking: which edges to cut so that least is reached from given seeds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphsocial.diffusion.blocking.block_nodes import check_blocking
from graphsocial.diffusion.blocking.blocking_found import Blocking, measured_blocking
from graphsocial.diffusion.blocking.saved_reach import saved_reach
from graphsocial.diffusion.seed_selection.candidates import seed_count
from graphsocial.diffusion.seed_selection.live_edges import live_edges
from graphsocial.diffusion.simulate import seed_positions, stream_key
from graphsocial.diffusion.spread_model import SpreadModel


def block_edges(
    model: SpreadModel,
    seeds: Iterable[Any],
    k: int,
    *,
    rng: int | np.random.Generator,
    samples: int = 1_000,
    runs: int = 10_000,
    level: float = 0.95,
    threads: int | None = None,
    allow_future_model: bool = False,
) -> Blocking:
    """The k edges that, cut one after the other, each save most; fewer where cutting one more edge never saves anybody.

    Greedy over sampled graphs by dominator trees, as `block_nodes`; an edge saves what is reached only over it. Nothing
    is guaranteed. For comparison the edges with the largest product of their ends' out-degrees are cut instead (Holme,
    Kim, Yoon and Han, "Attack vulnerability of complex networks", Phys. Rev. E 2002).

    Args:
        model: `IndependentCascade` or `LinearThreshold`.
        seeds: Where it spreads from.
        k: How many edges.
        rng: Whole number or numpy generator.
        samples: Number of sampled graphs.
        runs: Number of runs to measure with, at least 2.
        level: Chance that each interval holds.
        threads: At most this many; None: one per core.
        allow_future_model: A `SeedSet` may have been selected by what the model's graph does not know yet.

    Raises:
        SchemaError: A number that makes no sense, no seeds, or another model.
        UnknownNodeError: A seed is not in the graph.
        LeakageError: A `SeedSet` was selected by what the model's graph does not know yet.

    >>> from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
    >>> tree = SpreadGraph.from_edges([0, 0, 1, 1, 2], [1, 2, 3, 4, 5])
    >>> block_edges(IndependentCascade(Activation.uniform(tree, 1.0)), [0], 2, rng=7, samples=10, runs=10)
    2 edges blocked: 6.00 nodes reached before, 1.00 after (5.00 to 5.00 fewer, 95%); by degree 1.00 after
      source  target  saved
      0       1       3
      0       2       2
    """
    check_blocking(samples, runs, level)
    spread, live = model.spread, live_edges(model)
    start = seed_positions(model, seeds, allow_future_model)
    k = seed_count(k, spread.num_edges, "edges")
    keys = np.random.default_rng(stream_key(rng)).integers(2**64, size=2, dtype=np.uint64)
    blocked, cut = np.zeros(spread.num_nodes, dtype=np.int8), np.zeros(spread.num_edges, dtype=np.int8)
    chosen: list[int] = []
    saves: list[float] = []
    while len(chosen) < k:
        saved, _ = saved_reach(live, start, int(keys[0]), samples, blocked, cut, True, threads)
        best = int(np.argmax(saved))
        if saved[best] == 0:
            break
        chosen.append(best)
        saves.append(saved[best] / samples)
        cut[best] = 1
    product = spread.out_degree[spread.source] * spread.out_degree[spread.target]
    order = np.argsort(-product, kind="stable")[: len(chosen)]
    place = np.array(chosen, dtype=np.int64)
    source, target = spread.ids[spread.source[place]].tolist(), spread.ids[spread.target[place]].tolist()
    measure = (model, spread.ids[start].tolist(), place, order, runs, int(keys[1]), level, threads)
    return measured_blocking("edges", tuple(zip(source, target, strict=True)), np.array(saves), *measure)

"""Sampled graphs one edge at a time: what the compiled loops do at once, in plain steps."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graphsocial.diffusion import SpreadGraph
from graphsocial.diffusion.random_stream_kernel import coin, stream_of
from graphsocial.diffusion.seed_selection.live_edges import live_edges
from graphsocial.diffusion.spread_model import SpreadModel


def live_table(model: SpreadModel, key: int, samples: int) -> np.ndarray:
    """Whether each edge carries in each sampled graph, bool [sample, edge]."""
    live = live_edges(model)
    table = np.zeros((samples, model.spread.num_edges), dtype=bool)
    for i in range(samples):
        stream = np.uint64(stream_of(np.uint64(key), i))
        drawn = np.array([coin(stream, item) for item in live.item.tolist()])
        table[i] = (live.low <= drawn) & (drawn < live.high)
    return table


def total_reached(
    spread: SpreadGraph,
    live: np.ndarray,
    seeds: Iterable[int],
    deadline: int | None = None,
    without_nodes: Iterable[int] = (),
    without_edges: Iterable[int] = (),
) -> int:
    """Nodes reached from the seeds, summed over the sampled graphs."""
    live = live.copy()
    live[:, list(without_edges)] = False
    live[:, np.isin(spread.target, list(without_nodes))] = False
    total = 0
    for carries in live:
        reached, last, step = set(seeds), set(seeds), 0
        while last and (deadline is None or step < deadline):
            rows = [(spread.indptr[u], spread.indptr[u + 1]) for u in last]
            last = {int(spread.target[e]) for low, high in rows for e in range(low, high) if carries[e]} - reached
            reached |= last
            step += 1
        total += len(reached)
    return total

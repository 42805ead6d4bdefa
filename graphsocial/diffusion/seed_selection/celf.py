"""CELF: greedy choice by simulated spread, asking again only where the answer may have changed."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from graphsocial.diffusion.seed_selection.candidates import allowed_nodes, seed_count
from graphsocial.diffusion.seed_selection.known_by import known_by
from graphsocial.diffusion.seed_selection.live_edges import LiveEdges, live_edges
from graphsocial.diffusion.seed_selection.seed_set import SeedSet
from graphsocial.diffusion.simulate import stream_key
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.errors import SchemaError
from graphsocial.graph.threads import default_threads, over_items

MOST_CELLS = 500_000_000
"""Samples times nodes, a byte each, 2 or 4 with a deadline."""


def celf(
    model: SpreadModel,
    k: int,
    *,
    rng: int | np.random.Generator,
    samples: int = 1_000,
    deadline: int | None = None,
    candidates: Iterable[Any] | None = None,
    threads: int | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> SeedSet:
    """The greedy choice, one seed after the other, by mean spread over sampled graphs.

    Leskovec, Krause, Guestrin, Faloutsos, VanBriesen and Glance, "Cost-effective outbreak detection in networks", KDD
    2007. All seed sets are tried on the same sampled graphs, so that gains are consistent: they only fall as seeds are
    added, and the choice is exactly that of plain greedy. The estimated spread is of the graphs it was chosen on, and
    therefore a little high. Slow: `select_seeds` gives about the same seeds with a proof.

    Args:
        model: `IndependentCascade` or `LinearThreshold`.
        k: How many seeds.
        rng: Whole number or numpy generator.
        samples: Number of sampled graphs.
        deadline: Only nodes reached within this many steps count; None: all.
        candidates: Nodes that may be chosen; None: all.
        threads: At most this many; None: one per core.
        progress: Told how many seeds are chosen.

    Raises:
        SchemaError: A number that makes no sense, or samples times nodes beyond what fits.
        UnknownNodeError: A candidate is not in the graph.

    >>> from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
    >>> stars = SpreadGraph.from_edges([0, 0, 0, 4, 4], [1, 2, 3, 5, 6])
    >>> seeds = celf(IndependentCascade(Activation.uniform(stars, 1.0)), 2, rng=7, samples=10)
    >>> list(seeds), seeds.spread
    ([0, 4], 7.0)
    """
    spread = model.spread
    allowed = np.flatnonzero(allowed_nodes(spread, candidates))
    k = seed_count(k, len(allowed))
    if isinstance(samples, bool) or not isinstance(samples, int | np.integer) or samples < 1:
        raise SchemaError(f"got samples={samples!r}, expected a whole number, at least 1")
    if samples * spread.num_nodes > MOST_CELLS:
        raise SchemaError(
            f"{samples:,} samples of {spread.num_nodes:,} nodes, expected at most {MOST_CELLS:,} cells; take fewer "
            "samples, or select_seeds"
        )
    sampled = SampledReach(live_edges(model), stream_key(rng), int(samples), deadline)
    first = sampled.gains(allowed, threads)
    heap = [(-int(gain), int(node), 0) for gain, node in zip(first, allowed, strict=True)]
    heapq.heapify(heap)
    seeds: list[int] = []
    gains: list[int] = []
    while len(seeds) < k:
        gain, node, asked = heapq.heappop(heap)
        if asked < len(seeds):
            heapq.heappush(heap, (-int(sampled.gains(np.array([node]), 1)[0]), node, len(seeds)))
            continue
        sampled.add(node)
        seeds.append(node)
        gains.append(-gain)
        if progress:
            progress(len(seeds), k, "seeds")
    return SeedSet(
        tuple(spread.ids[seeds].tolist()),
        f"CELF on {samples:,} sampled graphs",
        np.array(gains) / samples,
        sum(gains) / samples,
        note="" if deadline is None else f"only what is reached within {deadline} steps counts",
        known_until=known_by(model),
        selected=True,
    )


class SampledReach:
    """Who is reached in each sampled graph by the seeds added so far."""

    def __init__(self, live: LiveEdges, key: int, samples: int, deadline: int | None = None):
        nodes = live.spread.num_nodes
        if deadline is not None and (isinstance(deadline, bool) or not isinstance(deadline, int) or deadline < 0):
            raise SchemaError(f"got deadline={deadline!r}, expected a number of steps, at least 0, or None")
        self._deadline = nodes if deadline is None else min(deadline, nodes)
        timed = self._deadline < nodes
        kind = np.int8 if not timed else np.int16 if self._deadline < 2**15 - 1 else np.int32
        self._reached = np.full((samples, nodes), self._deadline + 1 if timed else 1, dtype=kind)
        self._live, self._key, self._samples, self._nodes = live, np.uint64(key), samples, nodes

    def gains(self, nodes: np.ndarray, threads: int | None) -> np.ndarray:
        """How many nodes each node would add, summed over the samples, int64 [candidate]."""
        from graphsocial.diffusion.seed_selection.celf_kernel import added_reach

        gain = np.empty(len(nodes), dtype=np.int64)

        def ask(begin: int, end: int) -> None:
            asked = (begin, end, nodes, self._key, self._samples, self._deadline, *self._live.rows)
            added_reach(*asked, self._reached, gain, *self._scratch())  # type: ignore[call-arg]

        count = default_threads() if threads is None else threads
        over_items(ask, len(nodes), count, chunk=64)
        return gain

    def add(self, node: int) -> None:
        """Adds a seed."""
        from graphsocial.diffusion.seed_selection.celf_kernel import add_seed

        rows = self._live.rows
        add_seed(node, self._key, self._samples, self._deadline, *rows, self._reached, *self._scratch())  # type: ignore[call-arg]

    def _scratch(self) -> tuple[np.ndarray, np.ndarray]:
        return np.empty(self._nodes, dtype=np.int32), np.zeros(self._nodes, dtype=np.int8)

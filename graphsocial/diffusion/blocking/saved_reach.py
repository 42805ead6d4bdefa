"""What blocking each node or edge saves, over sampled graphs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from graphsocial.diffusion.seed_selection.live_edges import LiveEdges
from graphsocial.graph.threads import default_threads


def saved_reach(
    live: LiveEdges,
    seeds: np.ndarray,
    key: int,
    samples: int,
    node_blocked: np.ndarray,
    edge_blocked: np.ndarray,
    edges: bool,
    threads: int | None = None,
) -> tuple[np.ndarray, int]:
    """Nodes that are not reached if one more is blocked, summed over the samples, int64 [node], or [edge].

    Args:
        live: The sampled graphs.
        seeds: Positions of the seeds.
        key: Key of the samples.
        samples: Number of samples.
        node_blocked: 1 where a node is blocked already, int8 [node].
        edge_blocked: 1 where an edge is blocked already, int8 [edge].
        edges: Whether edges are asked for.
        threads: At most this many; None: one per core.

    Returns:
        That, and the number of nodes reached as it is, summed over the samples.
    """
    from graphsocial.diffusion.blocking.dominators_kernel import saved

    spread = live.spread

    def part(begin: int, end: int) -> tuple[np.ndarray, int]:
        by_node = np.zeros(spread.num_nodes, dtype=np.int64)
        by_edge = np.zeros(spread.num_edges if edges else 0, dtype=np.int64)
        asked = (begin, end, np.uint64(key), seeds, *live.rows, node_blocked, edge_blocked)
        total = saved(*asked, by_node, by_edge)  # type: ignore[call-arg]
        return (by_edge if edges else by_node), total

    count = max(1, min(default_threads() if threads is None else threads, samples // 16))
    if count == 1:
        return part(0, samples)
    bounds = [samples * p // count for p in range(count + 1)]
    with ThreadPoolExecutor(count) as pool:
        parts = list(pool.map(part, bounds[:-1], bounds[1:]))
    return np.sum([p[0] for p in parts], axis=0), sum(p[1] for p in parts)

"""Harmonic centrality: how near each node is to all others."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from graphsocial.graph.adjacency import Walk, adjacency
from graphsocial.graph.centrality.node_scores import NodeScores
from graphsocial.graph.centrality.pivots import draw_pivots
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.threads import default_threads
from graphsocial.schema import EdgeType

_TOGETHER = 64
"""Nodes that are looked from at once, see `bfs_kernels`."""


def harmonic(
    graph: SocialGraph,
    edge_types: Iterable[EdgeType] | None = None,
    walk: Walk = "both",
    samples: int | None = None,
    rng: int | np.random.Generator | None = None,
    threads: int | None = None,
) -> NodeScores:
    """Mean over all other nodes of one over their distance to each node, 0 for those that do not reach it, in [0, 1].

    Unlike closeness it needs no connected graph (Boldi, Vigna 2014, "Axioms for centrality"). With `samples`, distances
    from that many nodes, drawn without replacement, stand for those from all (Eppstein, Wang 2004, "Fast approximation
    of centrality"); the standard error comes from how much groups of the drawn nodes disagree.

    Args:
        graph: View whose edges are walked.
        edge_types: Relations, None for all.
        walk: Direction of the paths that lead to a node.
        samples: Nodes to look from, None for all: exact.
        rng: Seed value or generator of the draw, needed with `samples`.
        threads: At most this many, None for one per core; the result does not depend on it.

    Raises:
        SchemaError: Unknown edge type or walk, samples below 2, or samples without rng.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> reply = ("user", "reply", "user")
    >>> edges = pa.table({"src": ["ann", "bob"], "dst": ["bob", "cy"], "time": [1, 2]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {}}), {}, {reply: edges})
    >>> harmonic(graph, [reply]).top(3)
    {('user', 'bob'): 1.0, ('user', 'ann'): 0.75, ('user', 'cy'): 0.75}
    """
    from graphsocial.graph.paths.bfs_kernels import spread  # numba: imported when first needed

    def inverse_distances(source: np.ndarray) -> np.ndarray:
        """Sum of one over the distance from each source, float64 [node]."""
        reached, total, height = (np.zeros(length, dtype=np.int64) for length in (size, size, len(source)))
        inverse = np.zeros(size)
        spread(0, len(source), source, rows.first, rows.last, rows.neighbour, reached, total, inverse, height)
        return inverse

    rows = adjacency(graph, edge_types, walk)
    size = len(rows)
    pivot = draw_pivots(size, samples, rng)
    drawn, others = len(pivot), max(size - 1, 1)
    together = min(_TOGETHER, max(drawn // 8, 1))  # several groups, even of few
    groups = np.split(pivot, range(together, drawn, together))
    parts = max(min(default_threads() if threads is None else threads, len(groups)), 1)
    total, square = np.zeros(size), np.zeros(size)
    with ThreadPoolExecutor(parts) as pool:
        for i in range(0, len(groups), parts):
            here = groups[i : i + parts]
            for group, sums in zip(here, pool.map(inverse_distances, here), strict=True):
                total += sums
                square += sums**2 / max(len(group), 1)
    if drawn == size:
        return NodeScores("harmonic", rows, walk, total / others)
    # of one drawn node's part, from how much the groups' means differ
    variance = np.maximum(square - total**2 / drawn, 0) / (len(groups) - 1)
    error = size * np.sqrt(variance / drawn * (1 - drawn / size))
    return NodeScores("harmonic", rows, walk, total * (size / drawn / others), error / others)

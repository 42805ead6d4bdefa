"""Betweenness: how much of what travels along shortest paths has to pass each node."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graphsocial.graph.adjacency import Walk, adjacency
from graphsocial.graph.centrality.node_scores import NodeScores
from graphsocial.graph.centrality.pivots import draw_pivots
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


def betweenness(
    graph: SocialGraph,
    edge_types: Iterable[EdgeType] | None = None,
    walk: Walk = "both",
    samples: int | None = None,
    rng: int | np.random.Generator | None = None,
    normalised: bool = True,
    threads: int | None = None,
) -> NodeScores:
    """Share of the shortest paths between two others that lead through each node, summed over all pairs.

    With `samples`, paths from that many nodes, drawn without replacement, stand for those from all (Brandes, Pich 2007,
    "Centrality estimation in large networks"). The estimate is unbiased; its standard error comes from how much the
    drawn nodes disagree and is itself an estimate: it says 0 of a node that no drawn one's paths led through.

    Args:
        graph: View whose edges are walked; parallel ones count once.
        edge_types: Relations, None for all.
        walk: Direction of the paths.
        samples: Nodes to look from, None for all: exact, in time nodes times edges.
        rng: Seed value or generator of the draw, needed with `samples`.
        normalised: Divide by the number of pairs of other nodes, so that values lie in [0, 1]; else pairs are counted,
            once where they are walked either way.
        threads: At most this many, None for one per core; the result does not depend on it.

    Raises:
        SchemaError: Unknown edge type or walk, samples below 2, or samples without rng.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> reply = ("user", "reply", "user")
    >>> edges = pa.table({"src": ["ann", "bob", "cy"], "dst": ["bob", "cy", "dee"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {}}), {}, {reply: edges})
    >>> betweenness(graph, [reply], normalised=False).top(4)
    {('user', 'bob'): 2.0, ('user', 'cy'): 2.0, ('user', 'ann'): 0.0, ('user', 'dee'): 0.0}
    >>> betweenness(graph, [reply], samples=3, rng=0)
    betweenness of 4 nodes over user reply user, either way
      node_type  id   betweenness  error
      user       cy   0.6667       0.1925
      user       bob  0.4444       0.1111
      user       ann  0            0
      user       dee  0            0
    """
    from graphsocial.graph.centrality.betweenness_kernel import dependency_sums  # numba: imported when first needed

    rows = adjacency(graph, edge_types, walk, simple=True)
    size = len(rows)
    pivot = draw_pivots(size, samples, rng)
    total, square = dependency_sums(rows.first, rows.last, rows.neighbour, pivot, threads)
    if normalised:
        scale = 1 / max((size - 1) * (size - 2), 1)
    else:
        scale = 0.5 if walk == "both" else 1.0
    drawn = len(pivot)
    if drawn == size:
        return NodeScores("betweenness", rows, walk, total * scale)
    spread = np.maximum(square - total**2 / drawn, 0) / (drawn - 1)
    error = size * np.sqrt(spread / drawn * (1 - drawn / size))
    return NodeScores("betweenness", rows, walk, total * (size / drawn * scale), error * scale)

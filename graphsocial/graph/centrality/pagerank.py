"""PageRank: where a walk that now and then starts anew spends its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from graphsocial.errors import GraphSocialError, SchemaError
from graphsocial.graph.adjacency import Adjacency, Walk, adjacency
from graphsocial.graph.centrality.node_scores import NodeScores
from graphsocial.graph.paths.reversed_adjacency import reversed_adjacency
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType, NodeKey

_BACK: dict[Walk, Walk] = {"out": "in", "in": "out", "both": "both"}


def pagerank(
    graph: SocialGraph,
    edge_types: Iterable[EdgeType] | None = None,
    walk: Walk = "out",
    restart: Iterable[NodeKey] | Mapping[NodeKey, float] | None = None,
    damping: float = 0.85,
    simple: bool = False,
    tolerance: float = 1e-9,
    max_iterations: int = 200,
) -> NodeScores:
    """PageRank of every node, personalised where `restart` names nodes; the values sum to one.

    A walk takes an edge with chance `damping` and starts anew otherwise, and wherever no edge goes on (Page, Brin,
    Motwani, Winograd 1999, "The PageRank citation ranking"). Each of several parallel edges is as likely as any other.

    Args:
        graph: View whose edges are walked.
        edge_types: Relations, None for all.
        walk: `out` ranks nodes that edges point to; `flow` those that influence reaches.
        restart: Where the walk starts anew: nodes, or nodes with weights; None for any node alike.
        damping: Chance to go on, in [0, 1).
        simple: Ignore self-loops and walk parallel edges as one.
        tolerance: Largest error allowed, summed over all nodes; a proven bound, the true error is smaller.
        max_iterations: Most sweeps over the edges.

    Raises:
        SchemaError: Unknown edge type or walk, or another argument out of its range.
        UnknownNodeError: The view does not know a node to start from.
        GraphSocialError: Not within `tolerance` after `max_iterations` sweeps.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["ann", "bob", "cy"], "dst": ["cy", "cy", "ann"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> pagerank(graph, [follow])
    pagerank of 3 nodes over user follow user, walked out
      node_type  id   pagerank
      user       cy   0.4865
      user       ann  0.4635
      user       bob  0.05
    >>> round(pagerank(graph, [follow], restart=[("user", "bob")]).of(("user", "bob")), 4)
    0.15
    """
    from graphsocial.graph.centrality.pagerank_kernel import pagerank_values  # numba: imported when first needed

    check_arguments(damping, tolerance, max_iterations)
    rows = _arriving_rows(graph, edge_types, walk, simple)
    begin = None if restart is None else _restart(rows, restart)
    value, sweeps, error = pagerank_values(
        rows.first, rows.last, rows.neighbour, None, begin, None, damping, tolerance, max_iterations
    )
    if error > tolerance:
        raise GraphSocialError(
            f"pagerank after {sweeps} sweeps may be off by {error:.3g}, expected at most tolerance={tolerance:g}; "
            "allow more max_iterations or a larger tolerance"
        )
    return NodeScores("pagerank", rows, walk, value)


def check_arguments(damping: float, tolerance: float, max_iterations: int) -> None:
    """Raises SchemaError where a number of PageRank's is out of range."""
    number = int | float | np.integer | np.floating
    if not isinstance(damping, number) or not 0 <= damping < 1:
        raise SchemaError(f"pagerank got damping={damping!r}, expected a number of at least 0 and below 1")
    if not isinstance(tolerance, number) or not 0 < tolerance < np.inf:
        raise SchemaError(f"pagerank got tolerance={tolerance!r}, expected a number above 0, such as 1e-9")
    if isinstance(max_iterations, bool) or not isinstance(max_iterations, int | np.integer) or max_iterations < 1:
        raise SchemaError(f"pagerank got max_iterations={max_iterations!r}, expected a whole number of at least 1")


def _arriving_rows(graph: SocialGraph, edge_types: Iterable[EdgeType] | None, walk: Walk, simple: bool) -> Adjacency:
    """Rows of the nodes that a step to each node comes from."""
    if walk in _BACK:
        return adjacency(graph, edge_types, _BACK[walk], simple)
    return reversed_adjacency(adjacency(graph, edge_types, walk, simple))


def _restart(rows: Adjacency, restart: Iterable[NodeKey] | Mapping[NodeKey, float]) -> np.ndarray:
    """Chance of every node to start from, float64 [node]."""
    if isinstance(restart, tuple) and len(restart) == 2 and isinstance(restart[0], str):
        restart = [restart]  # type: ignore[list-item]  # one node instead of a list of them
    if isinstance(restart, str) or not isinstance(restart, Iterable):
        raise SchemaError(f"restart got {restart!r}, expected nodes such as [('user', 'u17')], or weights by node")
    weighted = restart.items() if isinstance(restart, Mapping) else [(key, 1.0) for key in restart]
    begin = np.zeros(len(rows))
    for key, weight in weighted:
        if not isinstance(weight, int | float | np.integer | np.floating) or not 0 <= weight < np.inf:
            raise SchemaError(f"restart got weight {weight!r} of {key!r}, expected a finite number of at least 0")
        begin[rows.number(key)] = weight
    if not begin.sum() > 0:
        raise SchemaError("restart got no node with a weight above 0, expected at least one, or None for all")
    return begin / begin.sum()

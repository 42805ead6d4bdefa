"""The rows of an adjacency walked the other way."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.adjacency import Adjacency, Walk, adjacency
from graphsocial.graph.csr import narrow


def reversed_adjacency(near: Adjacency) -> Adjacency:
    """Rows that hold, for every node, the nodes whose rows it stands in; the same numbering, cached per view.

    The store's own rows are read where the walk has an opposite: in for out. Relations whose flows disagree have none,
    so their rows are turned round.

    Args:
        near: Any adjacency.

    >>> import pyarrow as pa
    >>> from graphsocial.graph.social_graph import SocialGraph
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["ann", "bob"], "dst": ["bob", "cy"], "time": [1, 2]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> near = adjacency(graph, [follow], "flow")
    >>> near.walk, reversed_adjacency(near).walk, reversed_adjacency(near).degree.tolist()
    ('flow', 'out', [1, 1, 0])
    """
    graph, simple = near.graph, near.count is not None
    opposite: dict[str, Walk] = {"out": "in", "in": "out", "both": "both"}
    flows = {graph.schema.flow_of(edge_type) for edge_type in near.edge_types}
    if near.walk == "flow" and len(flows) <= 1:
        return adjacency(graph, near.edge_types, "out" if flows == {"backward"} else "in", simple)
    if near.walk != "flow":
        return adjacency(graph, near.edge_types, opposite[near.walk], simple)
    key = ("reversed adjacency", near.edge_types, simple)
    if key not in graph.cache:
        graph.cache[key] = _turned(near)
    return graph.cache[key]


def _turned(near: Adjacency) -> Adjacency:
    from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

    total = len(near)
    order = np.empty(len(near.neighbour), dtype=narrow(len(near.neighbour)))
    # several relations: the rows were built, so they lie one after the other and cover all entries
    indptr = stable_groups(near.neighbour, total, order)
    neighbour = np.repeat(np.arange(total, dtype=near.neighbour.dtype), near.degree)[order]
    count = None if near.count is None else near.count[order]
    for array in (indptr, neighbour, count):
        if array is not None:
            array.setflags(write=False)
    return Adjacency(
        near.graph, near.edge_types, near.walk, near.node_types, near.offset, indptr[:-1], indptr[1:], neighbour, count
    )

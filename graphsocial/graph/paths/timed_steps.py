"""The edges of a view as steps in order of time, for whatever travels along them one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.adjacency import WALKS, Adjacency, Walk
from graphsocial.graph.chosen_relations import chosen_relations
from graphsocial.graph.csr import narrow
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType, NodeKey


@dataclass(frozen=True, eq=False)
class TimedSteps:
    """Steps `begin` to `end` of these arrays are the view's; edges of unknown time are not among them.

    Attributes:
        numbering: Numbers of nodes, as adjacencies have them; it holds no rows.
        begin: First step of the view.
        end: One past the last step of the view.
        tail: Number of the node that a step leaves, [step].
        head: Number of the node that it enters, [step].
        time: When it can be taken, int64 seconds, ascending [step].
        indptr: First entry of each node's row of steps that leave it, int64 [node + 1].
        order: Step of each entry, [entry]; empty where entry i is step i.
        relation: Place of a step's relation among the edge types, int8 [step]; None where there is one.
        edge: Position of a step's edge among the view's edges of its relation, [step]; None where it is the step's
            place after `begin`.
        unrecorded: Number of edges left out because nobody recorded their time.
    """

    numbering: Adjacency
    begin: int
    end: int
    tail: np.ndarray
    head: np.ndarray
    time: np.ndarray
    indptr: np.ndarray
    order: np.ndarray
    relation: np.ndarray | None
    edge: np.ndarray | None
    unrecorded: int

    def __len__(self) -> int:
        return self.end - self.begin

    def number(self, key: NodeKey) -> int:
        """Number of a node; raises what `Adjacency.number` raises."""
        return self.numbering.number(key)

    def relation_of(self, step: int) -> EdgeType:
        """Edge type of a step."""
        return self.numbering.edge_types[0 if self.relation is None else int(self.relation[step])]

    def edge_of(self, step: np.ndarray) -> np.ndarray:
        """Positions of some steps' edges among the view's edges of their relation, int64 [step]."""
        return step - self.begin if self.edge is None else self.edge[step].astype(np.int64)


def timed_steps(graph: SocialGraph, edge_types: Iterable[EdgeType] | None = None, walk: Walk = "flow") -> TimedSteps:
    """The steps that the view's edges allow, in order of time; of one moment, in order of relation and then of edges.

    One relation between nodes of one type, walked one way and with all times recorded, is read where it stands.
    Anything else is built once per view.

    Args:
        graph: The view.
        edge_types: Relations to walk, None for all.
        walk: `out` from source to target, `in` from target to source, `both`, or `flow`, the way influence travels.

    Raises:
        SchemaError: Unknown edge type or walk.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> edges = pa.table({"src": ["bob", "cy"], "dst": ["ann", "bob"], "time": [10, 20]})
    >>> steps = timed_steps(SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges}))
    >>> steps.numbering.keys(steps.tail), steps.time.tolist()
    ([('user', 'ann'), ('user', 'bob')], [10, 20])
    """
    chosen = chosen_relations(graph, edge_types)
    if walk not in WALKS:
        raise SchemaError(f"unknown walk {walk!r}, expected one of {', '.join(WALKS)}.{did_you_mean(walk, WALKS)}")
    key = ("timed steps", chosen, walk)
    if key not in graph.cache:
        graph.cache[key] = _build(graph, chosen, walk)
    return graph.cache[key]


def _build(graph: SocialGraph, chosen: tuple[EdgeType, ...], walk: Walk) -> TimedSteps:
    node_types = tuple(sorted({end for e in chosen for end in (e[0], e[2])}))
    offset = np.concatenate([[0], np.cumsum([graph.num_nodes(t) for t in node_types])]).astype(np.int64)
    nothing = np.empty(0, dtype=np.int64)
    numbering = Adjacency(graph, chosen, walk, node_types, offset, nothing, nothing, nothing)
    recorded = [graph.edges(e).recorded for e in chosen]
    unrecorded = sum(len(r) - int(np.count_nonzero(r)) for r in recorded)
    if unrecorded == 0 and len(chosen) == 1 and len(node_types) == 1 and walk != "both":
        return _stored(graph, numbering, _forward(graph, chosen[0], walk)[0])
    base = dict(zip(node_types, offset[:-1].tolist(), strict=True))
    kind = narrow(int(offset[-1]))
    parts: list[tuple[np.ndarray, ...]] = [
        (np.empty(0, kind), np.empty(0, kind), np.empty(0, np.int64), np.empty(0, np.int8), np.empty(0, np.int32))
    ]
    for place, e in enumerate(chosen):
        edges = graph.edges(e)
        known = np.flatnonzero(recorded[place])
        src = (edges.src[known] + base[e[0]]).astype(kind)
        dst = (edges.dst[known] + base[e[2]]).astype(kind)
        relation, edge = np.full(len(known), place, dtype=np.int8), known.astype(narrow(len(edges)))
        for forward in _forward(graph, e, walk):
            ends = (src, dst) if forward else (dst, src)
            parts.append((*ends, edges.time[known], relation, edge))
    tail, head, time, relation, edge = (np.concatenate(column) for column in zip(*parts, strict=True))
    by_time = np.argsort(time, kind="stable")
    tail, head, time, relation, edge = (column[by_time] for column in (tail, head, time, relation, edge))
    indptr, order = _grouped(tail, int(offset[-1]))
    for array in (tail, head, time, indptr, order):
        array.setflags(write=False)
    return TimedSteps(numbering, 0, len(time), tail, head, time, indptr, order, relation, edge, unrecorded)


def _forward(graph: SocialGraph, edge_type: EdgeType, walk: Walk) -> tuple[bool, ...]:
    """Whether steps go along a relation's edges or against them, or both."""
    flow = graph.schema.flow_of(edge_type) == "forward"
    return {"out": (True,), "in": (False,), "both": (True, False), "flow": (flow,)}[walk]


def _stored(graph: SocialGraph, numbering: Adjacency, forward: bool) -> TimedSteps:
    """Steps and rows of the whole store, and the part of them that the view sees."""
    edge_type = numbering.edge_types[0]
    table, csr = graph.tables.edges[edge_type], graph.csr(edge_type, "out" if forward else "in")
    order = csr.order
    if order is None:
        order = np.empty(0, dtype=np.int32)
        order.setflags(write=False)
    begin = graph.without_start().num_edges(edge_type) - graph.num_edges(edge_type)
    tail, head = (table.src, table.dst) if forward else (table.dst, table.src)
    end = begin + graph.num_edges(edge_type)
    return TimedSteps(numbering, begin, end, tail, head, table.time, csr.indptr, order, None, None, 0)


def _grouped(row: np.ndarray, total: int) -> tuple[np.ndarray, np.ndarray]:
    from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

    order = np.empty(len(row), dtype=narrow(len(row)))
    return stable_groups(row, total, order), order

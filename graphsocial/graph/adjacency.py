"""Neighbours of every node of a view over chosen relations, in one numbering, ready for compiled loops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.chosen_relations import chosen_relations
from graphsocial.graph.csr import Direction, narrow
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType, NodeKey

Walk = Literal["out", "in", "both", "flow"]
"""How edges are walked: source to target, target to source, either way, or the way influence travels."""

WALKS: tuple[Walk, ...] = ("out", "in", "both", "flow")


@dataclass(frozen=True, eq=False)
class Adjacency:
    """Rows of neighbours; nodes are numbered type by type, and within a type in the view's canonical order.

    Attributes:
        graph: The view.
        edge_types: Relations that are walked, sorted.
        walk: How.
        node_types: Types that the relations touch, sorted.
        offset: Number of the first node of each type, and one past the last, int64 [type + 1].
        first: First entry of each node's row, int64 [node].
        last: One past the last entry of each node's row, int64 [node].
        neighbour: Numbers, int32 or int64 [entry]; rows of one relation are in order of time, simple ones ascending.
            Only entries from `first` to `last` count: the store's own rows hold what the view does not know, too.
        count: Edges that an entry stands for, int64 [entry]; None where every entry is one edge.
    """

    graph: SocialGraph
    edge_types: tuple[EdgeType, ...]
    walk: Walk
    node_types: tuple[str, ...]
    offset: np.ndarray
    first: np.ndarray
    last: np.ndarray
    neighbour: np.ndarray
    count: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.first)

    @property
    def degree(self) -> np.ndarray:
        """Entries of each row, int64 [node]."""
        return self.last - self.first

    @cached_property
    def num_entries(self) -> int:
        """Entries of all rows."""
        return int(self.degree.sum())

    def number(self, key: NodeKey) -> int:
        """Number of one node.

        Raises:
            UnknownNodeError: The view has no such node.
            SchemaError: None of the relations touches its type.
        """
        position = self.graph.index_of(key)
        return int(self.offset[self._type_place(key[0])]) + position

    def numbers(self, keys: Iterable[NodeKey]) -> np.ndarray:
        """Numbers of some nodes, int64 [node]; raises what `number` raises."""
        return np.array([self.number(key) for key in keys], dtype=np.int64)

    def keys(self, number: np.ndarray | Sequence[int]) -> list[NodeKey]:
        """`(node type, id)` of some numbers."""
        number = np.asarray(number, dtype=np.int64)
        place = np.searchsorted(self.offset, number, side="right") - 1
        ids = {t: self.graph.node_ids(t) for t in self.node_types}
        names = self.node_types
        return [(names[p], ids[names[p]][i]) for p, i in zip(place.tolist(), number - self.offset[place], strict=True)]

    def types_and_ids(self) -> tuple[np.ndarray, np.ndarray]:
        """Node type and id of every node, object [node] each."""
        sizes = np.diff(self.offset)
        types = np.repeat(np.array(self.node_types, dtype=object), sizes)
        return types, np.concatenate([np.empty(0, dtype=object), *(self.graph.node_ids(t) for t in self.node_types)])

    def _type_place(self, node_type: str) -> int:
        if node_type not in self.node_types:
            relations = ", ".join(" ".join(e) for e in self.edge_types)
            raise SchemaError(
                f"no {node_type} stands in the relations {relations}, expected {' or '.join(self.node_types)}"
            )
        return self.node_types.index(node_type)


def adjacency(
    graph: SocialGraph, edge_types: Iterable[EdgeType] | None = None, walk: Walk = "both", simple: bool = False
) -> Adjacency:
    """The view's neighbours over some relations.

    Walking one relation between nodes of one type, out, in or with the flow, reads the store's own rows: nothing is
    copied. Anything else is built once per view.

    Args:
        graph: The view.
        edge_types: Relations to walk, None for all.
        walk: `out` from source to target, `in` from target to source, `both`, or `flow`, the way influence travels.
        simple: Without self-loops, parallel edges as one; `count` then says how many.

    Raises:
        SchemaError: Unknown edge type or walk.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["ann", "ann", "bob"], "dst": ["bob", "bob", "ann"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> near = adjacency(graph, [follow], simple=True)
    >>> near.keys([0, 1]), near.neighbour.tolist(), near.count.tolist()
    ([('user', 'ann'), ('user', 'bob')], [1, 0], [3, 3])
    """
    chosen = chosen_relations(graph, edge_types)
    if walk not in WALKS:
        raise SchemaError(f"unknown walk {walk!r}, expected one of {', '.join(WALKS)}.{did_you_mean(walk, WALKS)}")
    key = ("adjacency", chosen, walk, simple)
    if key not in graph.cache:
        graph.cache[key] = _build(graph, chosen, walk, simple)
    return graph.cache[key]


def _directions(graph: SocialGraph, edge_type: EdgeType, walk: Walk) -> tuple[Direction, ...]:
    if walk == "both":
        return ("out", "in")
    if walk == "flow":
        return ("out",) if graph.schema.flow_of(edge_type) == "forward" else ("in",)
    return (walk,)


def _build(graph: SocialGraph, chosen: tuple[EdgeType, ...], walk: Walk, simple: bool) -> Adjacency:
    node_types = tuple(sorted({end for e in chosen for end in (e[0], e[2])}))
    offset = np.concatenate([[0], np.cumsum([graph.num_nodes(t) for t in node_types])]).astype(np.int64)
    if not simple and len(chosen) == 1 and walk != "both" and len(node_types) == 1:
        first, last, neighbour = _stored_rows(graph, chosen[0], _directions(graph, chosen[0], walk)[0])
        return Adjacency(graph, chosen, walk, node_types, offset, first, last, neighbour)
    row, neighbour = _entries(graph, chosen, walk, dict(zip(node_types, offset[:-1].tolist(), strict=True)))
    total = int(offset[-1])
    count = None
    if simple:
        from graphsocial.graph.simple_rows_kernel import simple_rows  # numba: imported when first needed

        indptr, neighbour, count = simple_rows(row, neighbour, total)
    else:
        indptr, order = _grouped(row, total)
        neighbour = neighbour[order]
    for array in (indptr, neighbour, count):
        if array is not None:
            array.setflags(write=False)
    return Adjacency(graph, chosen, walk, node_types, offset, indptr[:-1], indptr[1:], neighbour, count)


def _stored_rows(
    graph: SocialGraph, edge_type: EdgeType, direction: Direction
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First and last entries that the view sees of the store's own rows, and their neighbours."""
    csr, count = graph.csr(edge_type, direction), graph.num_nodes(edge_type[0])
    whole = graph.num_edges(edge_type) == len(csr.neighbour)
    if whole:
        return csr.indptr[:count], csr.indptr[1 : count + 1], csr.neighbour
    from graphsocial.graph.kernels import locate  # numba: imported when first needed

    start = np.full(count, csr.on_clock(graph.start))
    stop = np.full(count, csr.on_clock(np.iinfo(np.int64).max if graph.end is None else graph.end))
    first, last = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    locate(0, count, np.arange(count), start, stop, csr.indptr, csr.clock, first, last)
    for array in (first, last):
        array.setflags(write=False)
    return first, last, csr.neighbour


def _entries(
    graph: SocialGraph, chosen: tuple[EdgeType, ...], walk: Walk, base: dict[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Row and neighbour of every entry, numbers, relation by relation and in order of time within each."""
    kind = narrow(sum(graph.num_nodes(t) for t in base))
    rows, neighbours = [np.empty(0, dtype=kind)], [np.empty(0, dtype=kind)]
    for edge_type in chosen:
        edges = graph.edges(edge_type)
        src = (edges.src + base[edge_type[0]]).astype(kind)
        dst = (edges.dst + base[edge_type[2]]).astype(kind)
        for direction in _directions(graph, edge_type, walk):
            rows.append(src if direction == "out" else dst)
            neighbours.append(dst if direction == "out" else src)
    return np.concatenate(rows), np.concatenate(neighbours)


def _grouped(row: np.ndarray, total: int) -> tuple[np.ndarray, np.ndarray]:
    from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

    order = np.empty(len(row), dtype=narrow(len(row)))
    return stable_groups(row, total, order), order

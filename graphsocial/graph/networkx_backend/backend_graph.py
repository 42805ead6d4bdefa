"""The graph that the NetworkX backend works on: compressed rows of neighbours behind node labels of any kind."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np

from graphsocial.graph.csr import narrow

Label = Hashable

ABSENT = object()
"""Stands in a column where an edge or node has no such attribute."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Distinct neighbours of every node.

    Attributes:
        indptr: First entry of each node's row, int64 [node + 1].
        neighbour: Node at the other end, int32 or int64 [entry]; distinct within a row.
        count: Parallel edges that an entry stands for, int64 [entry]; None where every entry is one edge.
    """

    indptr: np.ndarray
    neighbour: np.ndarray
    count: np.ndarray | None = None

    def __post_init__(self) -> None:
        for array in (self.indptr, self.neighbour, self.count):
            if array is not None:
                array.setflags(write=False)  # kernels compile once for each kind of array: all are read-only

    @property
    def first(self) -> np.ndarray:
        """First entry of each node's row, int64 [node]."""
        return self.indptr[:-1]

    @property
    def last(self) -> np.ndarray:
        """One past the last entry of each node's row, int64 [node]."""
        return self.indptr[1:]

    @cached_property
    def row(self) -> np.ndarray:
        """Node whose row an entry stands in, [entry]."""
        size = len(self.indptr) - 1
        return np.repeat(np.arange(size, dtype=narrow(size)), np.diff(self.indptr))

    @cached_property
    def loops(self) -> np.ndarray:
        """Entries that are self-loops, int64 [loop]."""
        return np.flatnonzero(self.row == self.neighbour)

    @cached_property
    def edges(self) -> np.ndarray:
        """Edges of each row, parallel ones counted, int64 [node]."""
        if self.count is None:
            return np.diff(self.indptr)
        return np.diff(np.concatenate([[0], np.cumsum(self.count)])[self.indptr])


class BackendGraph:
    """A graph as arrays; its nodes are numbered in NetworkX's order, and its rows keep NetworkX's order of neighbours.

    Immutable: a changed NetworkX graph is converted anew, another view of a `SocialGraph` is another graph.

    Attributes:
        out: Rows of successors; of neighbours where the graph is undirected.
        into: Rows of predecessors; the same as `out` where the graph is undirected.
        multigraph: Parallel edges are edges of their own.
        columns: Values of edge attributes, by name, [parallel edge in the order of `out`]; `ABSENT` where an edge
            has none.
        keys: Keys of a multigraph's edges, in that order; None: 0, 1, … between any two nodes.
        node_columns: Values of node attributes, by name, [node]; `ABSENT` where there is none.
        graph: Attributes of the graph.

    >>> graph = BackendGraph(["ann", "bob"], Rows(np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32)))
    >>> graph, "ann" in graph, graph.number_of_edges()
    (BackendGraph of 2 nodes, 1 edges, True, 1)
    """

    __networkx_backend__ = "graphsocial"

    def __init__(
        self,
        labels: Sequence[Label] | Callable[[], Sequence[Label]],
        out: Rows,
        into: Rows | None = None,
        *,
        multigraph: bool = False,
        columns: Mapping[str, Sequence[Any]] | None = None,
        keys: Sequence[Hashable] | None = None,
        node_columns: Mapping[str, Sequence[Any]] | None = None,
        graph: Mapping[str, Any] | None = None,
    ):
        """A graph from rows.

        Args:
            labels: Nodes in order, or what gives them when they are first needed.
            out: Rows of successors.
            into: Rows of predecessors; None makes the graph undirected.
            multigraph: Parallel edges are edges of their own.
            columns: Edge attributes.
            keys: Keys of parallel edges.
            node_columns: Node attributes.
            graph: Graph attributes.
        """
        self._labels, self.out, self.into = labels, out, out if into is None else into
        self._directed, self.multigraph = into is not None, multigraph
        self.columns: Mapping[str, Sequence[Any]] = {} if columns is None else columns
        self.keys, self.node_columns = keys, dict(node_columns or {})
        self.graph = dict(graph or {})
        self.__networkx_cache__: dict[str, Any] = {}  # NetworkX keeps what it converts back for functions not served

    def __repr__(self) -> str:
        kind = f"{'directed ' if self._directed else ''}{'multigraph ' if self.multigraph else ''}"
        return f"BackendGraph {kind}of {len(self):,} nodes, {self.number_of_edges():,} edges"

    # ---- nodes

    @cached_property
    def labels(self) -> list[Label]:
        """Nodes in order."""
        return list(self._labels() if callable(self._labels) else self._labels)

    @cached_property
    def label_array(self) -> np.ndarray:
        """Nodes in order, object [node]."""
        return np.fromiter(self.labels, dtype=object, count=len(self))

    @cached_property
    def number_of(self) -> dict[Label, int]:
        """Number of each node."""
        return {label: i for i, label in enumerate(self.labels)}

    def number(self, label: Any) -> int | None:
        """Number of a node, None for what is none."""
        try:
            return self.number_of.get(label)
        except TypeError:  # unhashable
            return None

    def named(self, number: np.ndarray) -> list[Label]:
        """Nodes of some numbers."""
        return self.label_array[number].tolist()

    def __len__(self) -> int:
        return len(self.out.indptr) - 1

    def __iter__(self) -> Iterator[Label]:
        return iter(self.labels)

    def __contains__(self, label: Any) -> bool:
        return self.number(label) is not None

    has_node = __contains__

    def nbunch_iter(self, nbunch: Any = None) -> Iterator[Label]:
        """Nodes among `nbunch`, which is one node, an iterable of some, or None for all; as `nx.Graph.nbunch_iter`."""
        return nx.Graph.nbunch_iter(_Named(self.number_of), nbunch)

    def numbers(self, nbunch: Any = None) -> np.ndarray:
        """Numbers of the nodes among `nbunch`, int64 [node]."""
        if nbunch is None:
            return np.arange(len(self))
        return np.array([self.number_of[label] for label in self.nbunch_iter(nbunch)], dtype=np.int64)

    # ---- what NetworkX asks a graph

    def is_directed(self) -> bool:
        """Whether edges have a direction."""
        return self._directed

    def is_multigraph(self) -> bool:
        """Whether parallel edges are edges of their own."""
        return self.multigraph

    def number_of_nodes(self) -> int:
        """Number of nodes."""
        return len(self)

    order = number_of_nodes

    def number_of_edges(self) -> int:
        """Number of edges, parallel ones and self-loops included."""
        entries = int(self.out.edges.sum())
        return entries if self._directed else (entries + self.number_of_loops) // 2

    @cached_property
    def number_of_loops(self) -> int:
        """Number of self-loops, parallel ones included."""
        loops, count = self.out.loops, self.out.count
        return len(loops) if count is None else int(count[loops].sum())

    @cached_property
    def degree(self) -> np.ndarray:
        """Ends of edges at each node, parallel ones counted, int64 [node]."""
        if self._directed:
            return self.out.edges + self.into.edges
        loops, count = self.out.loops, self.out.count
        ends = self.out.edges.copy()
        ends[self.out.row[loops]] += 1 if count is None else count[loops]
        return ends

    @cached_property
    def simple(self) -> Rows:
        """Rows of `out` without self-loops, parallel edges as one."""
        return self.out if not len(self.out.loops) and self.out.count is None else _without_loops(self.out)

    @cached_property
    def either_way(self) -> Rows:
        """Rows of neighbours of a directed graph without self-loops, where an edge each way counts as two."""
        from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed
        from graphsocial.graph.networkx_backend.parallel_edges_kernel import merge_parallel

        out, into = self.simple, _without_loops(self.into)
        row = np.concatenate([out.row, into.row])
        order = np.empty(len(row), dtype=np.int64)
        indptr = stable_groups(row, len(self), order)
        neighbour = np.concatenate([out.neighbour, into.neighbour])[order]
        return Rows(*merge_parallel(indptr[:-1], indptr[1:], neighbour, 1))

    def weight(self, name: str | None) -> np.ndarray | None:
        """Sum of an attribute over the edges of each entry of `out`, 1 for edges without it, float64 [entry].

        None where every edge counts as one and there are no parallel ones.
        """
        count = self.out.count
        if name is None or name not in self.columns:
            return None if count is None else count.astype(np.float64)
        values = np.array([1 if v is ABSENT else v for v in self.columns[name]], dtype=np.float64)
        return values if count is None else np.add.reduceat(values, np.cumsum(count) - count) if len(count) else values


def _without_loops(rows: Rows) -> Rows:
    kept = rows.row != rows.neighbour
    size = len(rows.indptr) - 1
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows.row[kept], minlength=size))]).astype(np.int64)
    return Rows(indptr, rows.neighbour[kept])


class _Named:
    """As much of a NetworkX graph as `nbunch_iter` reads."""

    def __init__(self, number_of: Mapping[Label, int]):
        self._adj = number_of

    def __contains__(self, label: Any) -> bool:
        try:
            return label in self._adj
        except TypeError:  # unhashable
            return False

"""The graph that something spreads over: edges in the direction influence flows, as compressed sparse rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from graphsocial.diffusion.named_nodes import NamedNodes
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.csr import narrow
from graphsocial.graph.time import format_time


@dataclass(frozen=True, eq=False)
class SpreadGraph(NamedNodes):
    """Edges from who influences to who is influenced; parallel edges stand side by side, each with a chance of its own.

    `spread_graph` makes one from a view of a `SocialGraph`, `from_edges` from plain arrays.

    Attributes:
        indptr: First edge of each node's row, int64 [node + 1].
        target: Whom each edge reaches, int32 (int64 beyond 2**31 nodes), ascending within a row [edge].
        node_type: Type of the nodes, "" where none was stated.
        edge_values: Numbers of each edge by name, [edge].
        node_values: Numbers of each node by name, [node].
        known_until: The edges are what was known before this second, None for all there is.
        assumptions: What has to be believed of them, one sentence each.

    >>> spread = SpreadGraph.from_edges([0, 0, 1], [1, 2, 2])
    >>> spread
    SpreadGraph of 3 nodes and 3 edges
    >>> spread.source.tolist(), spread.target.tolist(), spread.in_degree.tolist()
    ([0, 0, 1], [1, 2, 2], [0, 1, 2])
    """

    indptr: np.ndarray
    target: np.ndarray
    node_type: str = ""
    edge_values: Mapping[str, np.ndarray] = field(default_factory=dict)
    node_values: Mapping[str, np.ndarray] = field(default_factory=dict)
    known_until: int | None = None
    assumptions: tuple[str, ...] = ()
    _ids: np.ndarray | None = None

    def __post_init__(self) -> None:
        indptr, target = np.asarray(self.indptr), np.asarray(self.target)
        if indptr.ndim != 1 or len(indptr) < 1 or indptr[0] != 0 or indptr[-1] != len(target):
            raise SchemaError(
                f"indptr got {indptr.shape} values, expected one more than there are nodes, ascending from 0 to "
                f"{len(target)}, the number of edges"
            )
        if (np.diff(indptr) < 0).any():
            raise SchemaError("indptr, expected to ascend: no row ends before it begins")
        nodes = len(indptr) - 1
        if len(target) and not (target.min() >= 0 and target.max() < nodes):
            raise SchemaError(f"an edge got target {int(target.max())}, expected 0 to {nodes - 1}")
        for name, values, count in (
            *((n, v, len(target)) for n, v in self.edge_values.items()),
            *((n, v, nodes) for n, v in self.node_values.items()),
        ):
            if np.shape(values) != (count,):
                raise SchemaError(f"values {name!r} got shape {np.shape(values)}, expected ({count},)")
        for name, array in (("indptr", indptr.astype(np.int64)), ("target", target.astype(narrow(nodes)))):
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @classmethod
    def from_edges(
        cls,
        source: np.ndarray | Sequence[int],
        target: np.ndarray | Sequence[int],
        num_nodes: int | None = None,
        ids: Sequence[Any] | np.ndarray | None = None,
        edge_values: Mapping[str, np.ndarray] | None = None,
        node_values: Mapping[str, np.ndarray] | None = None,
    ) -> SpreadGraph:
        """From the two ends of every edge; edges are put in order of source, then of target.

        Args:
            source: Who influences, numbers from 0 on [edge].
            target: Who is influenced [edge].
            num_nodes: Number of nodes; None: one more than the largest number, or the number of ids.
            ids: What the nodes are called, [node]; None: their numbers.
            edge_values: Numbers of each edge by name, in the order given; they are put in order with the edges.
            node_values: Numbers of each node by name, [node].

        Raises:
            SchemaError: The arrays do not fit together, or an id stands twice.
        """
        source, target = _whole_numbers("source", source), _whole_numbers("target", target)
        if len(source) != len(target):
            raise SchemaError(f"got {len(source)} sources and {len(target)} targets, expected as many")
        if num_nodes is None:
            largest = max(int(source.max(initial=-1)), int(target.max(initial=-1)))
            num_nodes = largest + 1 if ids is None else len(ids)
        for name, ends in (("source", source), ("target", target)):
            if len(ends) and not (ends.min() >= 0 and ends.max() < num_nodes):
                wrong = ends[(ends < 0) | (ends >= num_nodes)][0]
                raise SchemaError(f"{name} got {wrong}, expected 0 to {num_nodes - 1}")
        from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

        by_target = np.empty(len(source), dtype=narrow(len(source)))
        stable_groups(target, num_nodes, by_target)
        by_source = np.empty(len(source), dtype=narrow(len(source)))
        indptr = stable_groups(source[by_target], num_nodes, by_source)
        order = by_target[by_source]
        values = {name: np.asarray(v) for name, v in (edge_values or {}).items()}
        for name, v in values.items():
            if v.shape != source.shape:
                raise SchemaError(f"edge values {name!r} got shape {v.shape}, expected ({len(source)},), one per edge")
        return cls(
            indptr,
            target[order],
            edge_values={name: v[order] for name, v in values.items()},
            node_values={name: np.asarray(v) for name, v in (node_values or {}).items()},
            _ids=None if ids is None else _distinct(ids, num_nodes),
        )

    # ---- what it is

    @property
    def num_nodes(self) -> int:
        """Number of nodes."""
        return len(self.indptr) - 1

    @property
    def num_edges(self) -> int:
        """Number of edges."""
        return len(self.target)

    def __repr__(self) -> str:
        until = "" if self.known_until is None else f" as of {format_time(self.known_until)}"
        kind = f"{self.node_type} " if self.node_type else ""
        return f"SpreadGraph of {self.num_nodes:,} {kind}nodes and {self.num_edges:,} edges{until}"

    @cached_property
    def source(self) -> np.ndarray:
        """Who influences along each edge, [edge]; made when first asked for."""
        source = np.repeat(np.arange(self.num_nodes, dtype=self.target.dtype), self.out_degree)
        source.setflags(write=False)
        return source

    @property
    def out_degree(self) -> np.ndarray:
        """Edges that leave each node, int64 [node]."""
        return np.diff(self.indptr)

    @cached_property
    def in_degree(self) -> np.ndarray:
        """Edges that reach each node, int64 [node]."""
        return np.bincount(self.target, minlength=self.num_nodes)

    @cached_property
    def reverse(self) -> ReverseRows:
        """The same edges grouped by whom they reach."""
        from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

        edge = np.empty(self.num_edges, dtype=narrow(self.num_edges))
        indptr = stable_groups(self.target, self.num_nodes, edge)
        return ReverseRows(indptr, self.source[edge], edge)

    def edge_value(self, name: str) -> np.ndarray:
        """Numbers of each edge, [edge].

        Raises:
            SchemaError: The graph has no such values.
        """
        return _named("edge", name, self.edge_values)

    def node_value(self, name: str) -> np.ndarray:
        """Numbers of each node, [node].

        Raises:
            SchemaError: The graph has no such values.
        """
        return _named("node", name, self.node_values)


@dataclass(frozen=True, eq=False)
class ReverseRows:
    """Edges grouped by whom they reach.

    Attributes:
        indptr: First entry of each node's row, int64 [node + 1].
        source: Who influences, [entry].
        edge: Which edge of the spread graph it is, [entry].
    """

    indptr: np.ndarray
    source: np.ndarray
    edge: np.ndarray


def _whole_numbers(name: str, values: np.ndarray | Sequence[int]) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise SchemaError(f"{name} got {array.dtype} {array.shape}, expected whole numbers, [edge]")
    return np.ascontiguousarray(array, dtype=np.int64)


def _distinct(ids: Sequence[Any] | np.ndarray, num_nodes: int) -> np.ndarray:
    array = np.empty(len(ids), dtype=object)
    array[:] = list(ids)
    if len(array) != num_nodes:
        raise SchemaError(f"got {len(array)} ids, expected {num_nodes}, one per node")
    if len(set(array.tolist())) != len(array):
        raise SchemaError("an id stands twice, expected each node to have its own")
    return array


def _named(kind: str, name: str, values: Mapping[str, np.ndarray]) -> np.ndarray:
    if name not in values:
        known = ", ".join(values) or "none: pass them when the graph is made"
        raise SchemaError(f"the graph has no {kind} values {name!r}, it has {known}.{did_you_mean(str(name), values)}")
    return values[name]

"""Timed edges of one relation, by node and in order of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.relations.relation_edges import RelationEdges


@dataclass(frozen=True, eq=False)
class TimedRows:
    """Neighbours of each node in order of time.

    Attributes:
        start: First place of each node's row, int64 [node + 1].
        neighbour: int64 [place].
        time: Seconds, int64 [place].
        value: Strength, float64 [place].
    """

    start: np.ndarray
    neighbour: np.ndarray
    time: np.ndarray
    value: np.ndarray

    @classmethod
    def of(cls, at: np.ndarray, neighbour: np.ndarray, time: np.ndarray, value: np.ndarray, nodes: int) -> TimedRows:
        """Sorts edges by node, then time, then neighbour."""
        order = np.lexsort([neighbour, time, at])
        start = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=nodes))]).astype(np.int64)
        return cls(start, neighbour[order], time[order], value[order])


@dataclass(frozen=True, eq=False)
class TimedEdges:
    """Edges of one relation.

    Attributes:
        src: int64 [edge], in order of time.
        dst: int64 [edge].
        time: int64 [edge].
        value: Strength; 1 where the data has none, float64 [edge].
        valued: Whether the data has strengths.
        known: When each node is first seen by any relation, int64 [node].
        pools: Nodes that may be source and target, ascending.
        out: Rows by source.
        into: Rows by target.
    """

    src: np.ndarray
    dst: np.ndarray
    time: np.ndarray
    value: np.ndarray
    valued: bool
    known: np.ndarray
    pools: tuple[np.ndarray, np.ndarray]
    out: TimedRows
    into: TimedRows

    def __len__(self) -> int:
        return len(self.src)

    @property
    def nodes(self) -> int:
        """How many there are."""
        return len(self.known)

    @classmethod
    def of(cls, edges: RelationEdges, relation: int) -> TimedEdges:
        """One relation of several.

        Raises:
            SchemaError: Some edge has no time.
        """
        if not edges.timed:
            raise SchemaError("some edges have no time, expected one for each; a random split needs none")
        known = np.full(edges.nodes, np.iinfo(np.int64).max)
        np.minimum.at(known, np.concatenate([edges.src, edges.dst]), np.tile(edges.time, 2))
        mine = np.flatnonzero(edges.relation == relation)
        mine = mine[np.argsort(edges.time[mine], kind="stable")]
        src, dst, time = edges.src[mine], edges.dst[mine], edges.time[mine]
        valued = bool(len(mine)) and bool(np.isfinite(edges.value[mine]).all())
        value = edges.value[mine] if valued else np.ones(len(mine))
        out, into = (TimedRows.of(a, b, time, value, edges.nodes) for a, b in ((src, dst), (dst, src)))
        return cls(src, dst, time, value, valued, known, edges.pools(relation), out, into)

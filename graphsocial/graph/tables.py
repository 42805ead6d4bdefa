"""The immutable columns that all views of a graph share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa

from graphsocial.graph.csr import Csr, Direction, build_csr
from graphsocial.graph.id_lookup import IdLookup, JoinedLookup
from graphsocial.graph.measurements import Measurements
from graphsocial.schema import EdgeType, Schema


@dataclass(frozen=True)
class NodeTable:
    """Nodes of one type, sorted by (first known time, id).

    Attributes:
        ids: The source's own ids, strings [node].
        first_known: When the node is first heard of, int64 seconds [node], ascending.
        row_known: When the columns of its row are known, int64 seconds [node]; NEVER where only edges name it.
        columns: Values of the columns that are not measured one by one, each [node].
        measured: Measurements by name of the other columns.
        kept_lookup: Positions of the ids where somebody has them already.
    """

    ids: pa.Array
    first_known: np.ndarray
    row_known: np.ndarray
    columns: Mapping[str, pa.Array]
    measured: Mapping[str, Measurements] = field(default_factory=dict)
    kept_lookup: IdLookup | JoinedLookup | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def id_array(self) -> np.ndarray:
        """Ids as Python strings, object [node]."""
        array = self.ids.to_numpy(zero_copy_only=False).astype(object)
        array.setflags(write=False)
        return array

    @cached_property
    def lookup(self) -> IdLookup | JoinedLookup:
        """Position of each id."""
        return IdLookup(self.ids) if self.kept_lookup is None else self.kept_lookup


@dataclass(frozen=True)
class EdgeTable:
    """Edges of one type, sorted by (time, source, target, then the columns).

    Attributes:
        src: Position of the source node, int64 [edge].
        dst: Position of the target node, int64 [edge].
        time: When the edge became known, int64 seconds [edge], ascending.
        recorded: False where the source recorded no time and `time` is the crawl's, bool [edge].
        columns: Values by column name, each [edge].
    """

    src: np.ndarray
    dst: np.ndarray
    time: np.ndarray
    recorded: np.ndarray
    columns: Mapping[str, pa.Array]

    def __len__(self) -> int:
        return len(self.src)


class Tables:
    """Node and edge tables of a whole graph, and their compressed sparse rows, built when first asked for."""

    def __init__(
        self,
        schema: Schema,
        nodes: dict[str, NodeTable],
        edges: dict[EdgeType, EdgeTable],
        rows: Mapping[tuple[EdgeType, str], Csr] | None = None,
    ):
        """Tables in canonical order; `rows` are compressed sparse rows that were kept, by edge type and direction."""
        self.schema, self.nodes, self.edges = schema, nodes, edges
        self._csr: dict[tuple[EdgeType, str], Csr] = dict(rows or {})
        arrays = [a for n in nodes.values() for a in (n.first_known, n.row_known)]
        arrays += [a for e in edges.values() for a in (e.src, e.dst, e.time, e.recorded)]
        for array in arrays:
            array.setflags(write=False)

    def kept_csr(self, edge_type: EdgeType, direction: Direction) -> Csr | None:
        """Rows that were built or kept already, None where nobody has asked for them."""
        return self._csr.get((edge_type, direction))

    def csr(self, edge_type: EdgeType, direction: Direction) -> Csr:
        """Rows of the source nodes (`out`) or of the target nodes (`in`)."""
        key = (edge_type, direction)
        if key not in self._csr:
            edges = self.edges[edge_type]
            sizes = len(self.nodes[edge_type[0]]), len(self.nodes[edge_type[2]])
            if direction == "out":
                built = build_csr(edges.src, edges.dst, edges.time, *sizes)
            else:
                built = build_csr(edges.dst, edges.src, edges.time, *sizes[::-1])
            self._csr[key] = built
        return self._csr[key]

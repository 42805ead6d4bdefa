"""Attributes of a view's edges, read from its tables when a function asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from graphsocial.graph.adjacency import Adjacency
from graphsocial.graph.networkx_backend.backend_graph import ABSENT, Rows
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


class ViewColumns(Mapping[str, list[Any]]):
    """Relation, recorded time and columns of every edge, as `to_networkx` names them.

    Args:
        found: The rows that the graph's own were merged from.
        rows: The graph's rows of successors, or of neighbours.
        directed: Every edge stands in one row; otherwise in two, a self-loop in one.
        loops: Whether the graph has self-loops.
    """

    def __init__(self, found: Adjacency, rows: Rows, directed: bool, loops: bool):
        self._found, self._rows, self._directed, self._loops = found, rows, directed, loops
        schema = found.graph.schema
        names = {name for edge_type in found.edge_types for name in schema.edges[edge_type]}
        self._values: dict[str, list[Any] | None] = dict.fromkeys(["relation", "time", *sorted(names)])
        self._order: np.ndarray | None = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, name: str) -> list[Any]:
        values = self._values[name]
        if values is None:
            edges = [value for e in self._found.edge_types for value in _values(self._found.graph, e, name)]
            if self._order is None:
                self._order = self._edge_order()
            values = self._values[name] = [edges[i] for i in self._order.tolist()]
        return values

    def _edge_order(self) -> np.ndarray:
        """Edges, numbered relation by relation in order of time, as they stand in the rows, int64 [parallel edge]."""
        from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed
        from graphsocial.graph.networkx_backend.parallel_edges_kernel import entry_of_edges

        graph, base = self._found.graph, dict(zip(self._found.node_types, self._found.offset.tolist(), strict=False))
        row, neighbour, number, before = [], [], [], 0
        for edge_type in self._found.edge_types:
            edges = graph.edges(edge_type)
            src, dst, own = (
                edges.src + base[edge_type[0]],
                edges.dst + base[edge_type[2]],
                before + np.arange(len(edges)),
            )
            before += len(edges)
            between = src != dst
            there = between | self._loops
            back = between & (not self._directed)
            row += [src[there], dst[back]]
            neighbour += [dst[there], src[back]]
            number += [own[there], own[back]]
        rows, neighbours, numbers = (
            np.concatenate([np.empty(0, np.int64), *part]) for part in (row, neighbour, number)
        )
        order = np.empty(len(rows), dtype=np.int64)
        stable_groups(rows, len(self._rows.indptr) - 1, order)
        entry, by_entry = np.empty(len(rows), dtype=np.int64), np.empty(len(rows), dtype=np.int64)
        entry_of_edges(rows[order], neighbours[order], self._rows.indptr, self._rows.neighbour, entry)
        stable_groups(entry, len(self._rows.neighbour), by_entry)
        return numbers[order[by_entry]]


def _values(graph: SocialGraph, edge_type: EdgeType, name: str) -> list[Any]:
    edges = graph.edges(edge_type)
    if name == "relation":
        return [edge_type[1]] * len(edges)
    if name == "time":
        return [t if known else ABSENT for t, known in zip(edges.time.tolist(), edges.recorded.tolist(), strict=True)]
    if name not in graph.schema.edges[edge_type]:
        return [ABSENT] * len(edges)
    return [ABSENT if value is None else value for value in graph.edge_column(edge_type, name).to_pylist()]

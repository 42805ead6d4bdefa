"""From NetworkX to arrays and back, without losing anything that was asked to be kept."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from itertools import chain
from typing import Any

import networkx as nx
import numpy as np

from graphsocial.graph.csr import narrow
from graphsocial.graph.networkx_backend.backend_graph import ABSENT, BackendGraph, Rows


def convert_from_nx(
    graph: Any,
    *,
    edge_attrs: Mapping[str, Any] | None = None,
    node_attrs: Mapping[str, Any] | None = None,
    preserve_edge_attrs: bool = False,
    preserve_node_attrs: bool = False,
    preserve_graph_attrs: bool = False,
    name: str | None = None,
    graph_name: str | None = None,
) -> BackendGraph:
    """A NetworkX graph of any of the four kinds as arrays.

    Args:
        graph: The NetworkX graph.
        edge_attrs: Edge attributes to keep, and their values where an edge has none.
        node_attrs: Node attributes to keep, likewise; None leaves a node without.
        preserve_edge_attrs: Keep all edge attributes.
        preserve_node_attrs: Keep all node attributes.
        preserve_graph_attrs: Keep the attributes of the graph.
        name: Function that is about to run; every one takes the same arrays.
        graph_name: Name of its argument.

    >>> graph = nx.MultiDiGraph([("ann", 7), ("ann", 7), (7, 7)])
    >>> convert_from_nx(graph)
    BackendGraph directed multigraph of 2 nodes, 3 edges
    """
    if isinstance(graph, BackendGraph):
        return graph
    labels, multigraph = list(graph), graph.is_multigraph()
    numbers = _Numbers(labels)
    adjacent = graph._adj  # NetworkX's own functions read it, too: `graph.adj` wraps every row in three views
    rows = [_plain(adjacent[label], multigraph) for label in labels]
    before = [_plain(graph._pred[label], multigraph) for label in labels] if graph.is_directed() else None
    edges = _edges(rows, multigraph)
    return BackendGraph(
        labels,
        _rows(rows, numbers, multigraph),
        None if before is None else _rows(before, numbers, multigraph),
        multigraph=multigraph,
        columns=_columns(edges, edge_attrs, preserve_edge_attrs),
        keys=_keys(rows) if multigraph else None,
        node_columns=_columns([graph._node[v] for v in labels], node_attrs, preserve_node_attrs, none_is_absent=True),
        graph=graph.graph if preserve_graph_attrs else None,
    )


def _plain(row: Any, multigraph: bool) -> Mapping[Hashable, Any]:
    """A row as a dictionary; the rows of subgraph views are filters, whose lengths may count what they leave out."""
    if isinstance(row, dict):
        return row
    return {v: dict(keyed.items()) for v, keyed in row.items()} if multigraph else dict(row.items())


def _rows(rows: list[Mapping[Hashable, Any]], numbers: _Numbers, multigraph: bool) -> Rows:
    indptr = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, rows), dtype=np.int64, count=len(rows)), out=indptr[1:])
    neighbour = numbers.of(chain.from_iterable(rows), int(indptr[-1]))
    if not multigraph:
        return Rows(indptr, neighbour)
    count = np.fromiter(map(len, _parallel(rows)), dtype=np.int64, count=len(neighbour))
    return Rows(indptr, neighbour, None if (count == 1).all() else count)


class _Numbers:
    """Numbers of labels. Whole numbers are looked up in a table, several times faster than anything in a dictionary."""

    def __init__(self, labels: list[Hashable]):
        self._labels, self._kind = labels, narrow(len(labels))
        self._table: np.ndarray | None = None
        whole = [label for label in labels if type(label) is int]
        if whole and len(whole) == len(labels) and min(whole) >= 0 and max(whole) < 8 * len(whole):
            self._table = np.empty(max(whole) + 1, dtype=self._kind)
            self._table[np.array(whole, dtype=np.int64)] = np.arange(len(whole), dtype=self._kind)

    def of(self, labels: Iterable[Hashable], count: int) -> np.ndarray:
        """Number of each label, [label]."""
        if self._table is None:
            number = {label: i for i, label in enumerate(self._labels)}
            return np.fromiter(map(number.__getitem__, labels), dtype=self._kind, count=count)
        return self._table[np.fromiter(labels, dtype=np.int64, count=count)]  # type: ignore[arg-type]


def _parallel(rows: list[Mapping[Hashable, Any]]) -> Iterable[Mapping[Any, Any]]:
    return chain.from_iterable(row.values() for row in rows)


def _edges(rows: list[Mapping[Hashable, Any]], multigraph: bool) -> Iterable[Mapping[Any, Any]]:
    """Attributes of every edge, row by row; an undirected edge stands in two rows."""
    entries = _parallel(rows)
    return chain.from_iterable(keyed.values() for keyed in entries) if multigraph else entries


def _keys(rows: list[Mapping[Hashable, Any]]) -> list[Hashable] | None:
    usual = all(key == i for keyed in _parallel(rows) for i, key in enumerate(keyed))
    return None if usual else list(chain.from_iterable(_parallel(rows)))


def _columns(
    items: Iterable[Mapping[str, Any]],
    wanted: Mapping[str, Any] | None,
    everything: bool,
    none_is_absent: bool = False,
) -> dict[str, list[Any]]:
    if not everything and not wanted:
        return {}
    items = list(items)
    if everything and not any(items):
        return {}
    if everything:
        names = dict.fromkeys(chain.from_iterable(items))
        return {name: [item.get(name, ABSENT) for item in items] for name in names}
    columns = {}
    for name, default in (wanted or {}).items():
        missing = ABSENT if default is None and none_is_absent else default
        # what no edge has counts as one everywhere: no column is cheaper than a column of ones
        if default != 1 or any(name in item for item in items):
            columns[name] = [item.get(name, missing) for item in items]
    return columns


def convert_to_nx(graph: Any, *, name: str | None = None) -> Any:
    """The NetworkX graph of a `BackendGraph`; anything else, such as the answer of a function, as it is.

    >>> sorted(convert_to_nx(convert_from_nx(nx.path_graph(3))).edges())
    [(0, 1), (1, 2)]
    """
    if not isinstance(graph, BackendGraph):
        return graph
    kinds = {(False, False): nx.Graph, (True, False): nx.DiGraph, (False, True): nx.MultiGraph}
    made = kinds.get((graph.is_directed(), graph.is_multigraph()), nx.MultiDiGraph)(**graph.graph)
    labels, columns = graph.labels, graph.node_columns
    for i, label in enumerate(labels):
        made.add_node(label)
        made._node[label].update((c, values[i]) for c, values in columns.items() if values[i] is not ABSENT)
    _fill(made, graph)
    if graph.is_directed():
        into = graph.into
        for i, label in enumerate(labels):
            row = made._pred[label]
            for j in into.neighbour[into.indptr[i] : into.indptr[i + 1]].tolist():
                row[labels[j]] = made._succ[labels[j]][label]
    return made


def _fill(made: Any, graph: BackendGraph) -> None:
    """Writes the rows of `out`; the two rows of an undirected edge share its attributes, as in NetworkX."""
    labels, out, columns, edge = graph.labels, graph.out, graph.columns, 0
    counts = None if out.count is None else out.count.tolist()
    for i, label in enumerate(labels):
        row, low = made._adj[label], int(out.indptr[i])
        for entry, j in enumerate(out.neighbour[low : out.indptr[i + 1]].tolist(), start=low):
            parallel = 1 if counts is None else counts[entry]
            if j < i and not graph.is_directed():
                row[labels[j]] = made._adj[labels[j]][label]
            elif graph.multigraph:
                keys = range(parallel) if graph.keys is None else graph.keys[edge : edge + parallel]
                row[labels[j]] = {key: _attributes(columns, edge + k) for k, key in enumerate(keys)}
            else:
                row[labels[j]] = _attributes(columns, edge)
            edge += parallel


def _attributes(columns: Mapping[str, Any], edge: int) -> dict[str, Any]:
    return {name: values[edge] for name, values in columns.items() if values[edge] is not ABSENT}

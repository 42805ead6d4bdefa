"""A view row by row, as plain values: what the formats that write one element after another share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from graphsocial.graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.schema import UNKNOWN_TIME, ColumnType, EdgeType
from graphsocial.store.export.graph_keys import GraphKey

AT_ONCE = 1 << 15
"""Values that are turned into Python's together."""

KeyValues = list[tuple[GraphKey, Any]]
"""Attributes of one node or edge; what is unknown or null is not among them."""


class NodeValues(NamedTuple):
    """A node as a file holds it; `first_known` is None where no time is known."""

    type: str
    id: str
    first_known: int | None
    values: KeyValues


class EdgeValues(NamedTuple):
    """An edge as a file holds it; `time` is None where nobody recorded it."""

    type: EdgeType
    src: str
    dst: str
    time: int | None
    values: KeyValues


def node_rows(graph: SocialGraph, keys: list[GraphKey]) -> Iterator[NodeValues]:
    """All nodes of a view, in order of type and first known time."""
    of_all = {key.role: key for key in keys if key.owner is None}
    for node_type in graph.node_types:
        mine = [key for key in keys if key.owner == node_type]
        columns = [plain_values(_node_column(graph, node_type, key)) for key in mine]
        first, row = graph.known_at(node_type).tolist(), graph.row_known_at(node_type).tolist()
        for name, since, known, *cells in zip(graph.node_ids(node_type), first, row, *columns, strict=True):
            values: KeyValues = [(of_all["type"], node_type), (of_all["id"], name)]
            start = None if since in (UNKNOWN_TIME, NEVER) else since
            if start is not None:
                values.append((of_all["first_known"], start))
            elif since == UNKNOWN_TIME:
                values.append((of_all["timeless"], True))
            if known == NEVER:
                values.append((of_all["has_row"], False))
            elif known != UNKNOWN_TIME:
                values.append((of_all["known_at"], known))
            values += [(key, cell) for key, cell in zip(mine, cells, strict=True) if cell is not None]
            yield NodeValues(node_type, name, start, values)


def edge_rows(graph: SocialGraph, edge_types: Iterable[EdgeType], keys: list[GraphKey]) -> Iterator[EdgeValues]:
    """All edges of some types in a view, in order of type and time."""
    of_all = {key.role: key for key in keys if key.owner is None}
    for edge_type in edge_types:
        edges = graph.edges(edge_type)
        sources, targets = graph.node_ids(edge_type[0])[edges.src], graph.node_ids(edge_type[2])[edges.dst]
        mine = [key for key in keys if key.owner == edge_type]
        columns = [plain_values(graph.edge_column(edge_type, key.column)) for key in mine]
        times = zip(edges.time.tolist(), edges.recorded.tolist(), strict=True)
        for src, dst, (time, recorded), *cells in zip(sources, targets, times, *columns, strict=True):
            values: KeyValues = [(of_all["relation"], edge_type[1])]
            if recorded:
                values.append((of_all["time"], time))
            values += [(key, cell) for key, cell in zip(mine, cells, strict=True) if cell is not None]
            yield EdgeValues(edge_type, src, dst, time if recorded else None, values)


def plain_values(column: pa.Array) -> Iterator[Any]:
    """Values of a column as Python's, without holding all of them at once.

    >>> list(plain_values(pa.array([1, None])))
    [1, None]
    """
    for begin in range(0, len(column), AT_ONCE):
        yield from column.slice(begin, AT_ONCE).to_pylist()


def value_text(value: Any, kind: ColumnType) -> str:
    """A value as XML Schema writes it.

    >>> value_text(True, "bool"), value_text(0.1, "float"), value_text(float("-inf"), "float")
    ('true', '0.1', '-INF')
    """
    if kind == "bool":
        return "true" if value else "false"
    if kind == "float":
        return {"inf": "INF", "-inf": "-INF", "nan": "NaN"}.get(repr(value), repr(value))
    return str(value)


def _node_column(graph: SocialGraph, node_type: str, key: GraphKey) -> pa.Array:
    count = graph.num_nodes(node_type)
    if key.role == "column":
        return graph.column(node_type, key.column)
    if (node_type, key.column) in graph.assumed_known and graph.end is not None:
        return pa.nulls(count, pa.int64())  # the shown value may be one that the view itself does not know
    time = graph.measurements(node_type, key.column).known_at(count)
    return pa.array(time, mask=time == NEVER)

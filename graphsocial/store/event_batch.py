"""Events gathered into columns: what becomes durable in one step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph import SocialGraph
from graphsocial.graph.columns import ARROW_TYPE
from graphsocial.graph.time import NEVER
from graphsocial.schema import UNKNOWN_TIME, Column, EdgeType, Schema
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped

NODE_FIELDS = (("id", pa.large_string()), ("known_at", pa.int64()), ("first_known", pa.int64()))
EDGE_FIELDS = (("src", pa.large_string()), ("dst", pa.large_string()), ("time", pa.int64()))
MEASURED_FIELDS = (("id", pa.large_string()), ("measured_at", pa.int64()))


@dataclass(frozen=True)
class EventBatch:
    """Rows that become durable together.

    Attributes:
        schema: Types and columns of the rows.
        nodes: Per node type `id`, `known_at`, `first_known` (null: with the row) and the columns known with the row.
        edges: Per edge type `src`, `dst`, `time` (null: unknown) and columns.
        measured: Per node type `id`, `measured_at` (null: unknown) and measured columns, null where not looked at.
        skipped: Number of records that a graph cannot hold, by what they are.
    """

    schema: Schema
    nodes: Mapping[str, pa.Table] = field(default_factory=dict)
    edges: Mapping[EdgeType, pa.Table] = field(default_factory=dict)
    measured: Mapping[str, pa.Table] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def num_rows(self) -> int:
        """Rows of all tables."""
        tables = (*self.nodes.values(), *self.edges.values(), *self.measured.values())
        return sum(table.num_rows for table in tables)

    @classmethod
    def of_events(cls, schema: Schema, events: Iterable[Event]) -> EventBatch:
        """Columns of some events.

        Raises:
            SchemaError: An event has a type or column that the schema does not have, or a value of another type.

        >>> from graphsocial.schema import Column
        >>> schema = Schema({"user": {}, "post": {"text": Column()}}, {("user", "author", "post"): {}})
        >>> events = [NodeRow("post", "p", 10, {"text": "hi"}), EdgeRow(("user", "author", "post"), "ann", "p", 10, {})]
        >>> EventBatch.of_events(schema, events).nodes["post"].column("text").to_pylist()
        ['hi']
        """
        nodes: dict[str, list[NodeRow]] = {}
        edges: dict[EdgeType, list[EdgeRow]] = {}
        measured: dict[str, list[Measurement]] = {}
        skipped: Counter[str] = Counter()
        for event in events:
            if type(event) is EdgeRow:
                edges.setdefault(event.type, []).append(event)
            elif type(event) is NodeRow:
                nodes.setdefault(event.type, []).append(event)
            elif type(event) is Measurement:
                measured.setdefault(event.type, []).append(event)
            elif type(event) is Skipped:
                skipped[event.what] += 1
            else:
                raise SchemaError(f"got a {type(event).__name__}, expected a NodeRow, EdgeRow, Measurement or Skipped")
        for edge_type in edges:
            schema.check_edge_type(edge_type)
        for node_type in (*nodes, *measured):
            schema.check_node_type(node_type)
        measured_columns = {node_type: tuple(schema.measured_columns(node_type)) for node_type in schema.nodes}
        row_columns = {t: tuple(c for c in schema.nodes[t] if c not in measured_columns[t]) for t in schema.nodes}
        return cls(
            schema,
            {t: _node_table(schema, t, rows, row_columns[t]) for t, rows in nodes.items()},
            {t: _edge_table(schema, t, rows) for t, rows in edges.items()},
            {t: _measured_table(schema, t, rows, measured_columns[t]) for t, rows in measured.items()},
            dict(skipped),
        )

    @classmethod
    def of_graph(cls, graph: SocialGraph) -> EventBatch:
        """Everything that the store behind a graph or view holds."""
        tables = graph.tables
        nodes, edges, measured = {}, {}, {}
        for node_type, table in tables.nodes.items():
            has_row = table.row_known != NEVER
            timed_earlier = table.first_known < table.row_known
            known = pa.array(table.row_known, mask=table.row_known == UNKNOWN_TIME)
            first = pa.array(table.first_known, mask=~timed_earlier | (table.first_known == UNKNOWN_TIME))
            whole = pa.table({"id": table.ids, "known_at": known, "first_known": first, **table.columns})
            nodes[node_type] = whole.filter(pa.array(has_row))
            parts = [
                pa.table(
                    {
                        "id": table.ids.take(pa.array(seen.node)),
                        "measured_at": pa.array(seen.time, mask=seen.time == NEVER),
                        name: seen.values,
                    }
                )
                for name, seen in table.measured.items()
                if len(seen)
            ]
            if parts:
                measured[node_type] = pa.concat_tables(parts, promote_options="default")
        for edge_type, edge in tables.edges.items():
            ends = (tables.nodes[edge_type[0]].ids, edge.src), (tables.nodes[edge_type[2]].ids, edge.dst)
            src, dst = (ids.take(pa.array(where)) for ids, where in ends)
            time = pa.array(edge.time, mask=~np.asarray(edge.recorded))
            edges[edge_type] = pa.table({"src": src, "dst": dst, "time": time, **edge.columns})
        return cls(graph.schema, nodes, edges, measured)


def _node_table(schema: Schema, node_type: str, rows: list[NodeRow], columns: tuple[str, ...]) -> pa.Table:
    label, (_, names, known, values, first) = f"node rows of {node_type!r}", zip(*rows, strict=True)
    arrays = _arrays(label, NODE_FIELDS, (names, known, first))
    return pa.table(arrays | _values(label, schema.nodes[node_type], columns, values))


def _edge_table(schema: Schema, edge_type: EdgeType, rows: list[EdgeRow]) -> pa.Table:
    label, (_, src, dst, time, values) = f"edges {edge_type}", zip(*rows, strict=True)
    arrays = _arrays(label, EDGE_FIELDS, (src, dst, time))
    return pa.table(arrays | _values(label, schema.edges[edge_type], tuple(schema.edges[edge_type]), values))


def _measured_table(schema: Schema, node_type: str, rows: list[Measurement], columns: tuple[str, ...]) -> pa.Table:
    label, (_, names, at, values) = f"measurements of {node_type!r}", zip(*rows, strict=True)
    arrays = _arrays(label, MEASURED_FIELDS, (names, at))
    return pa.table(arrays | _values(label, schema.nodes[node_type], columns, values))


def _arrays(label: str, fields: Iterable[tuple[str, pa.DataType]], columns: Iterable[Any]) -> dict[str, pa.Array]:
    return {name: _array(label, name, values, kind) for (name, kind), values in zip(fields, columns, strict=True)}


def _values(
    label: str, described: Mapping[str, Column], names: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> dict[str, pa.Array]:
    for given in set(map(tuple, rows)):  # rows of one reader name the same columns
        for name in given:
            if name not in names:
                raise SchemaError(
                    f"{label} name a column {name!r}, expected one of {', '.join(names) or '(none)'}."
                    f"{did_you_mean(name, names)}"
                )
    return {n: _array(label, n, [row.get(n) for row in rows], ARROW_TYPE[described[n].type]) for n in names}


def _array(label: str, name: str, values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError, TypeError) as error:
        raise SchemaError(f"{label}: column {name!r} holds a value that is no {kind}: {error}") from error

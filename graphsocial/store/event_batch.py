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
        buffer = EventBuffer(schema)
        buffer.add(events)
        return buffer.batch()

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


class EventBuffer:
    """Takes events one by one and gives them as columns; it keeps what they hold and not the events themselves.

    Attributes:
        events: How many it has taken.
    """

    def __init__(self, schema: Schema):
        self.events = 0
        self._schema = schema
        self._nodes: dict[str, tuple[list[Any], ...]] = {}
        self._edges: dict[EdgeType, tuple[list[Any], ...]] = {}
        self._measured: dict[str, tuple[list[Any], ...]] = {}
        self._skipped: Counter[str] = Counter()

    def add(self, events: Iterable[Event]) -> None:
        """Takes some events; raises SchemaError where one has a type that the schema does not have."""
        for event in events:
            self.events += 1
            if type(event) is EdgeRow:
                edge_type, src, dst, time, values = event
                if edge_type not in self._edges:
                    self._edges[self._schema.check_edge_type(edge_type)] = ([], [], [], [])
                columns = self._edges[edge_type]
                columns[0].append(src)
                columns[1].append(dst)
                columns[2].append(time)
                columns[3].append(values)
            elif type(event) is NodeRow:
                node_type, name, known_at, values, first_known = event
                if node_type not in self._nodes:
                    self._nodes[self._schema.check_node_type(node_type)] = ([], [], [], [])
                columns = self._nodes[node_type]
                columns[0].append(name)
                columns[1].append(known_at)
                columns[2].append(first_known)
                columns[3].append(values)
            elif type(event) is Measurement:
                node_type, name, at, values = event
                if node_type not in self._measured:
                    self._measured[self._schema.check_node_type(node_type)] = ([], [], [])
                columns = self._measured[node_type]
                columns[0].append(name)
                columns[1].append(at)
                columns[2].append(values)
            elif type(event) is Skipped:
                self._skipped[event.what] += 1
            else:
                raise SchemaError(f"got a {type(event).__name__}, expected a NodeRow, EdgeRow, Measurement or Skipped")

    def batch(self) -> EventBatch:
        """Everything taken so far; raises SchemaError where a value does not fit its column."""
        schema = self._schema
        nodes, edges, measured = {}, {}, {}
        for node_type, (*keys, values) in self._nodes.items():
            looked_at = schema.measured_columns(node_type)
            plain = {name: column for name, column in schema.nodes[node_type].items() if name not in looked_at}
            nodes[node_type] = _table(f"node rows of {node_type!r}", NODE_FIELDS, keys, plain, values)
        for edge_type, (*keys, values) in self._edges.items():
            edges[edge_type] = _table(f"edges {edge_type}", EDGE_FIELDS, keys, schema.edges[edge_type], values)
        for node_type, (*keys, values) in self._measured.items():
            looked_at = schema.measured_columns(node_type)
            label = f"measurements of {node_type!r}"
            measured[node_type] = _table(label, MEASURED_FIELDS, keys, looked_at, values)
        return EventBatch(schema, nodes, edges, measured, dict(self._skipped))


def _table(
    label: str,
    fields: Iterable[tuple[str, pa.DataType]],
    keys: Sequence[list[Any]],
    described: Mapping[str, Column],
    rows: Sequence[Mapping[str, Any]],
) -> pa.Table:
    arrays = {name: _array(label, name, values, kind) for (name, kind), values in zip(fields, keys, strict=True)}
    for given in set(map(tuple, rows)):  # rows of one reader name the same columns
        for name in given:
            if name not in described:
                raise SchemaError(
                    f"{label} name a column {name!r}, expected one of {', '.join(described) or '(none)'}."
                    f"{did_you_mean(name, described)}"
                )
    for name, column in described.items():
        arrays[name] = _array(label, name, [row.get(name) for row in rows], ARROW_TYPE[column.type])
    return pa.table(arrays)


def _array(label: str, name: str, values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError, TypeError) as error:
        raise SchemaError(f"{label}: column {name!r} holds a value that is no {kind}: {error}") from error

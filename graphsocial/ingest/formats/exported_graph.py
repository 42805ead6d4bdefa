"""Events of a file that `export_graph` wrote: its header says what every attribute is, so that nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from graphsocial.errors import EventFormatError
from graphsocial.graph.time import EARLIEST, LATEST, NEVER
from graphsocial.ingest.cells import shown
from graphsocial.ingest.formats.graph_element import DeclaredAttribute, GraphElement
from graphsocial.schema import ColumnType, NodeKey, Schema
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow
from graphsocial.store.export.graph_keys import GraphKey, edge_keys, node_keys
from graphsocial.store.export.xml_text import plain_text

_INT = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_FLOAT = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", re.ASCII)
_SPECIAL = {"INF": float("inf"), "-INF": float("-inf"), "NaN": float("nan")}


def is_exported(schema: Schema, declared: Iterable[DeclaredAttribute]) -> bool:
    """Whether a file declares the attributes that an export of this schema has; other tools rename them."""
    found = {(attribute.of, attribute.id, attribute.title) for attribute in declared}
    expected = {("node", key.id, key.title) for key in node_keys(schema)}
    expected |= {("edge", key.id, key.title) for key in edge_keys(schema)}
    return expected <= {(of, name, plain_text(title)) for of, name, title in found}


def exported_node(name: str) -> NodeKey | None:
    """Type and id in the name that a node has in an exported file.

    >>> exported_node("user:ann:b")
    ('user', 'ann:b')
    """
    node_type, colon, node_id = plain_text(name).partition(":")
    return (node_type, node_id) if colon else None


class ExportedGraph:
    """Knows what the attributes of an exported file are.

    Args:
        schema: Types and columns that the header of the file states.
    """

    def __init__(self, schema: Schema):
        self._schema = schema
        nodes, edges = node_keys(schema), edge_keys(schema)
        self._node_keys = {t: {k.id: k for k in nodes if k.owner in (None, t)} for t in schema.nodes}
        self._edge_keys = {e: {k.id: k for k in edges if k.owner in (None, e)} for e in schema.edges}
        self._measured = {t: set(schema.measured_columns(t)) for t in schema.nodes}

    def events(self, element: GraphElement) -> list[Event]:
        """What a node or an edge says.

        Raises:
            EventFormatError: It is not what `export_graph` writes for the schema.
        """
        if element.kind == "node":
            return self._node_events(element)
        if element.kind == "edge":
            return self._edge_events(element)
        raise EventFormatError("an exported graph has nodes and edges, and nothing else")

    def _node_events(self, element: GraphElement) -> list[Event]:
        node_type, node_id = self._node(element, 0, "id")
        read = _read(element, self._node_keys[node_type])
        of_all = {key.role: value for key, value in read.items() if key.owner is None}
        if (of_all.get("type", node_type), of_all.get("id", node_id)) != (node_type, node_id):
            raise EventFormatError("its attributes name another node than its id", field="id")
        measured = self._measured[node_type]
        values = {k.column: v for k, v in read.items() if k.role == "column" and k.column not in measured}
        events = _measurements((node_type, node_id), read, measured)
        first, known, timeless = of_all.get("first_known"), of_all.get("known_at"), of_all.get("timeless", False)
        if timeless and first is not None:
            raise EventFormatError("a node without any time has a time", field="timeless")
        if of_all.get("has_row", True):
            return [NodeRow(node_type, node_id, known, values, None if first == known else first), *events]
        if values or known is not None:
            raise EventFormatError("a node without a row has columns", field="has_row")
        if first is None and not timeless:  # only a measurement of unknown time names it
            return events or [Measurement(node_type, node_id, None, {})]
        return [NodeRow(node_type, node_id, NEVER, {}, first), *events]

    def _edge_events(self, element: GraphElement) -> list[Event]:
        source, target = self._node(element, 0, "source"), self._node(element, 1, "target")
        edge_type = (source[0], plain_text(element.values.get("edge_relation", "")), target[0])
        if edge_type not in self._edge_keys:
            expected = ", ".join(map(str, self._edge_keys))
            got = shown(" ".join(edge_type))
            raise EventFormatError(f"got an edge {got}, expected one of {expected}", field="relation")
        read = _read(element, self._edge_keys[edge_type])
        time = next((value for key, value in read.items() if key.role == "time"), None)
        values = {key.column: value for key, value in read.items() if key.role == "column"}
        return [EdgeRow(edge_type, source[1], target[1], time, values)]

    def _node(self, element: GraphElement, end: int, field: str) -> NodeKey:
        node = element.nodes[end]
        if node is None or node[0] not in self._schema.nodes:
            expected = f"type:id, the type one of {', '.join(self._schema.nodes)}"
            raise EventFormatError(f"got {shown(element.ends[end])}, expected {expected}", field=field)
        return node


def _measurements(node: NodeKey, read: dict[GraphKey, Any], measured: set[str]) -> list[Event]:
    """Measured values, those of one time together."""
    looked_at = {key.column: value for key, value in read.items() if key.role == "measured_at"}
    found: dict[int | None, dict[str, Any]] = {}
    for key, value in read.items():
        if key.role == "column" and key.column in measured:
            found.setdefault(looked_at.pop(key.column, None), {})[key.column] = value
    if looked_at:
        raise EventFormatError("measured at a time, but there is no value", field=next(iter(looked_at)))
    return [Measurement(*node, at, values) for at, values in found.items()]


def _read(element: GraphElement, keys: dict[str, GraphKey]) -> dict[GraphKey, Any]:
    """Values of an element by what they are."""
    read = {}
    for name, text in element.values.items():
        if name not in keys:
            raise EventFormatError(f"attribute {shown(name)} does not belong to it", field=name)
        read[keys[name]] = _exact(text, keys[name])
    return read


def _exact(text: str, key: GraphKey) -> Any:
    """A value as `value_text` wrote it."""
    value = _value(text, key.kind)
    if value is None:
        expected = {"int": "a whole number", "float": "a number", "bool": "true or false"}[key.kind]
        raise EventFormatError(f"got {shown(text)}, expected {expected}", field=key.title)
    if key.role in ("first_known", "known_at", "time", "measured_at") and not EARLIEST <= value <= LATEST:
        raise EventFormatError(
            f"got {value}, which is outside the years 1 to 9999; expected seconds since 1970-01-01 UTC", field=key.title
        )
    return value


def _value(text: str, kind: ColumnType) -> Any:
    if kind == "string":
        return plain_text(text)
    if kind == "int":
        whole = int(text) if _INT.fullmatch(text) else None
        return whole if whole is not None and -(2**63) <= whole < 2**63 else None
    if kind == "float":
        value = float(text) if _FLOAT.fullmatch(text) else _SPECIAL.get(text)
        return None if text not in _SPECIAL and value in (float("inf"), float("-inf")) else value
    return {"true": True, "false": False}.get(text)

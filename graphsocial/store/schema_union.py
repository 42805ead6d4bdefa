"""One schema that holds everything two hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graphsocial.errors import SchemaError
from graphsocial.schema import NODE_TYPES, Column, Schema


def schema_union(one: Schema, other: Schema) -> Schema:
    """Types and columns of both; a column that both measured at a stated time is known from the later one.

    Raises:
        SchemaError: They describe a column or the flow of a relation in two ways.

    >>> from graphsocial.schema import Column
    >>> one, other = Schema({"user": {}}, {}), Schema({"user": {"name": Column()}, "post": {}}, {})
    >>> {t: list(columns) for t, columns in schema_union(one, other).nodes.items()}
    {'user': ['name'], 'post': []}
    """
    nodes = {
        t: _columns(f"node type {t!r}", one.nodes.get(t, {}), other.nodes.get(t, {}))
        for t in NODE_TYPES
        if t in one.nodes or t in other.nodes
    }
    edges = {
        e: _columns(f"edge type {e}", one.edges.get(e, {}), other.edges.get(e, {}))
        for e in dict.fromkeys((*one.edges, *other.edges))
    }
    for edge_type in set(one.edges) & set(other.edges):
        if one.flow_of(edge_type) != other.flow_of(edge_type):
            raise SchemaError(
                f"influence travels {other.flow_of(edge_type)} along {edge_type}, but in what is there already it "
                f"travels {one.flow_of(edge_type)}; expected one flow"
            )
    crawled = dict(one.crawled_at)
    for edge_type, time in other.crawled_at.items():
        crawled[edge_type] = max(time, crawled.get(edge_type, time))
    return Schema(nodes, edges, {**one.flow, **other.flow}, crawled)


def _columns(label: str, one: Mapping[str, Column], other: Mapping[str, Column]) -> dict[str, Column]:
    joined = dict(one)
    for name, column in other.items():
        known = joined.setdefault(name, column)
        if known.type != column.type:
            raise SchemaError(f"column {name!r} of {label} holds {column.type}, but what is there holds {known.type}")
        if known.known_at != column.known_at:
            if not (isinstance(known.known_at, int) and isinstance(column.known_at, int)):
                raise SchemaError(
                    f"column {name!r} of {label} is known at {column.known_at!r}, but what is there at "
                    f"{known.known_at!r}; expected one of the two"
                )
            joined[name] = replace(known, known_at=max(known.known_at, column.known_at))
        if not known.note:
            joined[name] = replace(joined[name], note=column.note)
    return joined

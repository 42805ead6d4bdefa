"""Attributes of an exported file: what the parts of nodes and edges are called in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from graphsocial.schema import MEASURED, ColumnType, EdgeType, Schema

Role = Literal[
    "type", "id", "first_known", "timeless", "known_at", "has_row", "relation", "time", "column", "measured_at"
]


@dataclass(frozen=True)
class GraphKey:
    """One attribute of the nodes or of the edges in an exported file.

    Attributes:
        id: Names it in the file, nothing else does.
        title: What people see.
        kind: Type of its values.
        role: What stands in it; `measured_at` is when the value of a measured column was measured.
        owner: The node type or edge type whose column it is; None for what all of them have.
        column: Name of that column.
    """

    id: str
    title: str
    kind: ColumnType
    role: Role
    owner: str | EdgeType | None = None
    column: str = ""


def node_keys(schema: Schema) -> list[GraphKey]:
    """Attributes of nodes.

    `timeless` is true where nothing says since when a node is known and it counts as known from the beginning,
    `has_row` is false where only something else names it, as far as the view knows.

    >>> from graphsocial.schema import Column
    >>> user = {"followers": Column("int", MEASURED), "url": Column()}
    >>> [key.title for key in node_keys(Schema({"user": user, "post": {"url": Column()}}, {}))][6:]
    ['followers', 'followers measured_at', 'user.url', 'post.url']
    """
    keys = [
        GraphKey("node_type", "type", "string", "type"),
        GraphKey("node_id", "id", "string", "id"),
        GraphKey("node_first_known", "first_known", "int", "first_known"),
        GraphKey("node_timeless", "timeless", "bool", "timeless"),
        GraphKey("node_known_at", "known_at", "int", "known_at"),
        GraphKey("node_has_row", "has_row", "bool", "has_row"),
    ]
    columns = [(t, name, column) for t, of_type in schema.nodes.items() for name, column in of_type.items()]
    titles = column_titles(((t, name) for t, name, _ in columns), {key.title for key in keys})
    for i, ((node_type, name, column), title) in enumerate(zip(columns, titles, strict=True)):
        keys.append(GraphKey(f"node_{i}", title, column.type, "column", node_type, name))
        if column.known_at == MEASURED:
            keys.append(
                GraphKey(f"node_{i}_measured_at", f"{title} measured_at", "int", "measured_at", node_type, name)
            )
    return keys


def edge_keys(schema: Schema) -> list[GraphKey]:
    """Attributes of edges."""
    keys = [GraphKey("edge_relation", "relation", "string", "relation"), GraphKey("edge_time", "time", "int", "time")]
    columns = [(t, name, column) for t, of_type in schema.edges.items() for name, column in of_type.items()]
    titles = column_titles(((".".join(t), name) for t, name, _ in columns), {key.title for key in keys})
    for i, ((edge_type, name, column), title) in enumerate(zip(columns, titles, strict=True)):
        keys.append(GraphKey(f"edge_{i}", title, column.type, "column", edge_type, name))
    return keys


def column_titles(columns: Iterable[tuple[str, str]], taken: Iterable[str]) -> list[str]:
    """What columns are called beside each other: by name, with their type where the name alone would not do.

    >>> column_titles([("user", "name"), ("url", "name"), ("post", "id"), ("post", "text")], ["id"])
    ['user.name', 'url.name', 'post.id', 'text']
    """
    columns = list(columns)
    often = Counter(name for _, name in columns)
    often.update(list(taken))
    return [name if often[name] == 1 else f"{owner}.{name}" for owner, name in columns]

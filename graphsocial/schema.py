"""What may stand in a graph: node types, edge types, columns, modalities, and when a value became known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graphsocial.errors import SchemaError, did_you_mean

EdgeType = tuple[str, str, str]
"""`(source node type, relation, target node type)`, as in PyG's `HeteroData`."""

NodeKey = tuple[str, str]
"""`(node type, id)`, the way a user names a node."""

ColumnType = Literal["string", "int", "float", "bool"]

NODE_TYPES = ("user", "post", "hashtag", "media", "url")
RELATIONS = ("author", "repost", "quote", "reply", "mention", "tag", "show", "link", "follow", "like")
MODALITIES = ("text", "image", "video")

AT_ROW: Literal["row"] = "row"
"""A column known as soon as its row is: the text of a post is known when the post is."""

MEASURED: Literal["measured"] = "measured"
"""A column whose values each have the time at which somebody looked: counts of likes, names of users."""

Flow = Literal["forward", "backward"]
"""Which way influence travels along a relation: `forward` is source to target."""

DEFAULT_FLOW: Mapping[str, Flow] = {
    "author": "forward",
    "repost": "backward",
    "quote": "backward",
    "reply": "backward",
    "mention": "forward",
    "tag": "forward",
    "show": "forward",
    "link": "forward",
    "follow": "backward",
    "like": "backward",
}
"""Used where a reader declares nothing: u reposts v means that v's post reached u, so influence runs from v to u."""

TIME_UNIT = "s"
"""Times are int64 seconds since 1970-01-01 UTC."""

UNKNOWN_TIME = -(2**63)
"""Marks an edge whose own time nobody recorded; it counts as known from its relation's crawl time."""


def reverse_edge_type(edge_type: EdgeType) -> EdgeType:
    """The edge type that carries messages the other way.

    >>> reverse_edge_type(("user", "author", "post"))
    ('post', 'rev_author', 'user')
    >>> reverse_edge_type(("post", "rev_author", "user"))
    ('user', 'author', 'post')
    """
    source, relation, target = edge_type
    back = relation[4:] if relation.startswith("rev_") else f"rev_{relation}"
    return (target, back, source)


@dataclass(frozen=True)
class Column:
    """One column of a node or edge table.

    Attributes:
        type: Value type; every column may hold nulls.
        known_at: `"row"`, or the time (int64 seconds UTC) at which the values were measured. A view as of an
            earlier time shows nulls instead, so a follower count from a crawl cannot leak into the past.
            `"measured"`: every value has its own time, and a view shows the last one before its end.
        note: What the column is, in a line, for the data section of reports.
    """

    type: ColumnType = "string"
    known_at: int | Literal["row", "measured"] = AT_ROW
    note: str = ""


@dataclass(frozen=True)
class Schema:
    """Types of a graph, with the columns of each and the flow of each relation.

    >>> schema = Schema(nodes={"user": {}, "post": {"text": Column("string")}}, edges={("user", "author", "post"): {}})
    >>> schema.check_node_type("pots")
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: unknown node type 'pots', expected one of user, post. Did you mean 'post'?
    """

    nodes: Mapping[str, Mapping[str, Column]]
    edges: Mapping[EdgeType, Mapping[str, Column]]
    flow: Mapping[EdgeType, Flow] = field(default_factory=dict)
    crawled_at: Mapping[EdgeType, int] = field(default_factory=dict)
    """Crawl time of relations whose edges may have an unknown time, int64 seconds UTC."""

    def __post_init__(self) -> None:
        for edge_type, columns in self.edges.items():
            for name, column in columns.items():
                if column.known_at == MEASURED:
                    raise SchemaError(
                        f"column {name!r} of {edge_type} is {MEASURED!r}, expected 'row' or a time; only columns of "
                        "nodes are measured more than once"
                    )
        for source, relation, target in self.edges:
            for node_type in (source, target):
                if node_type not in self.nodes:
                    raise SchemaError(
                        f"edge type ({source}, {relation}, {target}) names node type {node_type!r}, "
                        f"expected one of {', '.join(self.nodes)}.{did_you_mean(node_type, self.nodes)}"
                    )
            if relation not in RELATIONS:
                raise SchemaError(
                    f"unknown relation {relation!r}, expected one of {', '.join(RELATIONS)}."
                    f"{did_you_mean(relation, RELATIONS)}"
                )
        for node_type in self.nodes:
            if node_type not in NODE_TYPES:
                raise SchemaError(
                    f"unknown node type {node_type!r}, expected one of {', '.join(NODE_TYPES)}."
                    f"{did_you_mean(node_type, NODE_TYPES)}"
                )

    def check_node_type(self, node_type: str) -> str:
        """Returns the node type, or raises SchemaError naming the nearest one."""
        if not isinstance(node_type, str) or node_type not in self.nodes:
            raise SchemaError(
                f"unknown node type {node_type!r}, expected one of {', '.join(self.nodes)}."
                f"{did_you_mean(str(node_type), self.nodes)}"
            )
        return node_type

    def check_edge_type(self, edge_type: Iterable[str]) -> EdgeType:
        """Returns the edge type as a tuple, or raises SchemaError naming the nearest one."""
        key = edge_type if isinstance(edge_type, str) or not isinstance(edge_type, Iterable) else tuple(edge_type)
        if not isinstance(key, tuple) or not all(isinstance(part, str) for part in key) or key not in self.edges:
            names = {" ".join(known): known for known in self.edges}
            typed = " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
            raise SchemaError(
                f"unknown edge type {key!r}, expected one of {', '.join(map(str, self.edges))}."
                f"{did_you_mean(typed, names)}"
            )
        return key  # type: ignore[return-value]

    def node_column(self, node_type: str, name: str) -> Column:
        """The column of a node type; raises SchemaError when there is none."""
        columns = self.nodes[self.check_node_type(node_type)]
        if name not in columns:
            raise SchemaError(
                f"node type {node_type!r} has no column {name!r}, expected one of {', '.join(columns) or '(none)'}."
                f"{did_you_mean(name, columns)}"
            )
        return columns[name]

    def measured_columns(self, node_type: str) -> dict[str, Column]:
        """Columns of a node type whose values each have their own time."""
        return {n: c for n, c in self.nodes[self.check_node_type(node_type)].items() if c.known_at == MEASURED}

    def flow_of(self, edge_type: EdgeType) -> Flow:
        """Which way influence travels along an edge type: as its reader declared, else the relation's default."""
        return self.flow.get(edge_type, DEFAULT_FLOW[edge_type[1]])

    def to_json(self) -> dict[str, Any]:
        """Plain lists and dicts, the content of `schema.json`."""
        return {
            "time_unit": TIME_UNIT,
            "nodes": {
                name: {c: [col.type, col.known_at, col.note] for c, col in cols.items()}
                for name, cols in self.nodes.items()
            },
            "edges": [
                {
                    "type": list(edge_type),
                    "columns": {c: [col.type, col.known_at, col.note] for c, col in cols.items()},
                    "flow": self.flow_of(edge_type),
                    "crawled_at": self.crawled_at.get(edge_type),
                }
                for edge_type, cols in self.edges.items()
            ],
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Schema:
        """Inverse of `to_json`; raises SchemaError when something is missing or the time unit differs."""
        try:
            if raw["time_unit"] != TIME_UNIT:
                raise SchemaError(f"time unit {raw['time_unit']!r}, expected {TIME_UNIT!r}")
            return cls(
                nodes={n: {c: Column(*v) for c, v in cols.items()} for n, cols in raw["nodes"].items()},
                edges={tuple(e["type"]): {c: Column(*v) for c, v in e["columns"].items()} for e in raw["edges"]},
                flow={tuple(e["type"]): e["flow"] for e in raw["edges"]},
                crawled_at={tuple(e["type"]): e["crawled_at"] for e in raw["edges"] if e["crawled_at"] is not None},
            )
        except (KeyError, TypeError) as error:
            raise SchemaError(f"schema.json is not a graph schema: {error!r}") from error

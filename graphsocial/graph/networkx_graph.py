"""To NetworkX and back without losing anything a view knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphsocial.errors import SchemaError
from graphsocial.graph.columns import ARROW_TYPE
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.schema import UNKNOWN_TIME, Column, EdgeType, Schema

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(graph: SocialGraph) -> nx.MultiDiGraph:
    """The view as a NetworkX graph.

    Nodes are `(node type, id)`, with attributes `first_known` and `known_at` (of the row; int64 seconds, absent when
    unknown) and the columns that are not null. Edge keys are the relation; a further edge of the same relation
    between the same nodes gets `(relation, 1)` and so on. Edges have `relation`, `time` (absent when nobody recorded
    it) and their columns. Graph attributes hold what else `from_networkx` needs to give the view back.

    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> edges = pa.table({"src": ["bob", "bob"], "dst": ["ann", "ann"], "time": [1, 2]})
    >>> converted = to_networkx(SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges}))
    >>> sorted(converted), [(key, data["time"]) for _, _, key, data in converted.edges(keys=True, data=True)]
    ([('user', 'ann'), ('user', 'bob')], [('repost', 1), (('repost', 1), 2)])
    """
    import networkx as nx  # a second at import, needed only here

    converted = nx.MultiDiGraph(
        name=graph.name,
        media_root=graph.media_root,
        schema=graph.schema.to_json(),
        stated_assumptions=list(graph.stated_assumptions),
        assumed_known=sorted(map(list, graph.assumed_known)),
        start=graph.start,
        end=graph.end,
    )
    for node_type in graph.node_types:
        columns = {c: graph.column(node_type, c).to_pylist() for c in graph.schema.nodes[node_type]}
        known, row_known = graph.known_at(node_type).tolist(), graph.row_known_at(node_type).tolist()
        for i, node_id in enumerate(graph.node_ids(node_type)):
            data = {c: values[i] for c, values in columns.items() if values[i] is not None}
            if known[i] != UNKNOWN_TIME:
                data["first_known"] = known[i]
            if row_known[i] not in (UNKNOWN_TIME, NEVER):
                data["known_at"] = row_known[i]
            converted.add_node((node_type, node_id), **data)
    for edge_type in graph.edge_types:
        source, relation, target = edge_type
        edges = graph.edges(edge_type)
        columns = {c: graph.edge_column(edge_type, c).to_pylist() for c in graph.schema.edges[edge_type]}
        source_ids, target_ids = graph.node_ids(source)[edges.src], graph.node_ids(target)[edges.dst]
        for i, (time, recorded) in enumerate(zip(edges.time.tolist(), edges.recorded, strict=True)):
            data = {"relation": relation} | {c: values[i] for c, values in columns.items() if values[i] is not None}
            if recorded:
                data["time"] = time
            u, v = (source, source_ids[i]), (target, target_ids[i])
            parallel = 0
            while converted.has_edge(u, v, key := (relation, parallel) if parallel else relation):
                parallel += 1
            converted.add_edge(u, v, key, **data)
    return converted


def from_networkx(converted: nx.MultiDiGraph, schema: Schema | None = None) -> SocialGraph:
    """A graph from NetworkX, the inverse of `to_networkx`.

    Args:
        converted: Nodes are `(node type, id)`; edges have an attribute `relation` or a key that is the relation, and
            `time` in int64 seconds. Attributes are columns.
        schema: Types and columns; None: that which `to_networkx` left in the graph, else types and columns found.

    Raises:
        SchemaError: A node is not named that way, an edge has no relation, or an attribute does not fit its column.
    """
    if not converted.is_directed():
        raise SchemaError("from_networkx got an undirected graph, expected a directed one: relations have a direction")
    kept = converted.graph
    nodes, edges = _node_rows(converted), _edge_rows(converted)
    if schema is None:
        schema = Schema.from_json(kept["schema"]) if "schema" in kept else _found_schema(nodes, edges)
    node_tables = {
        t: _table(rows, {"id": "string", "first_known": "int", "known_at": "int"}, schema.nodes.get(t, {}), t)
        for t, rows in nodes.items()
    }
    edge_tables = {
        t: _table(rows, {"src": "string", "dst": "string", "time": "int"}, schema.edges.get(t, {}), " ".join(t))
        for t, rows in edges.items()
    }
    graph = SocialGraph.build(
        schema, node_tables, edge_tables, kept.get("name", ""), tuple(kept.get("stated_assumptions", ())),
        kept.get("media_root"),
    )  # fmt: skip
    return graph.restored_view(
        frozenset((t, c) for t, c in kept.get("assumed_known", ())), kept.get("start"), kept.get("end")
    )


_Rows = list[dict[str, Any]]


def _node_rows(converted: nx.MultiDiGraph) -> dict[str, _Rows]:
    rows: dict[str, _Rows] = {}
    for node, data in converted.nodes(data=True):
        if not (isinstance(node, tuple) and len(node) == 2 and all(isinstance(part, str) for part in node)):
            raise SchemaError(f"node {node!r}, expected (node type, id) such as ('user', 'u17')")
        row = {"id": node[1], **data}
        if "first_known" in data and "known_at" not in data:
            row["known_at"] = NEVER  # only edges named it
        rows.setdefault(node[0], []).append(row)
    return rows


def _edge_rows(converted: nx.MultiDiGraph) -> dict[EdgeType, _Rows]:
    rows: dict[EdgeType, _Rows] = {}
    listed = converted.edges(keys=True, data=True) if converted.is_multigraph() else (
        (u, v, None, data) for u, v, data in converted.edges(data=True)
    )  # fmt: skip
    for u, v, key, data in listed:
        relation = data.get("relation", key[0] if isinstance(key, tuple) and key else key)
        if not isinstance(relation, str):
            raise SchemaError(f"edge {u!r} to {v!r} has no relation, expected it as key or attribute 'relation'")
        row = {"src": u[1], "dst": v[1], **{c: value for c, value in data.items() if c != "relation"}}
        rows.setdefault((u[0], relation, v[0]), []).append(row)
    return rows


def _table(rows: _Rows, keys: Mapping[str, str], columns: Mapping[str, Column], label: str) -> pa.Table:
    """Rows as a table of the declared types; attributes the schema does not name are left for `build` to refuse."""
    types = {**keys, **{name: column.type for name, column in columns.items()}}
    names = sorted({name for row in rows for name in row})
    arrays = {}
    for name in names:
        values = [row.get(name) for row in rows]
        try:
            arrays[name] = pa.array(values, ARROW_TYPE[types[name]] if name in types else None)
        except (pa.ArrowException, KeyError, OverflowError) as error:
            raise SchemaError(
                f"{label}: attribute {name!r} does not fit type {types.get(name, 'any')}: {error}"
            ) from error
    return pa.table(arrays)


def _found_schema(nodes: Mapping[str, _Rows], edges: Mapping[EdgeType, _Rows]) -> Schema:
    node_types = {t: _found_columns(rows, ("id", "first_known", "known_at")) for t, rows in sorted(nodes.items())}
    edge_types = {t: _found_columns(rows, ("src", "dst", "time")) for t, rows in sorted(edges.items())}
    return Schema(nodes=node_types, edges=edge_types)


def _found_columns(rows: _Rows, keys: tuple[str, ...]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for name in sorted({name for row in rows for name in row} - set(keys)):
        kinds = {type(row[name]) for row in rows if row.get(name) is not None}
        if kinds <= {bool}:
            found[name] = Column("bool")
        elif kinds <= {int}:
            found[name] = Column("int")
        elif kinds <= {int, float}:
            found[name] = Column("float")
        else:
            found[name] = Column("string")
    return found

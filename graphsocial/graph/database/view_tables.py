"""What a view knows, as Arrow tables with names that SQL can use."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from graphsocial.graph.csr import narrow
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import UNKNOWN_TIME, EdgeType, Schema


def table_names(schema: Schema) -> dict[str, str | EdgeType]:
    """What to call the table of each node type and of each relation.

    A node type goes by its name, a relation by `follow` where it joins one pair of types only, else by
    `user_follow_user`.

    >>> follow, mine, theirs = ("user", "follow", "user"), ("user", "repost", "post"), ("user", "repost", "user")
    >>> list(table_names(Schema({"user": {}, "post": {}}, {follow: {}, mine: {}, theirs: {}})))
    ['user', 'post', 'follow', 'user_repost_post', 'user_repost_user']
    """
    relations = [relation for _, relation, _ in schema.edges]
    names: dict[str, str | EdgeType] = {node_type: node_type for node_type in schema.nodes}
    return names | {e[1] if relations.count(e[1]) == 1 else "_".join(e): e for e in schema.edges}


def view_table(view: SocialGraph, which: str | EdgeType) -> pa.Table:
    """Nodes of a type or edges of a relation, as the view shows them, in its order; built once per view.

    Nodes have `id`, `known_at` and their columns; edges `src` and `dst` (ids), `time`, `recorded` and their columns.
    Times are timestamps of microseconds, in UTC, null where unknown. A column whose name another one has already, but
    for upper and lower case, gets `_2`. Ids of edges point into the ids of the nodes: five million edges hold ten
    million small numbers, not ten million strings.

    >>> from graphsocial.schema import Column
    >>> schema = Schema({"user": {"name": Column("string")}}, {})
    >>> users = pa.table({"id": ["bob", "ann"], "known_at": [20, 10], "name": ["Bob", "Ann"]})
    >>> view_table(SocialGraph.build(schema, {"user": users}, {}).as_of(20), "user").to_pylist()
    [{'id': 'ann', 'known_at': datetime.datetime(1970, 1, 1, 0, 0, 10), 'name': 'Ann'}]
    """
    key = ("view_table", which)
    if key not in view.cache:
        view.cache[key] = _node_table(view, which) if isinstance(which, str) else _edge_table(view, which)
    found: pa.Table = view.cache[key]
    return found


def _node_table(view: SocialGraph, node_type: str) -> pa.Table:
    columns = [_ids(view, node_type), _timestamps(view.known_at(node_type))]
    names = list(view.schema.nodes[node_type])
    columns += [view.column(node_type, name) for name in names]
    return pa.table(columns, names=_distinct(["id", "known_at", *names]))


def _edge_table(view: SocialGraph, edge_type: EdgeType) -> pa.Table:
    edges = view.edges(edge_type)
    columns = [
        _places(view, edge_type[0], edges.src),
        _places(view, edge_type[2], edges.dst),
        _timestamps(edges.time),
        pa.array(edges.recorded),
    ]
    names = list(view.schema.edges[edge_type])
    columns += [view.edge_column(edge_type, name) for name in names]
    return pa.table(columns, names=_distinct(["src", "dst", "time", "recorded", *names]))


def _ids(view: SocialGraph, node_type: str) -> pa.Array:
    """Ids of the view's nodes; ids of later nodes must not be found even in a dictionary."""
    return view.tables.nodes[node_type].ids.slice(0, view.num_nodes(node_type))


def _places(view: SocialGraph, node_type: str, position: np.ndarray) -> pa.DictionaryArray:
    kind = narrow(view.num_nodes(node_type))
    return pa.DictionaryArray.from_arrays(pa.array(position.astype(kind)), _ids(view, node_type))


def _timestamps(time: np.ndarray) -> pa.Array:
    unknown = time == UNKNOWN_TIME
    micro = np.where(unknown, 0, time) * 1_000_000
    return pa.array(micro, mask=unknown if unknown.any() else None).view(pa.timestamp("us"))


def _distinct(names: Iterable[str]) -> list[str]:
    """The names, numbered from the second on where they differ in upper and lower case only: SQL does not tell."""
    taken: set[str] = set()
    found = []
    for name in names:
        number, free = 1, name
        while free.lower() in taken:
            number += 1
            free = f"{name}_{number}"
        taken.add(free.lower())
        found.append(free)
    return found

"""Small random worlds, their erased twins, and everything a view says, for the tests of graphs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.graph import (
    SocialGraph,
    common_neighbours,
    count_before,
    ego_network,
    read_cascades,
    sample_neighbours,
    to_networkx,
)
from graphsocial.schema import UNKNOWN_TIME, Column, EdgeType, Schema

AUTHOR = ("user", "author", "post")
REPOST = ("user", "repost", "user")
SHARE = ("user", "repost", "post")
FOLLOW = ("user", "follow", "user")
TAG = ("post", "tag", "hashtag")
CRAWL, MEASURED = 60, 75

SCHEMA = Schema(
    nodes={
        "user": {"name": Column("string"), "followers": Column("int", MEASURED)},
        "post": {"text": Column("string"), "label": Column("bool", MEASURED)},
        "hashtag": {},
    },
    edges={
        AUTHOR: {},
        REPOST: {"weight": Column("float"), "checked": Column("bool", MEASURED)},
        SHARE: {},
        FOLLOW: {},
        TAG: {},
    },
    crawled_at={FOLLOW: CRAWL},
)

Row = dict[str, Any]


@dataclass
class World:
    """Rows as a reader would have them, in any order."""

    nodes: dict[str, list[Row]] = field(default_factory=dict)
    edges: dict[EdgeType, list[Row]] = field(default_factory=dict)

    def graph(self, rng: np.random.Generator | None = None) -> SocialGraph:
        """The graph of these rows; with a generator, of the same rows shuffled."""
        nodes = {t: self._table(rows, _node_types(t), rng) for t, rows in self.nodes.items()}
        edges = {t: self._table(rows, _edge_types(t), rng) for t, rows in self.edges.items()}
        return SocialGraph.build(SCHEMA, nodes, edges, name="world", assumptions=("a stated one",))

    @staticmethod
    def _table(rows: list[Row], types: dict[str, pa.DataType], rng: np.random.Generator | None) -> pa.Table:
        order = np.arange(len(rows)) if rng is None else rng.permutation(len(rows))
        return pa.table({c: pa.array([rows[i].get(c) for i in order], kind) for c, kind in types.items()})

    def edge_time(self, edge_type: EdgeType, row: Row) -> int:
        return CRAWL if row["time"] is None and edge_type == FOLLOW else row["time"]

    def row_known(self, node_type: str, row: Row) -> int:
        """When the row is known: its own time, else the first edge that names it, else from the beginning."""
        if row["known_at"] is not None:
            return row["known_at"]
        return min(self.naming_times(node_type, row["id"]), default=UNKNOWN_TIME)

    def naming_times(self, node_type: str, node_id: str) -> list[int]:
        return [
            self.edge_time(edge_type, row)
            for edge_type, rows in self.edges.items()
            for row in rows
            for end, t in (("src", edge_type[0]), ("dst", edge_type[2]))
            if t == node_type and row[end] == node_id
        ]

    def erased(self, t: int) -> World:
        """This world as somebody would have collected it just before t."""
        nodes = {}
        for node_type, rows in self.nodes.items():
            late = [c for c, column in SCHEMA.nodes[node_type].items() if _late(column, t)]
            kept = [row for row in rows if self.row_known(node_type, row) < t]
            nodes[node_type] = [{c: v for c, v in row.items() if c not in late} for row in kept]
        edges = {}
        for edge_type, rows in self.edges.items():
            late = [c for c, column in SCHEMA.edges[edge_type].items() if _late(column, t)]
            kept = [row for row in rows if self.edge_time(edge_type, row) < t]
            edges[edge_type] = [{c: v for c, v in row.items() if c not in late} for row in kept]
        return World(nodes, edges)


def _late(column: Column, t: int) -> bool:
    return isinstance(column.known_at, int) and column.known_at >= t


_ARROW = {"string": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}


def _node_types(node_type: str) -> dict[str, pa.DataType]:
    columns = {c: _ARROW[column.type] for c, column in SCHEMA.nodes[node_type].items()}
    return {"id": pa.string(), "known_at": pa.int64(), **columns}


def _edge_types(edge_type: EdgeType) -> dict[str, pa.DataType]:
    columns = {c: _ARROW[column.type] for c, column in SCHEMA.edges[edge_type].items()}
    return {"src": pa.string(), "dst": pa.string(), "time": pa.int64(), **columns}


def random_world(seed: int, users: int = 7, posts: int = 6, edges: int = 14) -> World:
    """A world with ties, parallel edges, self-loops, placeholders, rows without a time and edges without one."""
    rng = np.random.default_rng(seed)

    def moment() -> int:
        return int(rng.integers(0, 12)) * 9  # few distinct moments: many ties

    def maybe(value: Any, chance: float = 0.8) -> Any:
        return value if rng.random() < chance else None

    def pick(prefix: str, count: int) -> str:
        return f"{prefix}{rng.integers(0, count)}"

    nodes: dict[str, list[Row]] = {
        "user": [
            {"id": f"u{i}", "known_at": maybe(moment()), "name": maybe(f"name {i}"), "followers": maybe(i)}
            for i in range(users)
            if rng.random() < 0.7
        ],
        "post": [
            {"id": f"p{i}", "known_at": maybe(moment()), "text": maybe(f"text {i}"), "label": maybe(i % 2 == 0)}
            for i in range(posts)
            if rng.random() < 0.7
        ],
        "hashtag": [],
    }

    def rows(make: Any) -> list[Row]:
        return [make() for _ in range(int(rng.integers(0, edges + 1)))]

    table = {
        AUTHOR: rows(lambda: {"src": pick("u", users), "dst": pick("p", posts), "time": moment()}),
        REPOST: rows(
            lambda: {
                "src": pick("u", users),
                "dst": pick("u", users),
                "time": moment(),
                "weight": maybe(float(rng.integers(0, 3))),
                "checked": maybe(bool(rng.integers(0, 2))),
            }
        ),
        SHARE: rows(lambda: {"src": pick("u", users), "dst": pick("p", posts), "time": moment()}),
        FOLLOW: rows(lambda: {"src": pick("u", users), "dst": pick("u", users), "time": maybe(moment(), 0.5)}),
        TAG: rows(lambda: {"src": pick("p", posts), "dst": pick("h", 3), "time": moment()}),
    }
    return World(nodes, table)


def snapshot(view: SocialGraph, rng: int = 5) -> dict[str, Any]:
    """Everything the graph room says about a view, as plain values that compare with ==."""
    said: dict[str, Any] = {"repr": repr(view), "assumptions": view.assumptions, "span": view.span}
    for t in view.node_types:
        said[f"ids {t}"] = view.node_ids(t).tolist()
        said[f"known {t}"] = view.known_at(t).tolist()
        said[f"row known {t}"] = view.row_known_at(t).tolist()
        said[f"index {t}"] = view.index(t, view.node_ids(t)).tolist()
        for c in view.schema.nodes[t]:
            said[f"column {t} {c}"] = view.column(t, c).to_pylist()
    limit = 10**6 if view.end is None else view.end
    begin = -(10**6) if view.start is None else view.start
    for e in view.edge_types:
        edges = view.edges(e)
        said[f"edges {e}"] = [a.tolist() for a in (edges.src, edges.dst, edges.time, edges.recorded)]
        before = view.without_start().num_edges(e) - view.num_edges(e)
        for c in view.schema.edges[e]:
            said[f"edge column {e} {c}"] = view.edge_column(e, c).to_pylist()
        for direction, t in (("out", e[0]), ("in", e[2])):
            csr = view.csr(e, direction)
            for i in range(view.num_nodes(t)):
                row = slice(csr.indptr[i], csr.indptr[i + 1])
                past = (csr.time[row] >= begin) & (csr.time[row] < limit)
                said[f"csr {e} {direction} {i}"] = [
                    a[row][past].tolist() for a in (csr.neighbour, csr.time, csr.edge - before)
                ]
            every = np.arange(view.num_nodes(t))
            said[f"count {e} {direction}"] = count_before(view, e, direction, every, 20, 70).tolist()
        said[f"cascades {e}"] = _cascades(view, e)
    seeds = {}
    for t in view.node_types:
        every = np.arange(view.num_nodes(t))
        seeds[t] = (every, np.minimum(40 + 7 * every, limit))
    for strategy in ("recent", "uniform"):
        said[f"sample {strategy}"] = plain(sample_neighbours(view, seeds, [2, 2], rng, strategy))
    users = np.arange(view.num_nodes("user"))
    a, b = np.repeat(users, len(users)), np.tile(users, len(users))
    said["common"] = common_neighbours(view, [REPOST, FOLLOW], a, b, min(limit, 80)).tolist()
    for user in view.node_ids("user"):
        ego = ego_network(view, ("user", user), hops=2)
        said[f"ego {user}"] = [(t, ego.node_ids(t).tolist()) for t in ego.node_types]
        said[f"ego edges {user}"] = [(e, ego.edges(e).time.tolist()) for e in ego.edge_types]
    converted = to_networkx(view)
    said["networkx"] = (list(converted.nodes(data=True)), list(converted.edges(keys=True, data=True)))
    return said


def plain(sample: Any) -> dict[str, Any]:
    """A sample as plain values."""
    parts = {t: [a.tolist() for a in (n.node, n.time, n.seed, n.hop)] for t, n in sample.nodes.items()}
    edges = {t: [a.tolist() for a in (e.src, e.dst, e.age, e.edge)] for t, e in sample.edges.items()}
    counts = {t: [sample.degrees[t].tolist(), sample.last_age[t].tolist()] for t in sample.nodes}
    return {"nodes": parts, "edges": edges, "counts": counts, "names": sample.degree_names}


def _cascades(view: SocialGraph, edge_type: EdgeType) -> list[Any]:
    found = read_cascades(view, edge_type)
    return [a.tolist() for a in (found.node, found.parent, found.time, found.offsets, found.names, found.censored)]

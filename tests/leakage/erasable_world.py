"""A random multimodal world as rows, and the same world as somebody would have collected it just before t."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.graph import SocialGraph
from graphsocial.schema import UNKNOWN_TIME, Column, EdgeType, Schema

HOUR = 3600
DAY = 24 * HOUR
BEGIN = 1_350_000_000 // DAY * DAY
VALID, TEST, LATER, END = BEGIN + 5 * DAY, BEGIN + 7 * DAY, BEGIN + 8 * DAY, BEGIN + 10 * DAY
"""Cuts of the split; `LATER` is a moment after the model was fitted, when it is used."""

CRAWLED, COUNTED, JUDGED = BEGIN + 3 * DAY, BEGIN + 2 * DAY, BEGIN + 9 * DAY
"""Of follows without a time; of repost counts, before the cuts; of verdicts and follower counts, after them."""

AUTHOR = ("user", "author", "post")
REPOST = ("user", "repost", "user")
SHARE = ("user", "repost", "post")
MENTION = ("user", "mention", "user")
LIKE = ("user", "like", "post")
FOLLOW = ("user", "follow", "user")
TAG = ("post", "tag", "hashtag")
SHOW = ("post", "show", "media")

SCHEMA = Schema(
    nodes={
        "user": {"name": Column("string"), "followers": Column("int", JUDGED)},
        "post": {
            "text": Column("string"),
            "mood": Column("string"),
            "reposts": Column("int", COUNTED),
            "verdict": Column("string", JUDGED),
        },
        "hashtag": {},
        "media": {"path": Column("string")},
    },
    edges={AUTHOR: {}, REPOST: {}, SHARE: {}, MENTION: {}, LIKE: {}, FOLLOW: {}, TAG: {}, SHOW: {}},
    crawled_at={FOLLOW: CRAWLED},
)

Row = dict[str, Any]
_ARROW = {"string": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}
NEVER = 2**63 - 1


@dataclass
class World:
    """Rows in no particular order."""

    nodes: dict[str, list[Row]]
    edges: dict[EdgeType, list[Row]]
    schema: Schema = SCHEMA

    @classmethod
    def of(cls, graph: SocialGraph) -> World:
        """The rows of a view, nodes that only edges name left out."""
        world = cls({}, {}, graph.schema)
        for n in graph.node_types:
            columns = {"id": graph.node_ids(n).tolist(), "known_at": graph.row_known_at(n).tolist()}
            columns |= {c: graph.column(n, c).to_pylist() for c in graph.schema.nodes[n]}
            world.nodes[n] = [row for row in _rows(columns) if row["known_at"] < NEVER]
        for e in graph.edge_types:
            edges = graph.edges(e)
            columns = {"src": graph.node_ids(e[0])[edges.src].tolist(), "dst": graph.node_ids(e[2])[edges.dst].tolist()}
            columns |= {"time": edges.time.tolist()}
            columns |= {c: graph.edge_column(e, c).to_pylist() for c in graph.schema.edges[e]}
            world.edges[e] = _rows(columns)
        return world

    def graph(self, shuffle: int | None = None) -> SocialGraph:
        """The graph of these rows, read in another order when a seed is given."""
        rng = None if shuffle is None else np.random.default_rng(shuffle)
        columns = self.schema.nodes, self.schema.edges
        return SocialGraph.build(
            self.schema,
            {t: _table(rows, columns[0][t], ("id",), "known_at", rng) for t, rows in self.nodes.items()},
            {e: _table(rows, columns[1][e], ("src", "dst"), "time", rng) for e, rows in self.edges.items()},
            name="random world",
        )

    def erased(self, t: int) -> World:
        """No row, node, measured value or label of t or later."""
        nodes, edges = {}, {}
        for node_type, rows in self.nodes.items():
            kept = _measured_before(self.schema.nodes[node_type], t)
            nodes[node_type] = [kept(row) for row in rows if self._known(node_type, row) < t]
        for edge_type, rows in self.edges.items():
            kept = _measured_before(self.schema.edges[edge_type], t)
            edges[edge_type] = [kept(row) for row in rows if _time(row) < t]
        return World(nodes, edges, self.schema)

    def _known(self, node_type: str, row: Row) -> int:
        """When a row is known: its own time, else the first edge that names it, else from the beginning."""
        if row["known_at"] is not None:
            return row["known_at"]
        naming = [
            _time(edge)
            for (source, _, target), edges in self.edges.items()
            for edge in edges
            if (source == node_type and edge["src"] == row["id"]) or (target == node_type and edge["dst"] == row["id"])
        ]
        return min(naming, default=UNKNOWN_TIME)


def random_world(seed: int, users: int = 30, posts: int = 260) -> World:
    """Users write posts with words, pictures and hashtags, and repost, mention, like and follow.

    Some rows are known later than the edges that name them, some posts get another picture later, some pictures and
    hashtags occur only late, users and follows may have no time, and the later days say the opposite of the earlier
    ones, so whoever peeks is told something else.
    """
    rng = np.random.default_rng(seed)

    def maybe(value: Any, chance: float) -> Any:
        return value if rng.random() < chance else None

    joined = np.sort(rng.integers(BEGIN, END - DAY, users))
    joined[: users // 2] = BEGIN
    world = World({"user": [], "post": [], "hashtag": [], "media": []}, {e: [] for e in SCHEMA.edges})
    for i, time in enumerate(joined.tolist()):
        row = {"id": f"u{i}", "known_at": maybe(time, 0.7), "name": f"name {i}", "followers": maybe(int(i * 17), 0.8)}
        world.nodes["user"].append(row)
    pictures = 40
    for i in range(pictures):
        world.nodes["media"].append({"id": f"m{i}", "known_at": None, "path": maybe(f"pictures/{i}.jpg", 0.9)})
    for i, time in enumerate(np.sort(rng.integers(BEGIN, END, posts)).tolist()):
        author = int(rng.choice(np.flatnonzero(joined <= time)))
        good, late = rng.random() < 0.5, time >= TEST
        words = [("fine", "glad") if good != late else ("grim", "sad")][0]
        text = f"{words[int(rng.integers(2))]} word{rng.integers(9)} news{'tomorrow' if late else ''}{rng.integers(5)}"
        post = f"p{i}"
        row_known = time if rng.random() < 0.85 else time + int(rng.integers(1, 2 * DAY))
        world.nodes["post"].append(
            {
                "id": post,
                "known_at": row_known,
                "text": maybe(text, 0.9),
                "mood": maybe(("good" if good else "bad") if i % 7 or not late else "odd", 0.8),
                "reposts": maybe(int(rng.integers(0, 30)), 0.9),
                "verdict": "real" if good else "fake",
            }
        )
        world.edges[AUTHOR].append({"src": f"u{author}", "dst": post, "time": time})
        for _ in range(int(rng.integers(0, 3))):
            shown_at = time if rng.random() < 0.7 else time + int(rng.integers(1, 3 * DAY))
            picture = int(rng.integers(pictures // 2, pictures) if late else rng.integers(0, pictures // 2))
            world.edges[SHOW].append({"src": post, "dst": f"m{picture}", "time": shown_at})
        for tag in rng.integers(0, 4, int(rng.integers(1, 3))).tolist():
            world.edges[TAG].append(
                {"src": post, "dst": f"late{tag}" if late and tag > 1 else f"tag{tag}", "time": time}
            )
        for edge_type, most in ((REPOST, 3), (SHARE, 3), (LIKE, 4), (MENTION, 3)):
            for _ in range(int(rng.integers(0, most))):
                at = time + int(rng.exponential(DAY / 2))
                there = np.flatnonzero(joined <= at)
                other = f"u{rng.choice(there)}"
                target = post if edge_type[2] == "post" else f"u{author}"
                if edge_type == MENTION:
                    other, target = f"u{author}", other
                world.edges[edge_type].append({"src": other, "dst": target, "time": at})
    for _ in range(60):
        a, b = rng.integers(0, users, 2).tolist()
        time = int(rng.integers(BEGIN, END))
        world.edges[FOLLOW].append({"src": f"u{a}", "dst": f"u{b}", "time": maybe(time, 0.5)})
    for moment in (VALID, TEST, LATER):  # at a cut counts as after it
        world.nodes["post"].append({"id": f"at{moment}", "known_at": moment, "text": "at the cut", "mood": "good"})
        for edge_type, target in (
            (AUTHOR, f"at{moment}"),
            (LIKE, "p0"),
            (SHARE, "p0"),
            (REPOST, "u1"),
            (MENTION, "u1"),
        ):
            world.edges[edge_type].append({"src": "u0", "dst": target, "time": moment})
        world.edges[TAG].append({"src": "p0", "dst": "tag0", "time": moment})
    return world


def _time(row: Row) -> int:
    return CRAWLED if row["time"] is None else row["time"]


def _measured_before(columns: Mapping[str, Column], t: int) -> Callable[[Row], Row]:
    late = {c for c, column in columns.items() if column.known_at != "row" and column.known_at >= t}
    return lambda row: {c: value for c, value in row.items() if c not in late}


def _rows(columns: dict[str, list[Any]]) -> list[Row]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _table(
    rows: list[Row], columns: Mapping[str, Column], ids: tuple[str, ...], time: str, rng: np.random.Generator | None
) -> pa.Table:
    order = np.arange(len(rows)) if rng is None else rng.permutation(len(rows))
    kinds = {**dict.fromkeys(ids, pa.string()), time: pa.int64(), **{c: _ARROW[k.type] for c, k in columns.items()}}
    return pa.table({c: pa.array([rows[i].get(c) for i in order], kind) for c, kind in kinds.items()})

"""Users with known tastes and habits, as a graph with hashed contents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from graphsocial.embed import EmbeddingTable, hashing_embeddings
from graphsocial.graph import SocialGraph
from graphsocial.schema import Column, EdgeType, Schema

AUTHOR: EdgeType = ("user", "author", "post")
REPOST: EdgeType = ("user", "repost", "post")
REPLY: EdgeType = ("user", "reply", "user")
FOLLOW: EdgeType = ("user", "follow", "user")

WORDS = ("flood rain water storm river bridge", "song music guitar album concert band", "goal match team score cup win")


def text_about(topic: int, rng: np.random.Generator) -> str:
    return " ".join(rng.choice(WORDS[topic].split(), 5, replace=False))


def graph_of(
    posts: Sequence[tuple[str, str, int, str | None]], edges: dict[EdgeType, Sequence[tuple[str, str, int | None]]]
) -> SocialGraph:
    """A graph of posts (id, author, time, text) and further edges (source, target, time)."""
    table = {
        AUTHOR: [(author, post, time) for post, author, time, _ in posts],
        **{edge_type: list(rows) for edge_type, rows in edges.items()},
    }
    schema = Schema(
        {"user": {}, "post": {"text": Column("string")}},
        {edge_type: {} for edge_type in table},
        crawled_at={edge_type: 10**6 for edge_type in table},
    )
    return SocialGraph.build(
        schema,
        {
            "post": pa.table(
                {
                    "id": [post for post, *_ in posts],
                    "known_at": [time for _, _, time, _ in posts],
                    "text": pa.array([text for *_, text in posts], pa.string()),
                }
            )
        },
        {
            edge_type: pa.table(
                {
                    "src": pa.array([a for a, _, _ in rows], pa.string()),
                    "dst": pa.array([b for _, b, _ in rows], pa.string()),
                    "time": pa.array([time for _, _, time in rows], pa.int64()),
                }
            )
            for edge_type, rows in table.items()
        },
    )


def contents(graph: SocialGraph) -> EmbeddingTable:
    return hashing_embeddings(graph, channels=64)


def three_tastes(each: int = 12, users: int = 4, rng: int = 0) -> SocialGraph:
    """Users `t0u0` … write about topic 0, `t1u0` … about topic 1, and so on, hour by hour."""
    generator = np.random.default_rng(rng)
    posts, time = [], 0
    for _ in range(each):
        for topic in range(3):
            for user in range(users):
                time += 600
                posts.append((f"p{len(posts)}", f"t{topic}u{user}", time, text_about(topic, generator)))
    return graph_of(posts, {})

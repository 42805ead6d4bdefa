"""A small world in a store, and one Spark session for all tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.schema import Column, Schema
from graphsocial.store import EventBatch, Store

AUTHOR, REPOST, FOLLOW = ("user", "author", "post"), ("user", "repost", "post"), ("user", "follow", "user")
TAG = ("post", "tag", "hashtag")


def small_world(seed: int = 0, reposts: int = 4_000) -> SocialGraph:
    """Posts with bursts of reposts and tags; follows of unknown time, authors nobody recorded, reposts before posts."""
    rng = np.random.default_rng(seed)
    users, posts = 300, 60
    time = rng.integers(0, 100_000, reposts)
    late = rng.random(reposts) < 0.3
    post = np.where(late, 0, rng.integers(0, posts, reposts))
    time = np.where(late, rng.integers(50_000, 56_000, reposts), time // 50 * 50)  # several in one second

    def names(letter: str, number: np.ndarray) -> list[str]:
        return [f"{letter}{n}" for n in number]

    follows = 3_000
    since = pa.array([None if t < 20_000 else int(t) for t in rng.integers(0, 90_000, follows)], pa.int64())
    bots = [f"bot{n % 2}" for n in range(40)]  # who act together on things that few others act on
    few = rng.integers(0, users, 1_200)
    edges = {
        REPOST: {
            "src": [*names("u", rng.integers(0, users, reposts)), *names("u", few), *bots],
            "dst": [*names("p", post), *names("rare", np.arange(1_200) // 2), *names("rare", np.arange(40) // 2)],
            "time": np.concatenate([time, np.arange(1_200) * 70, np.arange(40) * 300]),
        },
        FOLLOW: {
            "src": names("u", rng.integers(0, users + 50, follows)),
            "dst": names("u", rng.integers(0, users + 50, follows)),
            "time": since,
        },
        AUTHOR: {
            "src": names("u", np.arange(posts - 10) % 7),
            "dst": names("p", np.arange(posts - 10)),
            "time": rng.integers(0, 60_000, posts - 10),
        },
        TAG: {
            "src": names("p", rng.integers(0, posts, 500)),
            "dst": names("h", rng.integers(0, 9, 500)),
            "time": rng.integers(0, 100_000, 500),
        },
    }
    known = [None, 7, NEVER, 99_000]
    nodes = {"user": {"id": ["u0", "u1", "loner", "late"], "known_at": pa.array(known, pa.int64())}}
    texts = [f"text {n % 40}  number" for n in range(posts)]
    nodes["post"] = {"id": names("p", np.arange(posts)), "known_at": np.arange(posts) * 1_000, "text": texts}
    schema = Schema(
        {"user": {}, "post": {"text": Column()}, "hashtag": {}},
        {edge_type: {} for edge_type in edges},
        crawled_at={FOLLOW: 95_000},
    )
    tables = {edge_type: pa.table(columns) for edge_type, columns in edges.items()}
    return SocialGraph.build(schema, {kind: pa.table(columns) for kind, columns in nodes.items()}, tables)


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the small world, in two versions."""
    path = tmp_path_factory.mktemp("spark") / "world one"
    store = Store.create(path)
    store.append(EventBatch.of_graph(small_world()))
    again = pa.table({"id": ["u1", "u2"], "known_at": pa.array([3, 5], pa.int64())})
    store.append(EventBatch(Schema({"user": {}}, {}), nodes={"user": again}))
    store.wait()
    return path


@pytest.fixture(scope="session")
def world(stored: Path) -> SocialGraph:
    """The graph of that store, on this machine."""
    return Store.open(stored).graph()


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Two threads of this machine."""
    from graphsocial.scale.spark import open_session

    session = open_session("local[2]", partitions=3)
    yield session
    session.stop()

"""One post with a million reposts: no task gets all of it, and the rows stay those of one machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.spark_jobs import same_rows, same_trees
from benchmarks.spark_weibo import AUTHOR, FOLLOW, REPOST
from graphsocial import graph as graphs
from graphsocial import trends
from graphsocial.graph import SocialGraph
from graphsocial.scale import spark as on_spark
from graphsocial.scale.spark import DuckDbGraph, SparkGraph
from graphsocial.schema import Schema
from graphsocial.store import EventBatch, Store

pytestmark = [pytest.mark.spark, pytest.mark.slow]

REPOSTS, USERS, BOTS = 1_000_000, 1_000_000, 5


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Everybody reposts one post; a few posts have few reposts, ten of them by the same bots."""
    rng = np.random.default_rng(4)

    def names(letter: str, number: np.ndarray) -> pa.Array:
        return pa.compute.binary_join_element_wise(letter, pa.array(number).cast(pa.string()), "")

    few = rng.integers(1, 500, 20_000)
    users = [rng.permutation(USERS), rng.integers(0, USERS, len(few)), np.repeat(np.arange(BOTS), 10)]
    posts = [np.zeros(REPOSTS, np.int64), few, np.tile(np.arange(1, 11), BOTS)]
    edges = {
        REPOST: {
            "src": names("u", np.concatenate(users)),
            "dst": names("p", np.concatenate(posts)),
            "time": rng.integers(100, 200_000, sum(map(len, users))),
        },
        FOLLOW: {
            "src": names("u", rng.integers(0, USERS, 1_500_000)),
            "dst": names("u", (USERS * rng.random(1_500_000) ** 6).astype(np.int64)),  # hubs
            "time": rng.integers(0, 150_000, 1_500_000),
        },
        AUTHOR: {"src": names("u", np.arange(500)), "dst": names("p", np.arange(500)), "time": np.full(500, 99)},
    }
    made = Store.create(tmp_path_factory.mktemp("skewed") / "store")
    schema = Schema({"user": {}, "post": {}}, {edge_type: {} for edge_type in edges})
    made.append(EventBatch(schema, edges={edge_type: pa.table(columns) for edge_type, columns in edges.items()}))
    made.wait()
    return made


@pytest.fixture(scope="module")
def world(store: Store) -> SocialGraph:
    return store.graph()


@pytest.fixture(scope="module")
def held(spark: Any, store: Store) -> Iterator[SparkGraph]:
    graph = on_spark.spark_graph(spark, store.path)
    yield graph
    graph.release()


def test_trees_of_a_post_with_a_million_reposts(held: SparkGraph, world: SocialGraph) -> None:
    expected = graphs.cascade_trees(world, REPOST, FOLLOW)
    assert expected.size.max() > 999_000
    assert (expected.parent > 0).sum() > 100_000
    trees = on_spark.cascade_trees(held, REPOST, FOLLOW, members_per_task=150_000)
    assert same_trees(on_spark.collect_cascades(held, trees), expected) == 1.0


def test_its_counts(held: SparkGraph, world: SocialGraph) -> None:
    expected = trends.top_per_window(world, REPOST, k=3).to_arrow()
    assert same_rows(on_spark.top_per_window(held, REPOST, k=3).toArrow(), expected) == 1.0
    mine, theirs = (on_spark.k_anonymous_counts(graph, REPOST, 10) for graph in (held, DuckDbGraph(world)))
    assert theirs.rows.num_rows > 10
    assert same_rows(mine.rows.toArrow(), theirs.rows) == 1.0
    assert repr(mine) == repr(theirs)


def test_its_pairs_are_left_out_as_on_one_machine(held: SparkGraph, world: SocialGraph) -> None:
    expected = graphs.co_engagement(world, [REPOST])
    assert expected.left_out_items == 1
    assert expected.left_out_meetings > 4 * 10**11
    assert len(expected.a) >= BOTS * (BOTS - 1) // 2
    assert same_rows(on_spark.co_engagement(held, REPOST).toArrow(), expected.to_arrow()) == 1.0

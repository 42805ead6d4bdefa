"""One post with a million reposts: no task gets all of it, and the rows stay those of one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from graphsocial import graph as graphs
from graphsocial.scale import spark as on_spark
from graphsocial.schema import Schema
from graphsocial.store import EventBatch, Store
from tests.scale.spark.weibo import AUTHOR, FOLLOW, REPOST, same

pytestmark = [pytest.mark.spark, pytest.mark.slow]

REPOSTS, USERS = 1_000_000, 1_000_000


def test_a_post_with_a_million_reposts(spark: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)

    def names(letter: str, number: np.ndarray) -> pa.Array:
        return pa.compute.binary_join_element_wise(letter, pa.array(number).cast(pa.string()), "")

    few = rng.integers(1, 500, 20_000)
    edges = {
        REPOST: {
            "src": names("u", np.concatenate([rng.permutation(USERS), rng.integers(0, USERS, len(few))])),
            "dst": names("p", np.concatenate([np.zeros(REPOSTS, np.int64), few])),
            "time": np.concatenate([rng.integers(100, 200_000, REPOSTS), rng.integers(100, 200_000, len(few))]),
        },
        FOLLOW: {
            "src": names("u", rng.integers(0, USERS, 1_500_000)),
            "dst": names("u", (USERS * rng.random(1_500_000) ** 6).astype(np.int64)),  # hubs
            "time": rng.integers(0, 150_000, 1_500_000),
        },
        AUTHOR: {"src": names("u", np.arange(500)), "dst": names("p", np.arange(500)), "time": np.full(500, 99)},
    }
    store = Store.create(tmp_path / "store")
    schema = Schema({"user": {}, "post": {}}, {edge_type: {} for edge_type in edges})
    store.append(EventBatch(schema, edges={edge_type: pa.table(columns) for edge_type, columns in edges.items()}))
    store.wait()
    world, held = store.graph(), on_spark.spark_graph(spark, store.path)
    expected = graphs.cascade_trees(world, REPOST, FOLLOW)
    assert expected.size.max() > 999_000
    assert (expected.parent > 0).sum() > 100_000
    trees = on_spark.cascade_trees(held, REPOST, FOLLOW, members_per_task=150_000)
    found = on_spark.collect_cascades(held, trees)
    for name in ("node", "parent", "time", "offsets", "names"):
        assert same(getattr(found, name), getattr(expected, name)), name
    held.release()

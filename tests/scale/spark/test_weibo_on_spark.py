"""1.28 million events of Weibo, row for row against one machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphsocial import graph as graphs
from graphsocial import trends
from graphsocial.scale import spark as on_spark
from graphsocial.scale.spark import DuckDbGraph
from tests.scale.spark.weibo import FOLLOW, REPOST, same, weibo_store

pytestmark = [pytest.mark.spark, pytest.mark.slow]

CORPUS = Path(os.environ.get("GRAPHSOCIAL_DATA", "")) / "ced_weibo"


@pytest.mark.skipif(not (CORPUS / "events.csv.gz").is_file(), reason="no ced_weibo under GRAPHSOCIAL_DATA")
def test_every_row_of_every_job(spark: Any, tmp_path: Path) -> None:
    store = weibo_store(CORPUS, tmp_path / "store")
    world, held = store.graph(), on_spark.spark_graph(spark, store.path)
    assert world.num_edges(REPOST) > 1_200_000

    expected = graphs.cascade_trees(world, REPOST, FOLLOW)
    found = on_spark.collect_cascades(held, on_spark.cascade_trees(held, REPOST, FOLLOW, members_per_task=100_000))
    for name in ("node", "parent", "time", "offsets", "names"):
        assert same(getattr(found, name), getattr(expected, name)), name

    paired = graphs.co_engagement(world, [REPOST], min_shared=3).to_arrow()
    counted = on_spark.k_anonymous_counts(DuckDbGraph(world), REPOST, 20).rows
    for mine, theirs in (
        (on_spark.top_per_window(held, REPOST, k=3), trends.top_per_window(world, REPOST, k=3).to_arrow()),
        (on_spark.bursts(held, REPOST), trends.bursts(world, REPOST).to_arrow()),
        (on_spark.components(held, [FOLLOW]), graphs.components(world, [FOLLOW]).to_arrow()),
        (on_spark.co_engagement(held, REPOST, min_shared=3), paired),
        (on_spark.k_anonymous_counts(held, REPOST, 20).rows, counted),
    ):
        rows = mine.toArrow()
        assert rows.num_rows == theirs.num_rows > 0
        for name in theirs.column_names:
            one, other = (table.column(name).to_numpy(zero_copy_only=False) for table in (rows, theirs))
            if one.dtype.kind == "f":
                assert np.array_equal(one, other, equal_nan=True), name
            else:
                assert same(one, other), name

    ranks = on_spark.pagerank(held, [FOLLOW], tolerance=1e-6).toArrow()
    expected_ranks = graphs.pagerank(world, [FOLLOW])
    of = dict(zip(world.node_ids("user").tolist(), expected_ranks.of_type("user").tolist(), strict=True))
    theirs = np.array([of[name] for name in ranks.column("id").to_pylist()])
    assert np.abs(ranks.column("pagerank").to_numpy() - theirs).sum() < 1.1e-6
    held.release()

"""1.27 million reposts of Weibo, row for row against one machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.spark_jobs import JOBS, TOLERANCE
from benchmarks.spark_weibo import REPOST, weibo_store
from graphsocial.scale import spark as on_spark

pytestmark = [pytest.mark.spark, pytest.mark.slow]

CORPUS = Path(os.environ.get("GRAPHSOCIAL_DATA", "")) / "ced_weibo"


@pytest.mark.skipif(not (CORPUS / "events.csv.gz").is_file(), reason="no ced_weibo under GRAPHSOCIAL_DATA")
def test_every_row_of_every_job(spark: Any, tmp_path: Path) -> None:
    store = weibo_store(CORPUS, tmp_path / "store")
    world, held = store.graph(), on_spark.spark_graph(spark, store.path)
    assert world.num_edges(REPOST) > 1_200_000
    for name, job in JOBS.items():
        expected, found = job.one_machine(world), job.on_spark(held)
        assert len(expected) > 0, name
        apart = job.compare(found, expected)
        assert apart == 1.0 if job.metric == "equal" else apart < 2.1 * TOLERANCE, name
    held.release()

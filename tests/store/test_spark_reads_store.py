"""Spark reads the rows of a pinned version from the files that the log names, without anything of graphsocial."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphsocial.store import EventBatch, Store
from graphsocial.store.stored_rows import edge_table, node_table
from tests.store.growing import AUTHOR, POSTS, SCHEMA, events_of

PINNED = 2


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A session of Spark in this process's own machine, with one thread."""
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java")
    builder = sql.SparkSession.builder.master("local[1]").appName("graphsocial")
    session = builder.config("spark.ui.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that went on after the pinned version, and whose files were joined since."""
    made = Store.create(tmp_path / "store")
    for batch in range(PINNED + 1):
        made.append(EventBatch.of_events(SCHEMA, events_of(batch)))
    made.log.compact()
    return made


def rows(spark: Any, store: Store, table: str, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Rows of one name as Spark finds them; files may lack columns that came later."""
    files = [str(path) for path, name in store.log.files(PINNED) if name == table]
    frame = spark.read.option("mergeSchema", "true").parquet(*files).select(*columns)
    return sorted(tuple(row) for row in frame.collect())


@pytest.mark.spark
def test_spark_finds_the_posts_of_a_version(spark: Any, store: Store) -> None:
    graph = store.graph(PINNED)
    ids, known, texts = graph.node_ids("post"), graph.known_at("post"), graph.column("post", "text")
    expected = sorted(zip(ids.tolist(), known.tolist(), texts.to_pylist(), strict=True))
    assert len(expected) == PINNED * POSTS
    assert rows(spark, store, node_table("post"), ("id", "known_at", "text")) == expected


@pytest.mark.spark
def test_spark_finds_the_edges_of_a_version(spark: Any, store: Store) -> None:
    graph = store.graph(PINNED)
    edges = graph.edges(AUTHOR)
    ends = graph.node_ids("user")[edges.src].tolist(), graph.node_ids("post")[edges.dst].tolist()
    assert rows(spark, store, edge_table(AUTHOR), ("src", "dst", "time")) == sorted(
        zip(*ends, edges.time.tolist(), strict=True)
    )

"""How new files are encoded: dictionaries only where values repeat, statistics everywhere, readable by all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from graphsocial.schema import Column, EdgeType, Schema
from graphsocial.store import EdgeRow, EventBatch, Store
from graphsocial.store.stored_rows import keyed_parts, wide_rows

LIKE: EdgeType = ("user", "like", "post")
SCHEMA = Schema({"user": {}, "post": {}}, {LIKE: {"lang": Column(), "weight": Column("float"), "seen": Column("bool")}})


def likes(first: int, count: int = 3000) -> EventBatch:
    events = [
        EdgeRow(LIKE, f"u{i}", f"p{i * i}", i, {"lang": ("en", None, "dé")[i % 3], "weight": i / 8, "seen": i % 2 == 0})
        for i in range(first, first + count)
    ]
    return EventBatch.of_events(SCHEMA, events)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "s")
    made.append(likes(0))
    return made


def columns_of(store: Store) -> dict[str, Any]:
    path = next(path for path, table in store.log.files(store.version) if table == "user.like.post")
    group = pq.ParquetFile(path).metadata.row_group(0)
    return {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}


def test_only_columns_whose_values_repeat_have_a_dictionary(store: Store) -> None:
    found = {name: column.has_dictionary_page for name, column in columns_of(store).items()}
    assert found["lang"]
    assert not any(found[name] for name in ("src", "dst", "time", "weight", "seen"))


def test_statistics_are_kept(store: Store) -> None:
    kept = columns_of(store)
    assert (kept["time"].statistics.min, kept["time"].statistics.max) == (0, 2999)
    assert kept["lang"].statistics.null_count == 1000
    actions = DeltaTable(str(store.log.path)).get_add_actions(flatten=True)
    assert 2999 in actions["max.time"].to_pylist()


def test_other_readers_see_the_same_values(store: Store) -> None:
    expected = likes(0).edges[LIKE].sort_by("time").to_pylist()
    arrow = DeltaTable(str(store.log.path)).to_pyarrow_table(filters=[("table", "=", "user.like.post")])
    names = list(expected[0])
    assert arrow.sort_by("time").select(names).to_pylist() == expected
    files = [str(path) for path, table in store.log.files(store.version) if table == "user.like.post"]
    assert pl.read_parquet(files, hive_partitioning=False).sort("time").select(names).to_dicts() == expected
    rows = duckdb.sql(f"select {', '.join(names)} from read_parquet({files}) order by time").fetchall()
    assert [dict(zip(names, row, strict=True)) for row in rows] == expected


def test_files_of_another_encoding_stand_beside_new_ones(store: Store) -> None:
    """A store that an earlier release wrote goes on: its files have Delta's own encoding."""
    older = wide_rows(keyed_parts(likes(3000)), SCHEMA)
    write_deltalake(str(store.log.path), older, mode="append", partition_by=["table"], schema_mode="merge")
    opened = Store.open(store.path)
    assert opened.append(likes(2000, 5000)).rows == 1000
    graph = opened.graph()
    assert graph.num_edges(LIKE) == 7000
    assert sorted(graph.tables.edges[LIKE].time.tolist()) == list(range(7000))

"""Rows merged as they were appended are not looked through again, unless a column that told them apart went."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from graphsocial.schema import EdgeType, Schema
from graphsocial.store import EdgeRow, EventBatch, Store
from graphsocial.store.graph_of_rows import tidy_rows
from graphsocial.store.stored_rows import edge_table

LIKE: EdgeType = ("user", "like", "post")
SCHEMA = Schema({"user": {}, "post": {}}, {LIKE: {}})


def likes(first: int, **more: list[str]) -> EventBatch:
    columns = {"src": ["ann", "ann", "bob"], "dst": ["p", "p", "p"], "time": [first, first, first + 1]}
    return EventBatch(SCHEMA, edges={LIKE: pa.table({**columns, **more})})


def test_a_column_that_the_store_does_not_keep_makes_no_second_edge(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "s")
    store.append(EventBatch.of_events(SCHEMA, [EdgeRow(LIKE, "cy", "p", 1, {})]))
    assert store.graph().num_edges(LIKE) == 1  # the next append is merged while it is written
    store.append(likes(5, client=["web", "phone", "web"]))
    assert store.graph().num_edges(LIKE) == 3
    assert Store.open(store.path).graph().num_edges(LIKE) == 3


def test_rows_known_to_be_distinct_are_taken_as_they_are() -> None:
    table = likes(5).edges[LIKE]
    name = edge_table(LIKE)
    assert tidy_rows(SCHEMA, {name: table}, distinct=True).edges[LIKE].num_rows == 3
    assert tidy_rows(SCHEMA, {name: table}).edges[LIKE].num_rows == 2
    more = table.append_column("client", pa.array(["web", "phone", "web"]))
    assert tidy_rows(SCHEMA, {name: more}, distinct=True).edges[LIKE].num_rows == 2

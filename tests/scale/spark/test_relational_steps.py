"""Steps that are written once for two engines, on DuckDB, row for row against the library's own functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from graphsocial import graph as graphs
from graphsocial import trends
from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.graph import SocialGraph
from graphsocial.scale import spark as on_spark
from graphsocial.scale.spark import DuckDbGraph
from graphsocial.schema import Schema

pytest.importorskip("ibis")
pytest.importorskip("duckdb")

REPOST, TAG, AUTHOR = ("user", "repost", "post"), ("post", "tag", "hashtag"), ("user", "author", "post")


def views(world: SocialGraph) -> list[SocialGraph]:
    return [world, world.as_of(61_234), world.window(20_000, 90_000), world.as_of(0)]


def assert_same(found: pa.Table, expected: pa.Table) -> None:
    assert found.column_names == expected.column_names
    for name in expected.column_names:
        one, other = (np.array(table.column(name).to_pylist()) for table in (found, expected))
        if one.dtype.kind == "f" or other.dtype.kind == "f":
            assert np.array_equal(one.astype(float), other.astype(float), equal_nan=True), name
        else:
            assert one.tolist() == other.tolist(), name


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"threshold": 1.0, "minimum": 2, "history": 3},
        {"side": "src", "threshold": 0.5, "minimum": 1, "width_seconds": 10_000},
        {"start": 30_000, "end": 30_000 + 8 * 3_600, "threshold": 1.5, "minimum": 1},
    ],
)
def test_bursts(world: SocialGraph, asked: dict[str, Any]) -> None:
    rows = 0
    for view in views(world)[: 2 if "start" in asked else 4]:
        expected = trends.bursts(view, REPOST, **asked).to_arrow()
        assert_same(on_spark.bursts(DuckDbGraph(view), REPOST, **asked), expected)
        rows += expected.num_rows
    assert rows


@pytest.mark.parametrize(
    "asked", [{}, {"by": "score", "k": 3}, {"k": 2, "minimum": 4, "side": "src"}, {"width_seconds": 7_000, "k": 1}]
)
def test_top_per_window(world: SocialGraph, asked: dict[str, Any]) -> None:
    for view in views(world)[:3]:
        expected = trends.top_per_window(view, REPOST, **asked).to_arrow()
        assert expected.num_rows
        assert_same(on_spark.top_per_window(DuckDbGraph(view), REPOST, **asked), expected)


@pytest.mark.parametrize(
    "asked",
    [
        {"fdr": 1.0},
        {"fdr": 1.0, "max_actors": 70, "min_shared": 3},
        {"null": "poisson", "fdr": 0.5, "max_actors": None},
        {"null": "hypergeometric", "fdr": 0.9, "min_shared": 4},
        {"fdr": 0.05},
    ],
)
def test_co_engagement(world: SocialGraph, asked: dict[str, Any]) -> None:
    rows = 0
    for view in (world, world.as_of(40_000)):
        expected = graphs.co_engagement(view, [REPOST], **asked).to_arrow()
        found = on_spark.co_engagement(DuckDbGraph(view), REPOST, **asked)
        assert_same(found.select(["a", "b", "shared"]), expected.select(["a", "b", "shared"]))
        for name in ("expected", "p", "q"):
            np.testing.assert_allclose(found.column(name).to_numpy(), expected.column(name).to_numpy(), rtol=1e-12)
        rows += expected.num_rows
    assert rows


def tiny() -> SocialGraph:
    """Post p: ann thrice, bob and cy in the first ten seconds, ann later; q: ann alone; rain is a tag of two people."""
    edges = {
        REPOST: pa.table(
            {
                "src": ["ann", "ann", "ann", "bob", "cy", "ann", "ann"],
                "dst": ["p", "p", "p", "p", "p", "p", "q"],
                "time": [0, 1, 2, 3, 4, 15, 5],
            }
        ),
        AUTHOR: pa.table({"src": ["ann", "ann", "bob"], "dst": ["p", "q", "r"], "time": [0, 0, 0]}),
        TAG: pa.table({"src": ["p", "q", "r", "s"], "dst": ["rain", "rain", "rain", "sun"], "time": [0, 1, 2, 3]}),
    }
    schema = Schema({"user": {}, "post": {}, "hashtag": {}}, {edge_type: {} for edge_type in edges})
    return SocialGraph.build(schema, {}, edges)


def test_k_anonymous_counts_by_hand() -> None:
    found = on_spark.k_anonymous_counts(DuckDbGraph(tiny()), REPOST, k=3, width_seconds=10)
    assert found.rows.to_pylist() == [{"start": 0, "post": "p", "count": 5, "people": 3}]
    assert (found.withheld_cells, found.withheld_edges) == (2, 2)
    assert "withheld: 2 cells with 2 edges" in repr(found)
    four = on_spark.k_anonymous_counts(DuckDbGraph(tiny()), REPOST, k=4, width_seconds=10)
    assert (four.rows.num_rows, four.withheld_cells, four.withheld_edges) == (0, 3, 7)


def test_people_behind_tags_are_the_authors() -> None:
    """Rain was tagged by three posts of two people; nobody knows who wrote the post with sun."""
    found = on_spark.k_anonymous_counts(DuckDbGraph(tiny()), TAG, k=2, width_seconds=10)
    assert found.rows.to_pylist() == [{"start": 0, "hashtag": "rain", "count": 3, "people": 2}]
    assert (found.withheld_cells, found.withheld_edges) == (1, 1)


@pytest.mark.parametrize("k", [1, 5, 40])
def test_k_anonymous_counts_against_a_plain_count(world: SocialGraph, k: int) -> None:
    view = world.as_of(70_000)
    edges = view.edges(REPOST)
    cells: dict[tuple[int, int], list[int]] = {}
    for src, dst, time in zip(edges.src, edges.dst, edges.time // 3_600, strict=True):
        cells.setdefault((time, dst), []).append(src)
    end = 70_000 // 3_600
    cells = {cell: people for cell, people in cells.items() if cell[0] < end}
    ids = view.node_ids("post")
    expected = [
        {"start": time * 3_600, "post": ids[post], "count": len(people), "people": len(set(people))}
        for (time, post), people in sorted(cells.items())
        if len(set(people)) >= k
    ]
    found = on_spark.k_anonymous_counts(DuckDbGraph(view), REPOST, k=k)
    assert found.rows.to_pylist() == expected
    assert found.withheld_cells == len(cells) - len(expected)
    assert found.withheld_edges == sum(map(len, cells.values())) - sum(row["count"] for row in expected)


def test_bad_input(world: SocialGraph) -> None:
    graph = DuckDbGraph(world.as_of(50_000))
    with pytest.raises(SchemaError, match="Did you mean"):
        on_spark.bursts(graph, ("user", "repots", "post"))
    with pytest.raises(SchemaError, match="width_seconds=0"):
        on_spark.bursts(graph, REPOST, width_seconds=0)
    with pytest.raises(SchemaError, match="threshold"):
        on_spark.bursts(graph, REPOST, threshold=float("nan"))
    with pytest.raises(SchemaError, match="Did you mean 'score'"):
        on_spark.top_per_window(graph, REPOST, by="scor")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="k=0"):
        on_spark.k_anonymous_counts(graph, REPOST, k=0)
    with pytest.raises(SchemaError, match="who the people"):
        on_spark.k_anonymous_counts(graph, TAG, side="src")
    with pytest.raises(SchemaError, match="fdr=2"):
        on_spark.co_engagement(graph, REPOST, fdr=2)
    with pytest.raises(TimeWindowError, match=r"reaches|lies after"):
        on_spark.bursts(graph, REPOST, start=0, end=72_000)
    with pytest.raises(TimeWindowError, match="whole number"):
        on_spark.bursts(graph, REPOST, start=0, end=3_601)

"""Graph jobs on Spark, row for row against the library's own functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphsocial import graph as graphs
from graphsocial import trends
from graphsocial.errors import DataIntegrityError, GraphSocialError, SchemaError, TimeWindowError
from graphsocial.graph import SocialGraph
from graphsocial.scale import spark as on_spark
from graphsocial.scale.spark import DuckDbGraph, SparkGraph

pytestmark = pytest.mark.spark

REPOST, FOLLOW, TAG = ("user", "repost", "post"), ("user", "follow", "user"), ("post", "tag", "hashtag")
END, WINDOW = 61_234, (20_000, 90_000)


@pytest.fixture(scope="module")
def held(spark: Any, stored: Path) -> SparkGraph:
    return on_spark.spark_graph(spark, stored)


def test_nodes_and_edges(held: SparkGraph, world: SocialGraph) -> None:
    for view, mine in ((world, held), (world.as_of(END), held.as_of(END))):
        for node_type in view.node_types:
            found = mine.nodes(node_type).orderBy("number").toArrow()
            assert found.column("number").to_pylist() == list(range(view.num_nodes(node_type)))
            assert found.column("id").to_pylist() == view.node_ids(node_type).tolist()
            assert found.column("first_known").to_pylist() == view.known_at(node_type).tolist()
        for edge_type in view.edge_types:
            found = mine.edges(edge_type).orderBy("time", "src", "dst", "recorded").toArrow()
            expected = view.edges(edge_type)
            for name in ("src", "dst", "time", "recorded"):
                assert found.column(name).to_pylist() == getattr(expected, name).tolist()
    assert held.window(*WINDOW).edges(REPOST).count() == world.window(*WINDOW).num_edges(REPOST)


def test_counts_and_bursts(held: SparkGraph, world: SocialGraph) -> None:
    view, mine = world.window(*WINDOW), held.window(*WINDOW)
    expected = trends.bursts(view, REPOST, threshold=2.0, minimum=3).to_arrow()
    assert expected.num_rows
    assert on_spark.bursts(mine, REPOST, threshold=2.0, minimum=3).toArrow().to_pydict() == expected.to_pydict()
    expected = trends.top_per_window(view, TAG, k=3, by="score").to_arrow()
    assert expected.num_rows
    assert on_spark.top_per_window(mine, TAG, k=3, by="score").toArrow().to_pydict() == expected.to_pydict()


def test_k_anonymous_counts(held: SparkGraph, world: SocialGraph) -> None:
    for edge_type, k in ((REPOST, 5), (TAG, 2)):
        expected = on_spark.k_anonymous_counts(DuckDbGraph(world.as_of(END)), edge_type, k)
        found = on_spark.k_anonymous_counts(held.as_of(END), edge_type, k)
        assert expected.rows.num_rows
        assert found.rows.toArrow().to_pydict() == expected.rows.to_pydict()
        assert repr(found) == repr(expected)


def test_co_engagement(held: SparkGraph, world: SocialGraph) -> None:
    expected = graphs.co_engagement(world, [REPOST], max_actors=100).to_arrow()
    found = on_spark.co_engagement(held, REPOST, max_actors=100).toArrow()
    assert expected.num_rows
    assert found.to_pydict() == expected.to_pydict()


@pytest.mark.parametrize(
    "asked", [{}, {"parents": "first", "unexposed": "root", "assume_always": True}, {"members_per_task": 100}]
)
def test_cascade_trees(held: SparkGraph, world: SocialGraph, asked: dict[str, Any]) -> None:
    view, mine = (world, held) if "parents" in asked else (world.window(*WINDOW), held.window(*WINDOW))
    choices = {name: value for name, value in asked.items() if name != "members_per_task"}
    expected = graphs.cascade_trees(view, REPOST, FOLLOW, **choices)
    found = on_spark.collect_cascades(mine, on_spark.cascade_trees(mine, REPOST, FOLLOW, **asked))
    for name in ("node", "parent", "time", "offsets", "names", "censored"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist(), name
    assert found.known_until == expected.known_until


def test_pagerank(held: SparkGraph, world: SocialGraph) -> None:
    for relations, walk in (([FOLLOW, REPOST], "flow"), ([FOLLOW], "out")):
        expected = graphs.pagerank(world.as_of(END), relations, walk)  # type: ignore[arg-type]
        found = on_spark.pagerank(held.as_of(END), relations, walk, tolerance=1e-6).toArrow()  # type: ignore[arg-type]
        value = found.column("pagerank").to_numpy()
        keys = zip(found.column("node_type").to_pylist(), found.column("id").to_pylist(), strict=True)
        assert np.abs(value - [expected.of(key) for key in keys]).sum() < 1.1e-6
        assert (np.diff(value) <= 0).all()
        assert found.num_rows == len(expected)
    with pytest.raises(GraphSocialError, match="after 2 sweeps may be off by"):
        on_spark.pagerank(held, [FOLLOW], max_iterations=2)


def test_components(held: SparkGraph, world: SocialGraph) -> None:
    for relations in ([FOLLOW], [FOLLOW, TAG]):
        expected = graphs.components(world.as_of(END), relations).to_arrow()
        assert on_spark.components(held.as_of(END), relations).toArrow().to_pydict() == expected.to_pydict()


def test_a_step_keeps_what_is_kept_until_it_is_released(spark: Any, stored: Path) -> None:
    graph = on_spark.spark_graph(spark, stored)
    pairs = on_spark.co_engagement(graph, REPOST, max_actors=100)
    kept = [graph.edges(REPOST), *graph.kept]
    assert [frame.storageLevel.useMemory for frame in kept] == [True] * 3  # edges, acts and pairs
    found = pairs.toArrow()
    graph.release()
    assert [frame.storageLevel.useMemory for frame in kept] == [False] * 3
    assert graph.kept == []
    assert pairs.toArrow().to_pydict() == found.to_pydict()


def test_bad_input(held: SparkGraph, spark: Any, tmp_path: Path) -> None:
    late = held.as_of(END)
    with pytest.raises(TimeWindowError, match="lies after this view's own end"):
        late.as_of(END + 1)
    with pytest.raises(TimeWindowError, match="got a window"):
        late.window(50, 40)
    with pytest.raises(SchemaError, match="Did you mean"):
        on_spark.components(held, [("user", "folow", "user")])
    with pytest.raises(SchemaError, match="unknown walk"):
        on_spark.pagerank(held, [FOLLOW], walk="outt")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="from user to user"):
        on_spark.cascade_trees(held, REPOST, REPOST)
    with pytest.raises(SchemaError, match="between nodes of one type"):
        on_spark.cascade_trees(held, FOLLOW, FOLLOW)
    with pytest.raises(DataIntegrityError, match="no store"):
        on_spark.spark_graph(spark, tmp_path)
    with pytest.raises(SchemaError, match="running already"):
        on_spark.open_session("local[1]")


def test_mixed_versions_name_the_worker(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphsocial.scale.spark import worker_versions

    assert on_spark.check_workers(spark, tasks=1) == worker_versions.driver_versions()
    monkeypatch.setattr(worker_versions, "FORMAT_VERSION", 99)
    with pytest.raises(DataIntegrityError, match=r"mixed versions of the store across workers: .* store 1 against 99"):
        on_spark.check_workers(spark, tasks=1)

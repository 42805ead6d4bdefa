"""The jobs that one machine and Spark are both given, and how far their answers are from each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.spark_weibo import FOLLOW, REPOST
from graphsocial import graph as graphs
from graphsocial import trends
from graphsocial.graph import CascadeSet, SocialGraph
from graphsocial.scale import spark as on_spark
from graphsocial.scale.spark import DuckDbGraph, SparkGraph

TOLERANCE = 1e-6
"""Of PageRank, on either side: answers may differ by the sum of both."""


@dataclass(frozen=True)
class Job:
    """A job that both do; either returns its rows in this process.

    Attributes:
        one_machine: The library's own function.
        on_spark: The same on Spark.
        compare: Answers on Spark and of one machine to the metric's value.
        metric: `equal`, 1 where rows are the same and in the same order, or `l1_distance`.
    """

    one_machine: Callable[[SocialGraph], Any]
    on_spark: Callable[[SparkGraph], Any]
    compare: Callable[[Any, Any], float]
    metric: str = "equal"


def same_trees(found: CascadeSet, expected: CascadeSet) -> float:
    """1 where every member has the same place, parent and time."""
    names = ("node", "parent", "time", "offsets", "names")
    return float(all(same(getattr(found, name), getattr(expected, name)) for name in names))


def same_rows(found: pa.Table, expected: pa.Table) -> float:
    """1 where every value is the same, to the last bit.

    >>> one, other = pa.table({"a": [1, 2]}), pa.table({"a": [2, 1]})
    >>> same_rows(one, one), same_rows(one, other)
    (1.0, 0.0)
    """
    if found.column_names != expected.column_names:
        return 0.0
    columns = ((table.column(name).to_numpy() for table in (found, expected)) for name in expected.column_names)
    return float(all(same(*pair) for pair in columns))


def same(found: np.ndarray, expected: np.ndarray) -> bool:
    """Whether two columns are equal, value by value."""
    real = found.dtype.kind == expected.dtype.kind == "f"
    return len(found) == len(expected) and bool(np.array_equal(found, expected, equal_nan=real))


def l1_distance(found: Mapping[str, float], expected: Mapping[str, float]) -> float:
    """Sum of the differences, over the names of either.

    >>> l1_distance({"a": 0.5, "b": 0.5}, {"a": 0.25, "b": 0.75})
    0.5
    """
    return float(sum(abs(found.get(name, 0.0) - expected.get(name, 0.0)) for name in {*found, *expected}))


def _trees(graph: SparkGraph) -> CascadeSet:
    return on_spark.collect_cascades(graph, on_spark.cascade_trees(graph, REPOST, FOLLOW, members_per_task=100_000))


def _ranks(table: pa.Table) -> dict[str, float]:
    return dict(zip(*(table.column(name).to_pylist() for name in ("id", "pagerank")), strict=True))


JOBS: Mapping[str, Job] = {
    "cascade_trees": Job(lambda graph: graphs.cascade_trees(graph, REPOST, FOLLOW), _trees, same_trees),
    "top_per_window": Job(
        lambda graph: trends.top_per_window(graph, REPOST, k=3).to_arrow(),
        lambda graph: on_spark.top_per_window(graph, REPOST, k=3).toArrow(),
        same_rows,
    ),
    "bursts": Job(
        lambda graph: trends.bursts(graph, REPOST).to_arrow(),
        lambda graph: on_spark.bursts(graph, REPOST).toArrow(),
        same_rows,
    ),
    "co_engagement": Job(
        lambda graph: graphs.co_engagement(graph, [REPOST], min_shared=3).to_arrow(),
        lambda graph: on_spark.co_engagement(graph, REPOST, min_shared=3).toArrow(),
        same_rows,
    ),
    "pagerank": Job(
        lambda graph: _ranks(graphs.pagerank(graph, [FOLLOW], tolerance=TOLERANCE).to_arrow()),
        lambda graph: _ranks(on_spark.pagerank(graph, [FOLLOW], tolerance=TOLERANCE).toArrow()),
        l1_distance,
        "l1_distance",
    ),
    "components": Job(
        lambda graph: graphs.components(graph, [FOLLOW]).to_arrow(),
        lambda graph: on_spark.components(graph, [FOLLOW]).toArrow(),
        same_rows,
    ),
    "k_anonymous_counts": Job(
        lambda graph: on_spark.k_anonymous_counts(DuckDbGraph(graph), REPOST, 20).rows,
        lambda graph: on_spark.k_anonymous_counts(graph, REPOST, 20).rows.toArrow(),
        same_rows,
    ),
}
"""In the order in which they are run."""

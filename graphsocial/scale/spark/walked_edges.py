"""Steps over chosen relations between nodes of several types, in the numbering that `adjacency` uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.adjacency import WALKS, Walk
from graphsocial.scale.spark.spark_graph import SparkGraph
from graphsocial.schema import EdgeType

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True, eq=False)
class WalkedEdges:
    """Steps between numbers; nodes are numbered type by type, and within a type in canonical order.

    Attributes:
        steps: `from`, `to`, one row for every edge and way.
        nodes: `number`, `node_type`, `id` of all nodes that the relations touch.
        offset: Number of the first node of each type, and one past the last, int64 [type + 1].
    """

    steps: DataFrame
    nodes: DataFrame
    offset: np.ndarray

    def __len__(self) -> int:
        return int(self.offset[-1])


def walked_edges(graph: SparkGraph, edge_types: Iterable[EdgeType] | None, walk: Walk) -> WalkedEdges:
    """The view's steps over some relations, None for all.

    Raises:
        SchemaError: Unknown edge type or walk, or no relation at all.
    """
    from pyspark.sql import functions as f

    given = graph.schema.edges if edge_types is None else edge_types
    chosen = sorted({graph.schema.check_edge_type(edge_type) for edge_type in given})
    if not chosen:
        raise SchemaError("got no relation, expected at least one, such as [('user', 'follow', 'user')]")
    if walk not in WALKS:
        raise SchemaError(f"unknown walk {walk!r}, expected one of {', '.join(WALKS)}.{did_you_mean(walk, WALKS)}")
    types = sorted({end for e in chosen for end in (e[0], e[2])})
    offset = np.concatenate([[0], np.cumsum([graph.num_nodes(t) for t in types])]).astype(np.int64)
    base = dict(zip(types, offset[:-1].tolist(), strict=True))
    steps = []
    for edge_type in chosen:
        edges = graph.edges(edge_type)
        ends = f.col("src") + f.lit(base[edge_type[0]]), f.col("dst") + f.lit(base[edge_type[2]])
        forward = walk in ("out", "both") or (walk == "flow" and graph.schema.flow_of(edge_type) == "forward")
        if forward:
            steps.append(edges.select(ends[0].alias("from"), ends[1].alias("to")))
        if walk == "both" or not forward:
            steps.append(edges.select(ends[1].alias("from"), ends[0].alias("to")))
    nodes = [
        graph.nodes(t).select((f.col("number") + f.lit(base[t])).alias("number"), f.lit(t).alias("node_type"), "id")
        for t in types
    ]
    return WalkedEdges(reduce(_union, steps), reduce(_union, nodes), offset)


def _union(one: DataFrame, other: DataFrame) -> DataFrame:
    return one.union(other)

"""Which nodes hang together, where the edges do not fit into one machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphsocial.graph.structure.components import by_size
from graphsocial.scale.spark.node_values import with_values
from graphsocial.scale.spark.plain_errors import plain_errors
from graphsocial.scale.spark.spark_graph import SparkGraph
from graphsocial.scale.spark.walked_edges import walked_edges
from graphsocial.schema import EdgeType

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_FEWER = 8
"""Parts that become one in each round."""


def components(graph: SparkGraph, edge_types: Iterable[EdgeType] | None = None) -> DataFrame:
    """The rows of `graphsocial.graph.components`, weakly connected: `node_type`, `id`, `component`, `size`.

    Every part of the edges is thinned to a forest that joins the same nodes, forests are joined and thinned again, and
    the driver joins the last few (filtering; Lattanzi, Moseley, Suri and Vassilvitskii, SPAA 2011). A forest has fewer
    edges than there are nodes, so what a task or the driver holds grows with the nodes and never with the edges.

    Args:
        graph: View whose edges are walked, either way.
        edge_types: Relations, None for all.

    Raises:
        SchemaError: Unknown edge type.
    """
    walked = walked_edges(graph, edge_types, "out")
    forest = walked.steps.mapInArrow(_thinned, "`from` bigint, `to` bigint")
    parts = forest.rdd.getNumPartitions()
    while parts > _FEWER:
        parts = -(-parts // _FEWER)
        forest = forest.coalesce(parts).mapInArrow(_thinned, "`from` bigint, `to` bigint")
    with plain_errors("components"):
        found = forest.toArrow()
    ends = (found.column(name).to_numpy() for name in ("from", "to"))
    label, size = by_size(_labels(len(walked), *ends))
    columns = {"component": label.astype(np.int64), "size": size[label] if len(label) else size}
    return with_values(walked.nodes, columns).orderBy("component", "number").drop("number")


def _thinned(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """A forest over the nodes of all batches: every node with the smallest of its component."""
    node = root = np.empty(0, dtype=np.int64)
    for batch in batches:
        node, root = _forest(
            np.concatenate([node, batch.column("from").to_numpy()]),
            np.concatenate([root, batch.column("to").to_numpy()]),
        )
    yield pa.RecordBatch.from_pydict({"from": pa.array(node), "to": pa.array(root)})


def _forest(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes that edges join to a smaller one, and the smallest of their component.

    >>> [ends.tolist() for ends in _forest(np.array([7, 3, 9]), np.array([3, 5, 9]))]
    [[5, 7], [3, 3]]
    """
    named, place = np.unique(np.concatenate([one, other]), return_inverse=True)
    label = _labels(len(named), place[: len(one)], place[len(one) :])
    joined = label != np.arange(len(named))
    return named[joined], named[label[joined]]


def _labels(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Smallest node of each node's component, [node]."""
    from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed
    from graphsocial.graph.structure.components_kernel import weak_labels

    order = np.empty(len(one), dtype=np.int64)
    indptr = stable_groups(one.astype(np.int64), count, order)
    return weak_labels(indptr[:-1], indptr[1:], other[order].astype(np.int64))

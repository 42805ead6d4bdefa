"""PageRank where the edges do not fit into one machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from graphsocial.errors import GraphSocialError
from graphsocial.graph.adjacency import Walk
from graphsocial.graph.centrality.pagerank import check_arguments
from graphsocial.scale.spark.node_values import with_values
from graphsocial.scale.spark.plain_errors import plain_errors
from graphsocial.scale.spark.spark_graph import SparkGraph
from graphsocial.scale.spark.walked_edges import walked_edges
from graphsocial.schema import EdgeType

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

CHUNK_EDGES = 1_000_000
"""Edges that a worker adds up at once."""


def pagerank(
    graph: SparkGraph,
    edge_types: Iterable[EdgeType] | None = None,
    walk: Walk = "out",
    damping: float = 0.85,
    tolerance: float = 1e-9,
    max_iterations: int = 200,
) -> DataFrame:
    """The rows of `graphsocial.graph.pagerank`: `node_type`, `id`, `pagerank`, the largest first.

    Executors hold the edges, packed and sorted by their targets, so that a target with any number of edges is shared
    out among tasks. The driver and every executor hold two numbers per node (16 bytes); each sweep sends one of them
    out and adds up what comes back, always in the same order. Values differ from those of the library's own function by
    at most the sum of both tolerances.

    Args:
        graph: View whose edges are walked.
        edge_types: Relations, None for all.
        walk: `out` ranks nodes that edges point to; `flow` those that influence reaches.
        damping: Chance to go on, in [0, 1).
        tolerance: Largest error allowed, summed over all nodes; a proven bound.
        max_iterations: Most sweeps.

    Raises:
        SchemaError: Unknown edge type or walk, or another argument out of its range.
        GraphSocialError: Not within `tolerance` after `max_iterations` sweeps.
    """
    check_arguments(damping, tolerance, max_iterations)
    walked = walked_edges(graph, edge_types, walk)
    count = len(walked)
    packed = _packed(walked.steps).persist()
    try:
        leaving = np.zeros(count)
        for row in _answers(packed, _leaving, None):
            leaving[row[0]] += row[1]
        value, sweeps, error = _solve(packed, leaving, damping, tolerance, max_iterations)
    finally:
        packed.unpersist()
    if error > tolerance:
        raise GraphSocialError(
            f"pagerank after {sweeps} sweeps may be off by {error:.3g}, expected at most tolerance={tolerance:g}; "
            "allow more max_iterations or a larger tolerance"
        )
    scored = with_values(walked.nodes, {"pagerank": value})
    from pyspark.sql import functions as f

    return scored.orderBy(f.desc("pagerank"), "number").select("node_type", "id", "pagerank")


def _solve(
    packed: DataFrame, leaving: np.ndarray, damping: float, tolerance: float, max_iterations: int
) -> tuple[np.ndarray, int, float]:
    """Values, sweeps done, and an upper bound of the error.

    Power iteration contracts by `damping`, so what is left is at most `damping / (1 - damping)` times the last change.
    """
    count = len(leaving)
    value = np.full(count, 1 / max(count, 1))
    stuck = leaving == 0
    scale = np.divide(damping, leaving, out=np.zeros(count), where=~stuck)
    sweep, error = 0, 0.0 if count == 0 else np.inf
    while count and sweep < max_iterations and error > tolerance:
        now = np.zeros(count)
        for target, total in _answers(packed, _arriving, value * scale):
            now[target] += total
        now += (1 - damping + damping * value[stuck].sum()) / count
        now /= now.sum()
        error = float(damping / (1 - damping) * np.abs(now - value).sum())
        value, sweep = now, sweep + 1
    return value, sweep, error


def _packed(steps: DataFrame) -> DataFrame:
    """Edges in chunks sorted by target: `target` (distinct), `size` (edges of each) and `source`, as bytes."""
    ordered = steps.repartitionByRange("to", "from").sortWithinPartitions("to", "from")
    return ordered.mapInArrow(_pack, "target binary, size binary, source binary")


def _pack(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= CHUNK_EDGES:
            yield _chunk(waiting)
            waiting, rows = [], 0
    if rows:
        yield _chunk(waiting)


def _chunk(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    table = pa.Table.from_batches(batches)
    target, size = np.unique(table.column("to").to_numpy(), return_counts=True)
    columns = {"target": target, "size": size.astype(np.int64), "source": table.column("from").to_numpy()}
    return pa.RecordBatch.from_pydict({name: pa.array([array.tobytes()]) for name, array in columns.items()})


def _leaving(target: np.ndarray, size: np.ndarray, source: np.ndarray, share: Any) -> tuple[np.ndarray, np.ndarray]:
    """Nodes that steps of a chunk leave, and how many."""
    node, many = np.unique(source, return_counts=True)
    return node, many.astype(np.float64)


def _arriving(
    target: np.ndarray, size: np.ndarray, source: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes that steps of a chunk lead to, and what arrives there."""
    return target, np.add.reduceat(share[source], np.cumsum(size) - size)


def _answers(packed: DataFrame, of_chunk: Any, share: np.ndarray | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Node and number that each chunk gives, in the chunks' order.

    Args:
        packed: The chunks.
        of_chunk: What to make of one.
        share: Sent to all workers, float64 [node].
    """
    sent = packed.sparkSession.sparkContext.broadcast(share)

    def answer(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for row in batch.to_pylist():
                arrays = (np.frombuffer(row[name], dtype=np.int64) for name in ("target", "size", "source"))
                node, number = of_chunk(*arrays, sent.value)
                yield pa.RecordBatch.from_pydict({"node": [node.tobytes()], "number": [number.tobytes()]})

    try:
        with plain_errors("pagerank"):
            rows = packed.mapInArrow(answer, "node binary, number binary").collect()
        for row in rows:
            yield np.frombuffer(row[0], dtype=np.int64), np.frombuffer(row[1], dtype=np.float64)
    finally:
        sent.destroy()

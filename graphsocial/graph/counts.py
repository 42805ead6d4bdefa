"""Counts over the past of nodes and pairs, many at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph.csr import Direction
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.threads import over_items
from graphsocial.schema import EdgeType


def count_before(
    graph: SocialGraph,
    edge_type: EdgeType,
    direction: Direction,
    node: np.ndarray,
    start: np.ndarray | int,
    end: np.ndarray | int,
    threads: int | None = None,
) -> np.ndarray:
    """Edges of each node in `[start, end)`, int64 [query]; only those of the view count.

    Args:
        graph: View whose window bounds the edges too.
        edge_type: Stored edge type.
        direction: "out" counts edges whose source is the node, "in" those whose target it is.
        node: Positions of nodes, int64 [query].
        start: First second counted, int64 [query] or one for all.
        end: One past the last second counted, int64 [query] or one for all.
        threads: At most this many, None for one per core.

    Raises:
        SchemaError: Unknown edge type or direction, or arrays of different lengths.
        UnknownNodeError: A position is not in the graph.
    """
    from graphsocial.graph.kernels import locate  # numba: imported when first needed

    csr = graph.csr(edge_type, direction)
    node = _positions(node, len(csr.indptr) - 1, edge_type[0] if direction == "out" else edge_type[2])
    start, end = _like(node, "start", start), _like(node, "end", end)
    if graph.start is not None:
        start = np.maximum(start, graph.start)
    if graph.end is not None:
        end = np.minimum(end, graph.end)
    low, high = np.empty_like(node), np.empty_like(node)
    start, end = csr.on_clock(start), csr.on_clock(end)
    over_items(locate, len(node), threads, node, start, end, csr.indptr, csr.clock, low, high)
    return high - low


def common_neighbours(
    graph: SocialGraph,
    edge_types: Iterable[EdgeType],
    a: np.ndarray,
    b: np.ndarray,
    time: np.ndarray | int,
    threads: int | None = None,
) -> np.ndarray:
    """Nodes that were neighbours of both ends of each pair before its time, int64 [pair]; the ends do not count.

    Args:
        graph: View whose window bounds the edges too.
        edge_types: Stored edge types between nodes of one and the same type; direction is ignored.
        a: Positions of the first nodes, int64 [pair].
        b: Positions of the second nodes, int64 [pair].
        time: Only edges before it count, int64 seconds [pair] or one for all.
        threads: At most this many, None for one per core.

    Raises:
        SchemaError: An unknown edge type, one between different node types, or arrays of different lengths.
        UnknownNodeError: A position is not in the graph.
    """
    from graphsocial.graph.kernels import common_counts

    chosen = sorted({graph.schema.check_edge_type(edge_type) for edge_type in edge_types})
    node_types = {end for edge_type in chosen for end in (edge_type[0], edge_type[2])}
    if len(node_types) != 1:
        raise SchemaError(f"common_neighbours got edge types {chosen}, expected some between nodes of one type")
    node_type = node_types.pop()
    total = len(graph.tables.nodes[node_type])
    a, b = _positions(a, total, node_type), _positions(b, total, node_type)
    stop = _like(a, "time", time)
    if len(a) != len(b):
        raise SchemaError(f"common_neighbours got {len(a)} first and {len(b)} second nodes, expected pairs")
    indptr, neighbour, first = _undirected(graph, chosen, total)
    count = np.empty_like(a)
    over_items(common_counts, len(a), threads, a, b, stop, indptr, neighbour, first, count)
    return count


def _undirected(graph: SocialGraph, edge_types: list[EdgeType], total: int) -> tuple[np.ndarray, ...]:
    """Rows [node + 1] of distinct neighbours, ascending, [entry], and when the pair first met, [entry]."""
    parts = [graph.edges(edge_type) for edge_type in edge_types]
    row = np.concatenate([end for e in parts for end in (e.src, e.dst)])
    neighbour = np.concatenate([end for e in parts for end in (e.dst, e.src)])
    time = np.concatenate([t for e in parts for t in (e.time, e.time)])
    order = np.lexsort((time, neighbour, row))
    row, neighbour, time = row[order], neighbour[order], time[order]
    new = np.ones(len(row), dtype=bool)
    new[1:] = (row[1:] != row[:-1]) | (neighbour[1:] != neighbour[:-1])
    row, neighbour, time = row[new], neighbour[new], time[new]
    return np.searchsorted(row, np.arange(total + 1)).astype(np.int64), neighbour, time


def _positions(node: Any, total: int, node_type: str) -> np.ndarray:
    node = np.array(node)  # a copy: kernels compile once per kind of array
    if node.ndim != 1 or (len(node) and not np.issubdtype(node.dtype, np.integer)):
        raise SchemaError(f"got positions {node.dtype} {node.shape}, expected int64 [query]")
    node = node.astype(np.int64)
    wrong = (node < 0) | (node >= total)
    if wrong.any():
        raise UnknownNodeError(f"no {node_type} at position {node[wrong][0]}, expected 0 to {total - 1}")
    return node


def _like(node: np.ndarray, name: str, value: Any) -> np.ndarray:
    value = np.asarray(value)
    if value.shape not in ((), node.shape) or (value.size and not np.issubdtype(value.dtype, np.integer)):
        raise SchemaError(f"{name} is {value.dtype} {value.shape}, expected int64 seconds {node.shape} or one for all")
    return np.array(np.broadcast_to(value, node.shape), dtype=np.int64)

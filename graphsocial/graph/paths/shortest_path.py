"""The fewest steps from one node to another, and the ways that take no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.adjacency import Adjacency, Walk, adjacency
from graphsocial.graph.paths.reversed_adjacency import reversed_adjacency
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.threads import over_items
from graphsocial.schema import EdgeType, NodeKey

_MOST = 10_000_000


@dataclass(frozen=True, repr=False, eq=False)
class ShortestPath(QueryResult):
    """One shortest path, a row per node on it; no rows where there is none.

    Attributes:
        source: First node.
        target: Last node.
        nodes: The nodes from source to target, both among them; empty where there is no path.
    """

    source: NodeKey
    target: NodeKey
    nodes: tuple[NodeKey, ...]

    @property
    def length(self) -> int | None:
        """Number of steps, None where there is no path."""
        return len(self.nodes) - 1 if self.nodes else None

    def title(self) -> str:
        """Both ends and the number of steps."""
        ends = f"from {' '.join(self.source)} to {' '.join(self.target)}"
        return f"no path {ends}" if self.length is None else f"shortest path {ends}: {self.length} steps"

    def columns(self) -> dict[str, Column]:
        """Steps from the source, node type and id."""
        types, ids = [key[0] for key in self.nodes], [key[1] for key in self.nodes]
        return {"step": np.arange(len(self.nodes)), "node_type": types, "node": ids}


@dataclass(frozen=True, repr=False, eq=False)
class ShortestPaths(QueryResult):
    """Shortest paths between two nodes in canonical order, a row per path and node on it.

    Attributes:
        source: First node.
        target: Last node.
        length: Number of steps of each, None where there is no path.
        count: How many there are; more than `paths` holds where a limit cut it.
        paths: Each from source to target, both among them.
    """

    source: NodeKey
    target: NodeKey
    length: int | None
    count: int
    paths: tuple[tuple[NodeKey, ...], ...]

    def title(self) -> str:
        """Both ends, how many paths and of how many steps."""
        ends = f"from {' '.join(self.source)} to {' '.join(self.target)}"
        if self.length is None:
            return f"no path {ends}"
        shown = "" if self.count == len(self.paths) else f", the first {len(self.paths):,} of them"
        return f"{self.count:,} shortest paths {ends}: {self.length} steps each{shown}"

    def columns(self) -> dict[str, Column]:
        """Place of the path, steps from the source, node type and id."""
        rows = [(p, step, *key) for p, path in enumerate(self.paths) for step, key in enumerate(path)]
        path, step, types, ids = zip(*rows, strict=True) if rows else ((), (), (), ())
        return {
            "path": np.array(path, dtype=np.int64),
            "step": np.array(step, dtype=np.int64),
            "node_type": list(types),
            "node": list(ids),
        }


def shortest_path(
    graph: SocialGraph,
    source: NodeKey,
    target: NodeKey,
    edge_types: Iterable[EdgeType] | None = None,
    walk: Walk = "both",
) -> ShortestPath:
    """One path with the fewest steps; of several the one that at every step takes the first node in canonical order.

    Canonical order is by node type, then time first known, then id; what comes later changes no choice among the paths
    that were there before. A node is zero steps from itself. Times of edges play no part beyond the view's bounds:
    `time_respecting_path` goes along them in order.

    Args:
        graph: View whose edges count.
        source: First node, `(node type, id)`.
        target: Last node.
        edge_types: Relations to walk, None for all.
        walk: `out` from source to target of edges, `in` against them, `both`, or `flow`, the way influence travels.

    Raises:
        UnknownNodeError: The view does not know one of the nodes.
        SchemaError: Unknown edge type or walk, or none of the relations touches a node's type.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["ann", "ann", "cy", "bob"], "dst": ["cy", "bob", "dee", "dee"], "time": [1, 2, 3, 4]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> shortest_path(graph, ("user", "ann"), ("user", "dee"))
    shortest path from user ann to user dee: 2 steps
      step  node_type  node
      0     user       ann
      1     user       cy
      2     user       dee
    >>> shortest_path(graph, ("user", "dee"), ("user", "ann"), walk="out")
    no path from user dee to user ann
    """
    found = all_shortest_paths(graph, source, target, edge_types, walk, limit=1)
    return ShortestPath(source, target, found.paths[0] if found.paths else ())


def all_shortest_paths(
    graph: SocialGraph,
    source: NodeKey,
    target: NodeKey,
    edge_types: Iterable[EdgeType] | None = None,
    walk: Walk = "both",
    limit: int | None = 1000,
) -> ShortestPaths:
    """All paths with the fewest steps, in canonical order of their nodes, first node first.

    Paths are told apart by their nodes: parallel edges make no further ones.

    Args:
        graph: View whose edges count.
        source: First node, `(node type, id)`.
        target: Last node.
        edge_types: Relations to walk, None for all.
        walk: `out` from source to target of edges, `in` against them, `both`, or `flow`, the way influence travels.
        limit: List at most so many, None for all; they are counted in any case.

    Raises:
        UnknownNodeError: The view does not know one of the nodes.
        SchemaError: Unknown edge type or walk, none of the relations touches a node's type, the limit is no whole
            number of at least 1, or there is none and more than ten million paths were found.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["ann", "ann", "cy", "bob"], "dst": ["cy", "bob", "dee", "dee"], "time": [1, 2, 3, 4]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> found = all_shortest_paths(graph, ("user", "ann"), ("user", "dee"), limit=1)
    >>> found.count, found.paths
    (2, ((('user', 'ann'), ('user', 'cy'), ('user', 'dee')),))
    """
    from graphsocial.graph.paths.shortest_path_kernel import (  # numba: when needed
        count_ways,
        list_paths,
        shortest_steps,
    )

    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int | np.integer) or limit < 1):
        raise SchemaError(f"got limit={limit!r}, expected a whole number of at least 1, or None for all paths")
    near = adjacency(graph, edge_types, walk)
    first, last = near.number(source), near.number(target)
    if first == last:
        return ShortestPaths(source, target, 0, 1, ((source,),))
    length, node, indptr, step = shortest_steps(first, last, _rows(near), _rows(reversed_adjacency(near)))
    if length < 0:
        return ShortestPaths(source, target, None, 0, ())
    ways = count_ways(last, node, indptr, step)
    count = int(ways[0]) if ways[0] < 2.0**53 else _exact_count(last, node, indptr, step)
    if limit is None and count > _MOST:
        raise SchemaError(f"{count:,} shortest paths are too many to list, give a limit of at most {_MOST:,}")
    indptr, step = _in_order(node, indptr, step, ways)
    listed = list_paths(length, node, indptr, step, count if limit is None else min(int(limit), count))
    keys = near.keys(listed.reshape(-1))
    paths = tuple(tuple(keys[i : i + length + 1]) for i in range(0, len(keys), length + 1))
    return ShortestPaths(source, target, int(length), count, paths)


def shortest_path_lengths(
    graph: SocialGraph,
    sources: Iterable[NodeKey],
    targets: Iterable[NodeKey],
    edge_types: Iterable[EdgeType] | None = None,
    walk: Walk = "both",
    threads: int | None = None,
) -> np.ndarray:
    """Steps of a shortest path between the nodes of each pair, int64 [pair]; -1 where there is no path.

    Args:
        graph: View whose edges count.
        sources: First node of each pair, `(node type, id)`.
        targets: Last node of each pair.
        edge_types: Relations to walk, None for all.
        walk: `out` from source to target of edges, `in` against them, `both`, or `flow`, the way influence travels.
        threads: At most this many, None for one per core.

    Raises:
        UnknownNodeError: The view does not know one of the nodes.
        SchemaError: Unknown edge type or walk, none of the relations touches a node's type, or not as many sources as
            targets.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["ann", "bob"], "dst": ["bob", "cy"], "time": [1, 2]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> ann, cy = ("user", "ann"), ("user", "cy")
    >>> shortest_path_lengths(graph, [ann, cy, ann], [cy, ann, ann], walk="out").tolist()
    [2, -1, 0]
    """
    from graphsocial.graph.paths.shortest_path_kernel import pair_lengths  # numba: imported when first needed

    near = adjacency(graph, edge_types, walk)
    first, last = _numbers(near, sources, "sources"), _numbers(near, targets, "targets")
    if len(first) != len(last):
        raise SchemaError(f"got {len(first)} sources and {len(last)} targets, expected pairs")
    out, back = _rows(near), _rows(reversed_adjacency(near))
    length = np.empty(len(first), dtype=np.int64)

    over_items(pair_lengths, len(first), threads, first, last, out, back, length, chunk=_WORTH_A_THREAD)
    return length


_WORTH_A_THREAD = 32
"""Pairs: each reads a few thousand neighbours."""


def _rows(near: Adjacency) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return near.first, near.last, near.neighbour


def _numbers(near: Adjacency, keys: Iterable[Any], name: str) -> np.ndarray:
    """Numbers of many keys, int64 [key]; looked up type by type, as one by one takes longer than a search."""
    if isinstance(keys, str) or not isinstance(keys, Iterable):
        raise SchemaError(f"{name} got {keys!r}, expected a list of nodes, such as [('user', 'u17')]")
    keys = list(keys)
    for key in keys:
        if not isinstance(key, tuple) or len(key) != 2 or not isinstance(key[0], str):
            raise SchemaError(f"{name} got {key!r}, expected nodes named by (node type, id), such as ('user', 'u17')")
    number = np.empty(len(keys), dtype=np.int64)
    for node_type in sorted({key[0] for key in keys}):
        near.graph.schema.check_node_type(node_type)
        at = np.array([i for i, key in enumerate(keys) if key[0] == node_type])
        position = near.graph.index(node_type, [keys[i][1] for i in at])
        # the first key names the type's offset, or raises where no relation touches the type
        number[at] = near.number(keys[at[0]]) - position[0] + position
    return number


def _in_order(
    node: np.ndarray, indptr: np.ndarray, step: np.ndarray, ways: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First step of each node found and the steps, without those that end nowhere, ascending by where they lead."""
    row = np.repeat(np.arange(len(node)), np.diff(indptr))
    alive = ways[step] > 0
    row, step = row[alive], step[alive]
    step = step[np.lexsort((node[step], row))]
    return np.searchsorted(row, np.arange(len(node) + 1)).astype(np.int64), step


def _exact_count(target: int, node: np.ndarray, indptr: np.ndarray, step: np.ndarray) -> int:
    """Number of paths beyond what a float counts, in Python's own numbers."""
    first, ahead = indptr.tolist(), step.tolist()
    ways = [0] * len(node)
    for i in range(len(node) - 1, -1, -1):
        ways[i] = int(node[i] == target) + sum(ways[k] for k in ahead[first[i] : first[i + 1]])
    return ways[0]

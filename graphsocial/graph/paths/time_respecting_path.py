"""The way that arrives first, along edges in order of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from graphsocial.graph.adjacency import Walk
from graphsocial.graph.paths.first_arrivals import first_arrivals
from graphsocial.graph.paths.timed_steps import timed_steps
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph, Time
from graphsocial.graph.time import format_time
from graphsocial.schema import EdgeType, NodeKey


@dataclass(frozen=True, repr=False, eq=False)
class TimeRespectingPath(QueryResult):
    """A path along edges in order of time, a row per step; no rows where there is none.

    Attributes:
        source: First node.
        target: Last node.
        start: When it left the source, int64 seconds.
        delay: Seconds from a step's time to the arrival.
        nodes: The nodes from source to target, both among them; empty where there is no path.
        time: When each step was taken, int64 seconds, ascending [step].
        relations: Edge type of each step.
        edge: Position of each step's edge among the view's edges of its relation, int64 [step].
        unrecorded: Edges that could carry nothing, because nobody recorded their time.
    """

    source: NodeKey
    target: NodeKey
    start: int
    delay: int
    nodes: tuple[NodeKey, ...]
    time: np.ndarray
    relations: tuple[EdgeType, ...]
    edge: np.ndarray
    unrecorded: int

    @property
    def length(self) -> int | None:
        """Number of steps, None where there is no path."""
        return len(self.nodes) - 1 if self.nodes else None

    @property
    def arrival(self) -> int | None:
        """When it arrives, int64 seconds; None where there is no path, the start where source and target are one."""
        if self.length is None:
            return None
        return int(self.time[-1]) + self.delay if self.length else self.start

    def title(self) -> str:
        """Both ends, the number of steps and the arrival."""
        ends = f"from {' '.join(self.source)}, {format_time(self.start)}, to {' '.join(self.target)}"
        left_out = f"; {self.unrecorded:,} edges of unknown time left out" if self.unrecorded else ""
        if self.arrival is None:
            return f"no time-respecting path {ends}{left_out}"
        return f"time-respecting path {ends}: {self.length} steps, arrives {format_time(self.arrival)}{left_out}"

    def columns(self) -> dict[str, Column]:
        """Time and relation of each step, and the nodes it joins."""
        before, after = self.nodes[:-1], self.nodes[1:]
        return {
            "time": self.time,
            "relation": [edge_type[1] for edge_type in self.relations],
            "from_type": [key[0] for key in before],
            "from": [key[1] for key in before],
            "to_type": [key[0] for key in after],
            "to": [key[1] for key in after],
        }


def time_respecting_path(
    graph: SocialGraph,
    source: NodeKey,
    target: NodeKey,
    start: Time | None = None,
    edge_types: Iterable[EdgeType] | None = None,
    walk: Walk = "flow",
    strict: bool = True,
    delay: int = 0,
) -> TimeRespectingPath:
    """A path along which something that leaves the source at `start` arrives at the target as early as it can.

    `earliest_arrival` says what steps may follow each other. Every node on the path is reached as early as it can be,
    so there may be another path that arrives as early with fewer steps; of edges that arrive at a node at the same
    moment, one is taken, always the same. A node reaches itself without a step.

    Args:
        graph: View whose edges count.
        source: First node, `(node type, id)`.
        target: Last node.
        start: When it leaves, anything `parse_time` reads; None for the view's first timed edge of these relations.
        edge_types: Relations to go along, None for all.
        walk: `flow`, the way influence travels, `out` from source to target of edges, `in` against them, or `both`.
        strict: Whether an edge must come later than the arrival before it.
        delay: Seconds from an edge's time to the arrival, a whole number of at least 0.

    Raises:
        UnknownNodeError: The view does not know one of the nodes.
        SchemaError: Unknown edge type or walk, none of the relations touches a node's type, or the delay is wrong.
        TimeWindowError: The start cannot be read, or lies outside the view.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> edges = pa.table({"src": ["bob", "cy", "cy"], "dst": ["ann", "bob", "ann"], "time": [10, 20, 30]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges})
    >>> time_respecting_path(graph, ("user", "ann"), ("user", "cy"))
    time-respecting path from user ann, 1970-01-01 00:00:10Z, to user cy: 2 steps, arrives 1970-01-01 00:00:20Z
      time  relation  from_type  from  to_type  to
      10    repost    user       ann   user     bob
      20    repost    user       bob   user     cy
    """
    steps = timed_steps(graph, edge_types, walk)
    first, last = steps.number(source), steps.number(target)
    began, _, by, _ = first_arrivals(graph, steps, first, last, start, strict, delay)
    taken: list[int] = []
    node = last
    while node != first and by[node] >= 0:
        taken.append(int(by[node]))
        node = int(steps.tail[taken[-1]])
    taken.reverse()
    numbers = [first, *(int(steps.head[step]) for step in taken)] if node == first else []
    nodes = tuple(steps.numbering.keys(numbers))
    relations, edge = tuple(steps.relation_of(step) for step in taken), steps.edge_of(np.array(taken, dtype=np.int64))
    times = steps.time[np.array(taken, dtype=np.int64)]
    return TimeRespectingPath(source, target, began, int(delay), nodes, times, relations, edge, steps.unrecorded)

"""When something that leaves one node can first have arrived at every other one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.graph.adjacency import Walk
from graphsocial.graph.paths.first_arrivals import first_arrivals
from graphsocial.graph.paths.timed_steps import TimedSteps, timed_steps
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph, Time
from graphsocial.graph.time import format_time
from graphsocial.schema import EdgeType, NodeKey

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class EarliestArrival(QueryResult):
    """The nodes that were reached, in order of arrival, the source first; of one moment, in the order of edges.

    Attributes:
        source: Where it left.
        start: When it left, int64 seconds.
        strict: Whether each step had to come later than the arrival before it.
        delay: Seconds from a step's time to the arrival.
        steps: The steps that could be taken.
        number: Numbers of the nodes reached, int64 [reached].
        last_step: Step that brought it there first, int64 [reached]; -1 for the source.
        arrival: When it can first have arrived, int64 seconds [reached]; `start` for the source.
    """

    source: NodeKey
    start: int
    strict: bool
    delay: int
    steps: TimedSteps
    number: np.ndarray
    last_step: np.ndarray
    arrival: np.ndarray

    @property
    def unrecorded(self) -> int:
        """Edges that could carry nothing, because nobody recorded their time."""
        return self.steps.unrecorded

    @cached_property
    def node_type(self) -> np.ndarray:
        """Node types, object [reached]."""
        numbering = self.steps.numbering
        place = np.searchsorted(numbering.offset, self.number, side="right") - 1
        return np.array(numbering.node_types, dtype=object)[place]

    @cached_property
    def ids(self) -> np.ndarray:
        """Ids, object [reached]."""
        numbering = self.steps.numbering
        if len(numbering.node_types) == 1:
            return numbering.graph.node_ids(numbering.node_types[0])[self.number]
        return numbering.types_and_ids()[1][self.number]

    @cached_property
    def via(self) -> np.ndarray:
        """Place in these arrays of the node it came from, int64 [reached]; -1 for the source."""
        place = np.full(int(self.steps.numbering.offset[-1]), -1, dtype=np.int64)
        place[self.number] = np.arange(len(self.number))
        via = np.full(len(self.number), -1, dtype=np.int64)
        via[1:] = place[self.steps.tail[self.last_step[1:]]]
        return via

    @cached_property
    def hops(self) -> np.ndarray:
        """Steps that it took, int64 [reached], by the way that was found; another may arrive as early in fewer."""
        from graphsocial.graph.kernels import generations  # numba: imported when first needed

        return generations(self.via)

    def title(self) -> str:
        """Where and when it left, and how many it reached."""
        left_out = f"; {self.unrecorded:,} edges of unknown time left out" if self.unrecorded else ""
        return (
            f"earliest arrival from {' '.join(self.source)}, {format_time(self.start)}: "
            f"{len(self.number) - 1:,} nodes reached{left_out}"
        )

    def columns(self) -> dict[str, Column]:
        """Node type, id, arrival and hops."""
        return {"node_type": self.node_type, "id": self.ids, "arrival": self.arrival, "hops": self.hops}

    def plot(self, ax: Axes | None = None) -> Axes:
        """How many nodes were reached over time; returns the axes."""
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.figure().add_subplot()
        ax.step(self.arrival.astype("datetime64[s]"), np.arange(1, len(self.arrival) + 1), where="post")
        ax.set_xlabel("time (UTC)")
        ax.set_ylabel("nodes reached")
        ax.set_title(f"from {' '.join(self.source)}")
        return ax


def earliest_arrival(
    graph: SocialGraph,
    source: NodeKey,
    start: Time | None = None,
    edge_types: Iterable[EdgeType] | None = None,
    walk: Walk = "flow",
    strict: bool = True,
    delay: int = 0,
) -> EarliestArrival:
    """When something that leaves the source at `start` can first have arrived at each node (Wu et al. 2014).

    An edge of time t can be taken at that moment only, and whoever takes it arrives at t + delay. The first edge may be
    taken at `start` or later. Each further edge must come later than the arrival before it; with `strict=False`, not
    earlier, so edges of one moment can follow each other, in any order when there is no delay. Edges of unknown time
    can carry nothing: they are left out and counted. With a delay, an arrival may lie after the view's end; the edge
    that leads to it does not.

    Nodes are settled in order of time by their rows; when many are reached, the edges are swept in order of time.

    Args:
        graph: View whose edges count.
        source: Where it leaves, `(node type, id)`.
        start: When it leaves, anything `parse_time` reads; None for the view's first timed edge of these relations.
        edge_types: Relations to go along, None for all.
        walk: `flow`, the way influence travels, `out` from source to target of edges, `in` against them, or `both`.
        strict: Whether an edge must come later than the arrival before it.
        delay: Seconds from an edge's time to the arrival, a whole number of at least 0.

    Raises:
        UnknownNodeError: The view does not know the source.
        SchemaError: Unknown edge type or walk, none of the relations touches the source's type, or the delay is wrong.
        TimeWindowError: The start cannot be read, or lies outside the view.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> who, whom = ["cy", "bob", "cy", "dee"], ["bob", "ann", "bob", "cy"]
    >>> edges = pa.table({"src": who, "dst": whom, "time": [5, 10, 20, 20]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges})
    >>> earliest_arrival(graph, ("user", "ann"), start=0)
    earliest arrival from user ann, 1970-01-01 00:00:00Z: 2 nodes reached
      node_type  id   arrival  hops
      user       ann  0        0
      user       bob  10       1
      user       cy   20       2
    >>> earliest_arrival(graph, ("user", "ann"), start=0, strict=False).ids.tolist()
    ['ann', 'bob', 'cy', 'dee']
    """
    steps = timed_steps(graph, edge_types, walk)
    began, count, by, found = first_arrivals(graph, steps, steps.number(source), None, start, strict, delay)
    number = found[:count]
    last_step = by[number]
    arrival = np.full(count, began, dtype=np.int64)
    arrival[1:] = steps.time[last_step[1:]] + delay
    return EarliestArrival(source, began, strict, int(delay), steps, number, last_step, arrival)

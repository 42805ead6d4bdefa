"""The edges that make up a temporal motif, instance by instance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.motifs.interactions import EdgeTypes, interactions
from graphsocial.graph.motifs.motif_pattern import MotifPattern
from graphsocial.graph.motifs.temporal_motifs import checked_delta, count_motif
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph

SMALL = 100_000
"""Instances that room is made for without counting them first."""


@dataclass(frozen=True, repr=False, eq=False)
class MotifInstances(QueryResult):
    """Instances of one motif, those that begin first standing first.

    Attributes:
        motif: The pattern.
        delta: Seconds from the first edge to the last.
        names: Names of the pattern's nodes.
        node: Ids, object [instance, name].
        time: When each edge happened, int64 seconds [instance, edge].
        complete: Whether these are all.
    """

    motif: str
    delta: int
    names: tuple[str, ...]
    node: np.ndarray
    time: np.ndarray
    complete: bool

    def title(self) -> str:
        """The pattern and how many instances are shown."""
        which = "all" if self.complete else "the first"
        return f"{which} {len(self.node):,} instances of {self.motif} within {self.delta:,} s"

    def columns(self) -> dict[str, Column]:
        """One column per node of the pattern and one per edge's time."""
        nodes = {name: self.node[:, i] for i, name in enumerate(self.names)}
        return {**nodes, **{f"time_{i + 1}": self.time[:, i] for i in range(self.time.shape[1])}}


def motif_instances(
    graph: SocialGraph, edge_types: EdgeTypes, motif: str, delta: int, limit: int = 1_000
) -> MotifInstances:
    """The first instances of a motif, in order of their first edge; see `temporal_motifs` for what an instance is.

    Args:
        graph: View whose edges count.
        edge_types: One relation between nodes of one type, or several.
        motif: Edges in order, such as "A->B, B->C".
        delta: Seconds from the first edge to the last.
        limit: At most so many instances.

    Raises:
        SchemaError: Unknown relation, no such pattern, a delta below 0 or a limit below 1.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> reply = ("user", "reply", "user")
    >>> edges = pa.table({"src": ["ann", "bob", "cy"], "dst": ["bob", "cy", "ann"], "time": [0, 5, 9]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {}}), {}, {reply: edges})
    >>> motif_instances(graph, reply, "A->B, B->C", delta=10)
    all 2 instances of A->B, B->C within 10 s
      A    B    C    time_1  time_2
      ann  bob  cy   0       5
      bob  cy   ann  5       9
    """
    from graphsocial.graph.motifs.pattern_kernel import match_pattern  # numba: imported when first needed

    if isinstance(limit, bool) or not isinstance(limit, int | np.integer) or limit < 1:
        raise SchemaError(f"got limit={limit!r}, expected a whole number of at least 1")
    pattern, delta, found = MotifPattern.read(motif), checked_delta(delta), interactions(graph, edge_types)
    source, target, reading = found.edges()
    order = np.lexsort((target, source, reading))
    room = limit if limit <= SMALL else min(limit, max(count_motif(found, pattern, delta), 1))
    node = np.empty((room, len(pattern.names)), dtype=np.int64)
    time = np.empty((room, len(pattern.edges)), dtype=np.int64)
    out, into = found.out, found.into
    count = match_pattern(
        pattern.array, source[order], target[order], reading[order], out.indptr, out.neighbour, out.clock,
        into.indptr, into.neighbour, into.clock, found.stop, delta, node, time,
    )  # fmt: skip
    complete = bool(count < limit) or count_motif(found, pattern, delta) == count
    ids = graph.node_ids(found.node_type)
    named = ids[node[:count].ravel()].reshape(count, len(pattern.names))
    return MotifInstances(str(pattern), delta, pattern.names, named, time[:count] + out.epoch, complete)

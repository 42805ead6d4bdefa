"""Timed edges between nodes of one type as rows both ways, for loops over time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.chosen_relations import chosen_relations
from graphsocial.graph.csr import Csr, build_csr
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType

EdgeTypes = EdgeType | Iterable[EdgeType]
"""One relation or several."""


@dataclass(frozen=True, eq=False)
class Interactions:
    """Edges whose own time is recorded; a loop has to keep to readings of `[start, stop)`.

    Attributes:
        node_type: Type of both ends.
        relations: The relations in words.
        out: Rows of targets.
        into: Rows of sources; its clock counts from the same second.
        start: First reading that counts.
        stop: One past the last reading that counts.
    """

    node_type: str
    relations: str
    out: Csr
    into: Csr
    start: int
    stop: int

    def edges(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Source, target and reading of every edge, grouped by target, [edge] each."""
        target = np.repeat(np.arange(len(self.into.indptr) - 1), np.diff(self.into.indptr))
        seen = (self.into.clock >= self.start) & (self.into.clock < self.stop)
        if seen.all():
            return self.into.neighbour, target, self.into.clock
        return self.into.neighbour[seen], target[seen], self.into.clock[seen]


def interactions(graph: SocialGraph, edge_types: EdgeTypes) -> Interactions:
    """The view's timed edges of some relations between nodes of one type; read once per view unless there is one only.

    Edges whose own time nobody recorded are left out: what is known from a crawl follows nothing.

    Raises:
        SchemaError: An unknown relation, none, or some that are not between nodes of one type.
    """
    chosen = chosen_relations(graph, edge_types)
    node_types = {end for e in chosen for end in (e[0], e[2])}
    if len(node_types) != 1:
        names = ", ".join(" ".join(e) for e in chosen) or "none"
        raise SchemaError(f"got the relations {names}, expected some between nodes of one type")
    node_type, names = node_types.pop(), " and ".join(" ".join(e) for e in chosen)
    if len(chosen) == 1 and graph.tables.edges[chosen[0]].recorded.all():
        out, into = graph.csr(chosen[0], "out"), graph.csr(chosen[0], "in")
        stop = out.on_clock(np.iinfo(np.int64).max if graph.end is None else graph.end)
        return Interactions(node_type, names, out, into, int(out.on_clock(graph.start)), int(stop))
    key = ("interactions", tuple(chosen))
    if key not in graph.cache:
        parts = [graph.edges(e) for e in chosen]
        src, dst, time, recorded = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("src", "dst", "time", "recorded")
        )
        kept = np.flatnonzero(recorded)
        kept = kept[np.argsort(time[kept], kind="stable")]
        src, dst, time, total = src[kept], dst[kept], time[kept], graph.num_nodes(node_type)
        out, into = build_csr(src, dst, time, total, total), build_csr(dst, src, time, total, total)
        graph.cache[key] = Interactions(node_type, names, out, into, -1, np.iinfo(np.int64).max)
    return graph.cache[key]

"""Which earlier adopters each adopter could have seen an item from: what exposure and cascade trees are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.csr import Csr, Direction
from graphsocial.graph.exposures.adoptions import Adoptions, last_reading
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


@dataclass(frozen=True, eq=False)
class ExposuresFound:
    """Exposures of each member; authors have none.

    Attributes:
        count: Members that exposed it, int64 [member]; not filled in when only the latest was looked for.
        first: Earliest member that exposed it, -1 for none, int64 [member]; filled in as `count` is.
        last: Latest member that exposed it, of several at the same second the last one, -1 for none, int64 [member].
    """

    count: np.ndarray
    first: np.ndarray
    last: np.ndarray


def find_exposures(
    adopted: Adoptions, follow: EdgeType, assume_always: bool, latest_only: bool = False
) -> ExposuresFound:
    """Exposures of every member: members of the same item that adopted strictly earlier and whose influence reached it.

    Args:
        adopted: Members of items.
        follow: Relation between adopters; influence travels along its flow. Edges from before a window's start hold on.
        assume_always: Treat edges whose own time nobody recorded as older than everything, not as known from the crawl.
        latest_only: Only `last` is wanted, which is faster.

    Raises:
        SchemaError: Unknown relation, or one that is not between nodes of the adopters' type.
    """
    search = _Search(adopted, follow, assume_always)
    return search.run(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), latest_only)


def list_exposures(adopted: Adoptions, follow: EdgeType, assume_always: bool) -> tuple[np.ndarray, np.ndarray]:
    """Every exposure: first slot of each member, int64 [member + 1], and exposing members, ascending, int64 [slot].

    Arguments and errors are those of `find_exposures`.
    """
    from graphsocial.graph.exposures.adoption_kernels import sort_slots  # numba: imported when first needed

    search = _Search(adopted, follow, assume_always)
    counted = search.run(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), False).count
    slot = np.concatenate([[0], np.cumsum(counted)])
    candidate = np.empty(slot[-1], dtype=np.int64)
    search.run(slot, candidate, False)
    sort_slots(slot, candidate)
    return slot, candidate


def influence_rows(graph: SocialGraph, adopter: str, follow: EdgeType, exposed: bool) -> Csr:
    """Rows of those who expose each node, or of those whom each node exposes.

    Raises:
        SchemaError: Unknown relation, or one that is not between nodes of the adopters' type.
    """
    follow = graph.schema.check_edge_type(follow)
    if follow[0] != adopter or follow[2] != adopter:
        raise SchemaError(
            f"got {' '.join(follow)} for who is exposed to whom, expected a relation from {adopter} to {adopter}, "
            "the node type of the adopters"
        )
    forward = graph.schema.flow_of(follow) == "forward"
    direction: Direction = "out" if forward == exposed else "in"
    return graph.csr(follow, direction)


def untimed_follows(graph: SocialGraph, follow: EdgeType, assume_always: bool) -> tuple[str, ...]:
    """What is taken for granted about follows whose own time nobody recorded, for a result to say; nothing if none.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["bob"], "dst": ["ann"], "time": pa.array([None], pa.int64())})
    >>> schema = Schema({"user": {}}, {follow: {}}, crawled_at={follow: 5})
    >>> untimed_follows(SocialGraph.build(schema, {}, {follow: edges}), follow, True)
    ('1 follows of unknown time are taken to be older than everything',)
    """
    held = graph.without_start().edges(follow)
    count = int(np.count_nonzero(~held.recorded))
    if not count:
        return ()
    when = "taken to be older than everything" if assume_always else "known from the crawl on"
    return (f"{count:,} {follow[1]}s of unknown time are {when}",)


class _Search:
    def __init__(self, adopted: Adoptions, follow: EdgeType, assume_always: bool):
        self.adopted = adopted
        graph = adopted.graph
        self.rows = influence_rows(graph, adopted.edge_type[0], follow, exposed=False)
        self.stop = last_reading(graph, self.rows)
        self.moment = np.asarray(self.rows.on_clock(adopted.time), dtype=np.int64)
        recorded = graph.tables.edges[graph.schema.check_edge_type(follow)].recorded
        self.lax, self.untimed = 0, np.empty(0, dtype=bool)
        if assume_always and not recorded.all():
            self.lax = 1 if recorded.any() else 2
            self.untimed = ~recorded[self.rows.edge] if self.lax == 1 else self.untimed

    def run(self, slot: np.ndarray, candidate: np.ndarray, latest_only: bool) -> ExposuresFound:
        from graphsocial.graph.exposures.adoption_kernels import earlier_members, scan_members, walk_rows  # numba
        from graphsocial.graph.kernels import stable_groups

        a, rows = self.adopted, self.rows
        nodes, members = len(rows.indptr) - 1, len(a.who)
        below = np.empty(members, dtype=np.int64)
        earlier_members(a.offsets, a.author_at, a.time, below)
        count = np.zeros(members, dtype=np.int64)
        first, last = np.full(members, -1, dtype=np.int64), np.full(members, -1, dtype=np.int64)
        later = np.empty((members, 2), dtype=np.int64)
        bits, since = np.zeros((nodes >> 6) + 1, dtype=np.int64), np.empty(nodes, dtype=np.int64)
        left = walk_rows(
            a.offsets, below, a.who, self.moment, rows.indptr, rows.neighbour, rows.clock, self.stop, self.lax,
            self.untimed, latest_only, bits, since, np.full(nodes, -1, dtype=np.int64), later,
            count, first, last, slot, candidate,
        )  # fmt: skip
        if left:
            order = np.empty(left, dtype=np.int64)
            groups = stable_groups(a.who[later[:left, 0]], nodes, order)
            scan_members(
                later, groups, order, below, a.who, self.moment, rows.indptr, rows.neighbour, rows.clock, self.stop,
                self.lax, self.untimed, latest_only, bits, since, count, first, last, slot, candidate,
            )  # fmt: skip
        return ExposuresFound(count, first, last)

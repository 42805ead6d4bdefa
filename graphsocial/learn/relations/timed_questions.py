"""Questions about edges to come: whether there will be one, of which sign, and how strong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.relations.negative_pairs import ROUNDS
from graphsocial.learn.relations.relation_edges import among, pair_keys
from graphsocial.learn.relations.relation_examples import POSITIVE, TWO_HOP, UNIFORM, RelationExamples
from graphsocial.learn.relations.timed_edges import TimedEdges, TimedRows
from graphsocial.learn.relations.timed_evidence import COLUMN_NAMES, timed_evidence
from graphsocial.learn.relations.timed_evidence_kernel import walk_kernel
from graphsocial.learn.seeds import derived_seed

SHARES = (0.2, 0.7, 0.8)
"""Shares of the edges, in order of time, after which training, validation and test begin."""

WINDOW = 30 * 86_400
"""Seconds of the next window under strict."""

_SHARED, _BACK = COLUMN_NAMES.index("common_neighbours"), COLUMN_NAMES.index("edge_back")

TimedProtocol = Literal["strict", "prequential"]
"""Asked as of the start of each edge's window, or as of each edge's own time."""


@dataclass(frozen=True, eq=False)
class TimedSplit:
    """Questions by time.

    Attributes:
        cut: Starts of training, validation and test, seconds.
        existence: Training, validation and test of whether the edge comes.
        value: Of its value; None where the data has none.
        newcomers: Edges of the test left out of existence, as an end was not there yet.
    """

    cut: tuple[int, int, int]
    existence: tuple[RelationExamples, RelationExamples, RelationExamples]
    value: tuple[RelationExamples, RelationExamples, RelationExamples] | None
    newcomers: int

    def signs(self) -> tuple[RelationExamples, ...]:
        """The questions of value as questions of sign: whether it is above zero."""
        return tuple(replace(part, target=(part.target > 0).astype(np.float64)) for part in self.value or ())


def timed_split(edges: TimedEdges, protocol: TimedProtocol, seed: int) -> TimedSplit:
    """Cuts edges by time, draws as many negatives of either kind for each, and looks at what was before.

    Of existence, an edge counts whose ends are both there before it is asked about, and negatives are pairs of nodes
    that are there, too, and that no edge joins until the end of the part. Of value, every edge counts.

    Args:
        edges: One relation.
        protocol: As of when questions are asked.
        seed: Of the negatives.

    Raises:
        SchemaError: There are too few times to cut, or a part has no edge between nodes that are there.
    """
    starts = [int(edges.time[int(share * len(edges))]) if len(edges) else 0 for share in SHARES]
    last = int(edges.time[-1]) + 1 if len(edges) else 0
    if len(set(starts)) < len(starts):
        raise SchemaError(
            f"{len(edges)} edges at {len(np.unique(edges.time))} distinct times, expected enough to cut them in order "
            "of time into training, validation and test"
        )
    bounds = [*starts, last]
    existence, value, newcomers = [], [], 0
    for number, (low, high) in enumerate(pairwise(bounds)):
        rows = np.flatnonzero((edges.time >= low) & (edges.time < high))
        as_of = edges.time[rows]
        if protocol == "strict":
            as_of = low + (as_of - low) // WINDOW * WINDOW
        src, dst = edges.src[rows], edges.dst[rows]
        there = (edges.known[src] < as_of) & (edges.known[dst] < as_of)
        newcomers = int((~there).sum())
        if not there.any():
            raise SchemaError(f"part {number} of 3 has {len(rows)} edges, none between nodes that were there before")
        rng = np.random.default_rng(derived_seed(seed, "timed", protocol, number))
        existence.append(_existence(edges, src[there], dst[there], as_of[there], high, rng))
        if edges.valued:
            columns = timed_evidence(edges, src, dst, as_of)
            kind = np.full(len(rows), POSITIVE)
            value.append(RelationExamples(src, dst, columns, edges.value[rows], kind, kind != POSITIVE))
    training, validation, test = existence
    values = (value[0], value[1], value[2]) if value else None
    return TimedSplit((starts[0], starts[1], starts[2]), (training, validation, test), values, newcomers)


def _existence(
    edges: TimedEdges, src: np.ndarray, dst: np.ndarray, as_of: np.ndarray, end: int, rng: np.random.Generator
) -> RelationExamples:
    seen = int(np.searchsorted(edges.time, end))
    joined = np.unique(pair_keys(edges.src[:seen], edges.dst[:seen], edges.nodes))
    seen_of = [np.searchsorted(np.sort(edges.known[pool]), as_of) for pool in edges.pools]
    # nodes are numbered in the order in which they are first seen
    pools = [pool[np.argsort(edges.known[pool], kind="stable")] for pool in edges.pools]
    targets = np.zeros(edges.nodes, dtype=bool)
    targets[edges.pools[1]] = True
    both = TimedRows.of(
        np.concatenate([edges.src, edges.dst]),
        np.concatenate([edges.dst, edges.src]),
        np.tile(edges.time, 2),
        np.tile(edges.value, 2),
        edges.nodes,
    )
    ends = np.full((2, 2, len(src)), -1, dtype=np.int64)
    for way in (0, 1):
        todo = np.arange(len(src))
        for _ in range(ROUNDS):
            chance = rng.random((len(todo), 2))
            if way == 0:
                a, b = (pools[i][(chance[:, i] * seen_of[i][todo]).astype(np.int64)] for i in (0, 1))
                good = np.ones(len(todo), dtype=bool)
            else:
                a = src[todo]
                b = walk_kernel(a, as_of[todo], chance, both.start, both.neighbour, both.time)
                good = (b >= 0) & targets[b] & ~_joined_before(edges, b, a, as_of[todo])
            good &= (a != b) & ~among(pair_keys(a, b, edges.nodes), joined)
            ends[way, 0, todo[good]], ends[way, 1, todo[good]] = a[good], b[good]
            todo = todo[~good]
    a, b = np.concatenate([src, *ends[:, 0]]), np.concatenate([dst, *ends[:, 1]])
    kind = np.repeat([POSITIVE, UNIFORM, TWO_HOP], len(src))
    time = np.tile(as_of, 3)
    drawn = a >= 0
    a, b, kind, time = a[drawn], b[drawn], kind[drawn], time[drawn]
    columns = timed_evidence(edges, a, b, time)
    hops = (columns[:, _SHARED] > 0) & (columns[:, _BACK] == 0)
    return RelationExamples(a, b, columns, (kind == POSITIVE).astype(np.float64), kind, hops)


def _joined_before(edges: TimedEdges, src: np.ndarray, dst: np.ndarray, as_of: np.ndarray) -> np.ndarray:
    """Whether an edge goes from source to target before the time, bool [pair]."""
    keys = pair_keys(edges.src, edges.dst, edges.nodes)
    order = np.argsort(keys, kind="stable")
    asked = pair_keys(src, dst, edges.nodes)
    place = np.minimum(np.searchsorted(keys[order], asked), max(len(keys) - 1, 0))
    return np.asarray((keys[order][place] == asked) & (edges.time[order][place] < as_of))

"""How often edges follow one another in small patterns within a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations, product
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.csr import narrow
from graphsocial.graph.motifs.interactions import EdgeTypes, Interactions, interactions
from graphsocial.graph.motifs.motif_pattern import MotifPattern, canonical_motif, three_edge_motifs
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class TemporalMotifs(QueryResult):
    """Motifs and their counts.

    Attributes:
        relations: The relations whose edges were counted, in words.
        delta: Seconds from the first edge to the last.
        motif: Patterns, as asked for.
        count: Instances of each, int64 [motif].
    """

    relations: str
    delta: int
    motif: list[str]
    count: np.ndarray

    def title(self) -> str:
        """The relations, the time and the sum."""
        return f"{self.count.sum():,} temporal motifs of {self.relations} within {self.delta:,} s"

    def columns(self) -> dict[str, Column]:
        """One row per motif."""
        return {"motif": self.motif, "count": self.count}

    def plot(self, ax: Axes | None = None) -> Axes:
        """All 36 motifs as a grid of the second edge by the third, others as bars; returns the axes."""
        import matplotlib.pyplot as plt  # slow to import, needed only here

        ax = plt.subplots()[1] if ax is None else ax
        if self.motif == three_edge_motifs():
            names = [motif.split(", ")[2] for motif in self.motif[:6]]
            ax.imshow(np.log10(self.count.reshape(6, 6) + 1), cmap="Blues")
            ax.set_xticks(range(6), names, rotation=45)
            ax.set_yticks(range(6), names)
            ax.set(xlabel="third edge", ylabel="second edge after A->B")
            for place, count in enumerate(self.count.tolist()):
                ax.text(place % 6, place // 6, f"{count:,}", ha="center", va="center", fontsize="x-small")
        else:
            ax.barh(self.motif, self.count)
            ax.set_xlabel("instances")
        ax.set_title(self.title(), fontsize="small")
        return ax


def temporal_motifs(
    graph: SocialGraph, edge_types: EdgeTypes, delta: int, motif: str | Iterable[str] | None = None
) -> TemporalMotifs:
    """Counts of delta-temporal motifs (Paranjape, Benson and Leskovec, WSDM 2017).

    An instance is a sequence of edges, each strictly later than the one before, the last at most delta seconds after
    the first, whose ends fit the pattern; different letters are different nodes. Edges of the same second have no
    order, so no instance holds two of them; neither self-loops nor edges whose own time nobody recorded take part.
    Parallel edges are different instances. Edges may lie between those of an instance.

    Two edges cost one pass over the rows, all 36 motifs one pass and the triangles, whatever delta is. A longer
    pattern, or one of the 36 alone, costs as much as there are beginnings of it within delta.

    Args:
        graph: View whose edges count.
        edge_types: One relation between nodes of one type, or several, whose edges are then treated alike.
        delta: Seconds from the first edge to the last, a whole number.
        motif: A pattern of 2 to 8 edges in order such as "A->B, B->C", or several; None for all 36 motifs of three
            edges on two or three nodes.

    Raises:
        SchemaError: Unknown relation, some between nodes of different types, a delta below 0, or no such pattern.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> reply = ("user", "reply", "user")
    >>> edges = pa.table({"src": ["ann", "bob", "cy"], "dst": ["bob", "cy", "ann"], "time": [0, 5, 9]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {}}), {}, {reply: edges})
    >>> temporal_motifs(graph, reply, delta=10, motif=["A->B, B->C", "A->B, B->C, C->A"])
    3 temporal motifs of user reply user within 10 s
      motif             count
      A->B, B->C        2
      A->B, B->C, C->A  1
    """
    delta = checked_delta(delta)
    found = interactions(graph, edge_types)
    if motif is None:
        return TemporalMotifs(found.relations, delta, three_edge_motifs(), _all_of_three_edges(found, delta))
    wanted = [motif] if isinstance(motif, str) else list(motif)
    counts = [count_motif(found, MotifPattern.read(text), delta) for text in wanted]
    return TemporalMotifs(found.relations, delta, wanted, np.array(counts, dtype=np.int64))


def checked_delta(delta: int) -> int:
    """The seconds as an int; raises SchemaError when they are no whole number of at least 0."""
    if isinstance(delta, bool) or not isinstance(delta, int | np.integer) or delta < 0:
        raise SchemaError(f"got delta={delta!r}, expected a whole number of seconds, at least 0")
    return min(int(delta), 2**62)  # readings plus delta stay below 2**63


def count_motif(found: Interactions, pattern: MotifPattern, delta: int) -> int:
    """Instances of one pattern."""
    from graphsocial.graph.motifs.edge_pairs_kernel import count_pairs  # numba: imported when needed
    from graphsocial.graph.motifs.pattern_kernel import match_pattern

    out, into = found.out, found.into
    if len(pattern.edges) == 2:
        source, target = pattern.edges[1]
        centre = 0 if 0 in (source, target) else 1
        first, second = (out if centre == 0 else into), (out if source == centre else into)
        different, same = count_pairs(
            first.indptr, first.neighbour, first.clock, second.indptr, second.neighbour, second.clock,
            found.start, found.stop, delta, np.zeros(len(out.indptr) - 1, dtype=np.int64),
        )  # fmt: skip
        return int(different if len(pattern.names) == 3 else same)
    nowhere = np.empty((0, len(pattern.names)), dtype=np.int64), np.empty((0, len(pattern.edges)), dtype=np.int64)
    rows = out.indptr, out.neighbour, out.clock, into.indptr, into.neighbour, into.clock
    return int(match_pattern(pattern.array, *found.edges(), *rows, found.stop, delta, *nowhere))


def _all_of_three_edges(found: Interactions, delta: int) -> np.ndarray:
    """Counts in the order of `three_edge_motifs`, int64 [motif]."""
    from graphsocial.graph.motifs.three_edge_kernels import count_stars

    star, pair = np.zeros((3, 2, 2, 2), dtype=np.int64), np.zeros((2, 2, 2), dtype=np.int64)
    out, into = found.out, found.into
    count_stars(
        0, len(out.indptr) - 1, out.indptr, out.neighbour, out.clock, into.indptr, into.neighbour, into.clock,
        found.start, found.stop, delta, star, pair,
    )  # fmt: skip
    triangle = _triangles(found, delta)
    counts = dict.fromkeys(three_edge_motifs(), 0)
    for ways in product((0, 1), repeat=3):
        counts[_motif(("xv", "xv", "xv"), ways)] += int(pair[ways])
        for own in range(3):
            sides = tuple("xw" if place == own else "xv" for place in range(3))
            counts[_motif(sides, ways)] += int(star[(own, *ways)])
        for order in permutations(range(3)):
            sides = tuple(("uv", "vw", "uw")[side] for side in order)
            place = tuple(2 * side + way for side, way in zip(order, ways, strict=True))
            counts[_motif(sides, ways)] += int(triangle[place])
    return np.array(list(counts.values()), dtype=np.int64)


def _motif(sides: tuple[str, ...], ways: tuple[int, ...]) -> str:
    ends = ((side[0], side[1]) if way == 0 else (side[1], side[0]) for side, way in zip(sides, ways, strict=True))
    return canonical_motif(ends)


def _triangles(found: Interactions, delta: int) -> np.ndarray:
    """`count_triangles` over the pairs of nodes with edges, from the node of lower degree to that of higher."""
    from graphsocial.graph.kernels import stable_groups
    from graphsocial.graph.motifs.three_edge_kernels import count_triangles

    source, target, reading = found.edges()
    other = np.flatnonzero(source != target)
    source, target, reading = source[other].astype(np.int64), target[other], reading[other].astype(np.int64)
    nodes = len(found.out.indptr) - 1
    degree = np.bincount(source, minlength=nodes) + np.bincount(target, minlength=nodes)
    rank = np.empty(nodes, dtype=np.int64)
    rank[np.argsort(degree, kind="stable")] = np.arange(nodes)
    source, target = rank[source], rank[target]
    low, high, way = np.minimum(source, target), np.maximum(source, target), (source > target).astype(np.int64)
    order = np.argsort(reading, kind="stable")
    for key in (high, low):
        group = np.empty(len(order), dtype=narrow(len(order)))
        stable_groups(key[order], nodes, group)
        order = order[group]
    low, high, way, reading = low[order], high[order], way[order], reading[order]
    new = np.ones(len(low), dtype=bool)
    new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    first = np.flatnonzero(new)
    row = np.searchsorted(low[first], np.arange(nodes + 1))
    size = np.diff(np.append(first, len(low)))
    triangle = np.zeros((6, 6, 6), dtype=np.int64)
    scratch = np.empty((3 * int(size.max(initial=0)), 2), dtype=np.int64)
    mark = np.full(nodes, -1, dtype=np.int64)
    pair_start = np.append(first, len(low))
    count_triangles(row, high[first], pair_start, reading, way, delta, scratch, mark, triangle)
    return triangle

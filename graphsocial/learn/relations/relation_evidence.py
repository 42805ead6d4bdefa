"""What the edges of all relations say about a pair and one relation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphsocial.learn.relations.pair_scores import DETAILS, SCORES, PairScores
from graphsocial.learn.relations.relation_edges import RelationEdges

MULTI_RELATION = ("other_relations", "all_common_neighbours", "all_personalised_pagerank")
"""Floors that look at more than one relation."""

FLOORS = SCORES + MULTI_RELATION
"""Names of the floors' columns, which come first."""


class RelationEvidence:
    """Columns about pairs, one question of a relation each.

    The floors of the relation come first (`FLOORS`), then scores and details of every relation and of all together,
    and whether the others join the pair. Nothing says whether the relation itself does.

    Args:
        edges: Relations.
        rows: Which edges are seen, bool [edge].
    """

    def __init__(self, edges: RelationEdges, rows: np.ndarray):
        self.edges = edges
        self.scores = []
        for relation in range(len(edges.names)):
            mine = rows & (edges.relation == relation)
            self.scores.append(PairScores(edges.src[mine], edges.dst[mine], edges.nodes))
        self._all = PairScores(edges.src[rows], edges.dst[rows], edges.nodes)

    def columns(self, src: np.ndarray, dst: np.ndarray, relations: Sequence[int]) -> list[np.ndarray]:
        """Evidence about the same pairs for each of several relations, counts on a logarithmic scale.

        Args:
            src: [pair].
            dst: [pair].
            relations: Numbers of the relations that are asked about.

        Returns:
            float64 [pair, column] for each relation.
        """
        scores = [each.columns(src, dst) for each in self.scores]
        together = self._all.columns(src, dst)
        joins = np.column_stack([each.joined(src, dst) for each in self.scores])
        backs = np.column_stack([each.joined(dst, src) for each in self.scores])
        found = []
        for relation in relations:
            others = np.delete(joins, relation, axis=1)
            own = scores[relation][:, : len(SCORES)]
            joined = others.sum(axis=1) + backs.sum(axis=1)
            multi = np.column_stack([joined, together[:, [_CN, _PPR]]])
            rest = [columns for number, columns in enumerate(scores) if number != relation]
            found.append(
                np.column_stack([own, multi, scores[relation][:, len(SCORES) :], others, *rest, together[:, _KEPT]])
            )
        return [np.sign(each) * np.log1p(np.abs(each)) for each in found]

    def two_hops(self, relation: int, src: np.ndarray, dst: np.ndarray) -> np.ndarray:
        """Whether the relation's shortest path between them, in either direction, is of two edges, bool [pair]."""
        graph = self.scores[relation]
        near = graph.joined(src, dst) + graph.joined(dst, src) > 0
        return ~near & (graph.shared(src, dst) > 0)


_CN, _PPR = SCORES.index("common_neighbours"), SCORES.index("personalised_pagerank")
_KEPT = [place for place, name in enumerate(SCORES + DETAILS) if name not in ("edge_back",)]

"""What the edges of one graph say about a pair, by rules without a network."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import svds

RANKS = (4, 16)
"""Of the low-rank approximations."""

RESTART, STEPS = 0.3, 12
"""Chance to go back in personalised PageRank, and steps summed: what is left out is .7 ** 13, under one percent."""

_CELLS = 2**22

SCORES = (
    "preferential_attachment",
    "popularity",
    "common_neighbours",
    "adamic_adar",
    "resource_allocation",
    *(f"low_rank_{rank}" for rank in RANKS),
    *(f"normalised_low_rank_{rank}" for rank in RANKS),
    "personalised_pagerank",
)
"""Columns that are floors of their own."""

DETAILS = (
    "edge_back",
    "out_of_source",
    "into_source",
    "out_of_target",
    "into_target",
    "forward_paths",
    "shared_targets",
    "shared_sources",
    "similar_sources",
)
"""Further columns."""


class PairScores:
    """Scores of pairs from the edges of one graph.

    - Common neighbours, Adamic-Adar and resource allocation treat edges as undirected (Liben-Nowell and Kleinberg
      2007; Zhou, Lü and Zhang 2009), preferential attachment is out-degree of the source times in-degree of the target.
    - `low_rank_k`: the k largest singular values of the adjacency matrix, and of that divided by the roots of both
      degrees (`normalised_low_rank_k`).
    - `personalised_pagerank`: of the target for walks along edges in either direction that restart at the source.
    - `similar_sources`: edges into the target, each counting as much as the targets of where it comes from are the
      source's, by the cosine (collaborative filtering over sources).

    The edge of a pair itself would show in most of them; take it out of the graph first.

    Args:
        src: Ordered pairs that are joined [edge]; repeats count once.
        dst: [edge].
        nodes: Number of nodes.

    >>> path = PairScores(np.array([0, 1]), np.array([1, 2]), 3)
    >>> column = dict(zip(SCORES + DETAILS, path.columns(np.array([0]), np.array([2])).T.tolist()))
    >>> column["common_neighbours"], column["resource_allocation"], column["forward_paths"], column["shared_targets"]
    ([1.0], [0.5], [1.0], [0.0])
    """

    def __init__(self, src: np.ndarray, dst: np.ndarray, nodes: int):
        self.nodes = nodes
        joined = sparse.coo_array((np.ones(len(src), dtype=np.float64), (src, dst)), shape=(nodes, nodes)).tocsr()
        joined.data[:] = 1
        self.out: sparse.csr_array = joined
        self.into: sparse.csr_array = joined.T.tocsr()
        both = (self.out + self.into).tocsr()
        both.data[:] = 1
        self.both: sparse.csr_array = both
        self._out_degree, self._in_degree = np.diff(self.out.indptr), np.diff(self.into.indptr)
        self._degree = np.diff(both.indptr)

    @cached_property
    def _factors(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Left and right factors of each approximation, [node, rank] each, in the order of `SCORES`."""
        out, into = (np.sqrt(np.maximum(degree, 1)) for degree in (self._out_degree, self._in_degree))
        plain = _singular(self.out)
        scaled = _singular((sparse.diags_array(1 / out) @ self.out @ sparse.diags_array(1 / into)).tocsr())
        found = [(plain[0][:, :rank], plain[1][:, :rank]) for rank in RANKS]
        back = (out[:, None], into[:, None])
        return found + [(scaled[0][:, :rank] * back[0], scaled[1][:, :rank] * back[1]) for rank in RANKS]

    def factors(self, rank: int) -> list[np.ndarray]:
        """Of each node as source and as target, from the normalised approximation, [node, at most rank] each."""
        left, right = self._factors[-1]
        return [left[:, :rank], right[:, :rank]]

    def columns(self, src: np.ndarray, dst: np.ndarray) -> np.ndarray:
        """Scores of pairs, float64 [pair, column]: `SCORES`, then `DETAILS`."""
        weights = np.stack(
            [
                np.ones(self.nodes),
                1 / np.log(np.maximum(self._degree, 2)),
                1 / np.maximum(self._degree, 1),
            ],
            axis=1,
        )
        between = _meeting(self.both, self.both, src, dst, weights)
        one = np.ones((self.nodes, 1))
        low_rank = [(left[src] * right[dst]).sum(axis=1) for left, right in self._factors]
        pagerank, similar = self._from_sources(src, dst)
        return np.column_stack(
            [
                self._out_degree[src] * self._in_degree[dst],
                self._in_degree[dst],
                between,
                *low_rank,
                pagerank,
                self.joined(dst, src),
                self._out_degree[src],
                self._in_degree[src],
                self._out_degree[dst],
                self._in_degree[dst],
                _meeting(self.out, self.into, src, dst, one),
                _meeting(self.out, self.out, src, dst, one),
                _meeting(self.into, self.into, src, dst, one),
                similar,
            ]
        ).astype(np.float64)

    def joined(self, src: np.ndarray, dst: np.ndarray) -> np.ndarray:
        """Whether an edge goes from source to target, float64 [pair]."""
        return np.asarray(self.out[src, dst], dtype=np.float64).ravel() if len(src) else np.zeros(0)

    def shared(self, src: np.ndarray, dst: np.ndarray) -> np.ndarray:
        """Common neighbours, float64 [pair]."""
        return _meeting(self.both, self.both, src, dst, np.ones((self.nodes, 1)))[:, 0]

    def _from_sources(self, src: np.ndarray, dst: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Personalised PageRank and collaborative filtering, float64 [pair] each, block by block of sources."""
        walk = (sparse.diags_array(1 / np.maximum(self._degree, 1)) @ self.both).T.tocsr()
        scaled = (sparse.diags_array(1 / np.sqrt(np.maximum(self._out_degree, 1))) @ self.out).tocsr()
        turned, into = scaled.T.tocsr(), self.out.T.tocsr()
        pagerank, similar = np.zeros(len(src)), np.zeros(len(src))
        asked, place = np.unique(src, return_inverse=True)
        block = max(1, _CELLS // max(self.nodes, 1))
        for start in range(0, len(asked), block):
            some = asked[start : start + block]
            rows = np.flatnonzero((place >= start) & (place < start + block))
            at, to = place[rows] - start, dst[rows]
            here = np.zeros((self.nodes, len(some)))
            here[some, np.arange(len(some))] = 1
            alike = scaled @ (turned @ here)
            alike[some, np.arange(len(some))] = 0
            similar[rows] = (into @ alike)[to, at]
            total = RESTART * here
            for _ in range(STEPS):
                here = (1 - RESTART) * (walk @ here)
                total += RESTART * here
            pagerank[rows] = total[to, at]
        return pagerank, similar


def _singular(matrix: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Left times singular values and right factors, largest first, [node, rank]; zeros where there are too few."""
    nodes, rank = matrix.shape[0], RANKS[-1]
    left, right = np.zeros((nodes, rank)), np.zeros((nodes, rank))
    most = min(rank, nodes - 1)
    if matrix.nnz and most > 0:
        u, s, vt = svds(matrix, k=most, v0=np.ones(nodes))
        order = np.argsort(-s, kind="stable")
        left[:, :most], right[:, :most] = (u * s)[:, order], vt[order].T
    return left, right


def _meeting(
    first: sparse.csr_array, second: sparse.csr_array, a: np.ndarray, b: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Weights of the nodes in both a row of the one and a row of the other, summed, float64 [pair, weight]."""
    out = np.zeros((len(a), weights.shape[1]))
    per_pair = max(1.0, first.nnz / max(first.shape[0], 1))
    block = max(1, int(_CELLS / per_pair))
    for start in range(0, len(a), block):
        rows = slice(start, start + block)
        out[rows] = first[a[rows]].multiply(second[b[rows]]) @ weights
    return out

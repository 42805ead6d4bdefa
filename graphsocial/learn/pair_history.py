"""What happened between two nodes, and to one of them, strictly before a time."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.schema import EdgeType


@numba.njit(cache=True)
def _count_pair(
    indptr: np.ndarray, neighbour: np.ndarray, edge_time: np.ndarray, a: np.ndarray, b: np.ndarray, t: np.ndarray
) -> np.ndarray:
    out = np.zeros(len(a), np.int64)
    for i in range(len(a)):
        for k in range(indptr[a[i]], indptr[a[i] + 1]):
            if edge_time[k] >= t[i]:
                break  # rows are sorted by time
            if neighbour[k] == b[i]:
                out[i] += 1
    return out


@numba.njit(cache=True)
def _latest(indptr: np.ndarray, edge_time: np.ndarray, node: np.ndarray, t: np.ndarray) -> np.ndarray:
    out = np.full(len(node), -(2**62), np.int64)
    for i in range(len(node)):
        lo, hi = indptr[node[i]], indptr[node[i] + 1]
        stop = lo + np.searchsorted(edge_time[lo:hi], t[i])
        if stop > lo:
            out[i] = edge_time[stop - 1]
    return out


def times_linked(
    view: SocialGraph, edge_types: tuple[EdgeType, ...], a: np.ndarray, b: np.ndarray, time: np.ndarray
) -> np.ndarray:
    """Edges from a to b over the relations, strictly before `time`, int64 [pair]."""
    total = np.zeros(len(a), np.int64)
    for edge_type in edge_types:
        csr = view.csr(edge_type, "out")
        total += _count_pair(csr.indptr, csr.neighbour, csr.time, a, b, time)
    return total


def seconds_since_target(
    view: SocialGraph, edge_types: tuple[EdgeType, ...], node: np.ndarray, time: np.ndarray
) -> np.ndarray:
    """Seconds since the node was last a target of the relations before `time`, -1 for never, int64 [node]."""
    latest = np.full(len(node), -(2**62), np.int64)
    for edge_type in edge_types:
        csr = view.csr(edge_type, "in")
        latest = np.maximum(latest, _latest(csr.indptr, csr.time, node, time))
    return np.where(latest > -(2**62), time - latest, -1)

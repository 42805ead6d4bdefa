"""What happened between two nodes, and to one of them, strictly before a time."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.schema import EdgeType


@numba.njit(cache=True)
def _count_pair(
    indptr: np.ndarray, neighbour: np.ndarray, clock: np.ndarray, a: np.ndarray, b: np.ndarray, t: np.ndarray
) -> np.ndarray:
    out = np.zeros(len(a), np.int64)
    for i in range(len(a)):
        for k in range(indptr[a[i]], indptr[a[i] + 1]):
            if clock[k] >= t[i]:
                break  # rows are sorted by time
            if neighbour[k] == b[i]:
                out[i] += 1
    return out


def times_linked(
    view: SocialGraph, edge_types: tuple[EdgeType, ...], a: np.ndarray, b: np.ndarray, time: np.ndarray
) -> np.ndarray:
    """Edges from a to b over the relations, strictly before `time`, int64 [pair]."""
    total = np.zeros(len(a), np.int64)
    for edge_type in edge_types:
        csr = view.csr(edge_type, "out")
        total += _count_pair(csr.indptr, csr.neighbour, csr.clock, a, b, csr.on_clock(time))
    return total


def seconds_since_target(
    view: SocialGraph, edge_types: tuple[EdgeType, ...], node: np.ndarray, time: np.ndarray
) -> np.ndarray:
    """Seconds since the node was last a target of the relations before `time`, -1 for never, int64 [node]."""
    from graphsocial.graph.kernels import locate

    latest = np.full(len(node), -(2**62), np.int64)
    for edge_type in edge_types:
        csr = view.csr(edge_type, "in")
        low, high = np.empty_like(node), np.empty_like(node)
        beginning = np.full(len(node), csr.on_clock(None))
        locate(0, len(node), node, beginning, csr.on_clock(time), csr.indptr, csr.clock, low, high)
        some = high > low
        latest[some] = np.maximum(latest[some], csr.time_of(high[some] - 1))
    return np.where(latest > -(2**62), time - latest, -1)

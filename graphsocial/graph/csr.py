"""Compressed sparse rows of one edge type, each row sorted by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Direction = Literal["out", "in"]


@dataclass(frozen=True)
class Csr:
    """Edges grouped by node, in time order inside a row, so "before t" is a prefix found by binary search.

    Attributes:
        indptr: First entry of each node's row, int64 [node + 1].
        neighbour: Node at the other end, int64 [edge].
        time: When the edge became known, int64 seconds [edge].
        edge: Position in the time-sorted edge table, int64 [edge].
    """

    indptr: np.ndarray
    neighbour: np.ndarray
    time: np.ndarray
    edge: np.ndarray


def build_csr(row: np.ndarray, neighbour: np.ndarray, time: np.ndarray, num_rows: int) -> Csr:
    """Groups time-sorted edges by `row`; the grouping is stable, so rows stay sorted by time.

    Args:
        row: Node whose row the edge belongs to, [edge].
        neighbour: Node at the other end, [edge].
        time: Seconds, ascending, [edge].
        num_rows: Number of nodes on the row side.

    >>> csr = build_csr(np.array([1, 0, 1]), np.array([5, 6, 7]), np.array([10, 20, 30]), 2)
    >>> csr.indptr.tolist(), csr.neighbour.tolist(), csr.time.tolist()
    ([0, 1, 3], [6, 5, 7], [20, 10, 30])
    """
    from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

    indptr, order = stable_groups(_contiguous(row), num_rows)
    csr = Csr(indptr, neighbour[order], time[order], order)
    for array in (csr.indptr, csr.neighbour, csr.time, csr.edge):
        array.setflags(write=False)
    return csr


def _contiguous(array: np.ndarray) -> np.ndarray:
    """A read-only int64 copy or view: one type for the kernels, which compile once per type of argument."""
    array = np.ascontiguousarray(array, dtype=np.int64).view()
    array.setflags(write=False)
    return array

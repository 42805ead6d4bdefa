"""Compressed sparse rows of one edge type, each row sorted by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Direction = Literal["out", "in"]

_CLOCK_SPAN = 2**32 - 1


@dataclass(frozen=True, eq=False)
class Csr:
    """Edges grouped by node, in time order inside a row, so "before t" is a prefix found by binary search.

    Numbers are as narrow as the graph allows: 12 bytes per edge where 32 bits are enough, 4 or 8 where all edges became
    known at once, as a follower crawl does.

    Attributes:
        indptr: First entry of each node's row, int64 [node + 1].
        neighbour: Node at the other end, int32, or int64 beyond 2**31 nodes [edge].
        clock: When the edge became known, seconds since `epoch`, uint32, or int64 beyond 136 years [edge].
        epoch: Second that the clock counts from.
        order: Position in the time-sorted edge table, int32 or int64 [edge]; None where entry i is edge i.
    """

    indptr: np.ndarray
    neighbour: np.ndarray
    clock: np.ndarray
    epoch: int
    order: np.ndarray | None

    @property
    def time(self) -> np.ndarray:
        """When each edge became known, int64 seconds [edge]; a new array, kernels read the clock."""
        return self.clock.astype(np.int64) + self.epoch

    @property
    def edge(self) -> np.ndarray:
        """Position of each entry in the time-sorted edge table, int64 [edge]; a new array, see `edge_of`."""
        return self.edge_of(np.arange(len(self.neighbour)))

    def edge_of(self, entry: np.ndarray) -> np.ndarray:
        """Positions of some entries in the time-sorted edge table, int64 [entry]."""
        return entry if self.order is None else self.order[entry].astype(np.int64)

    def time_of(self, entry: np.ndarray) -> np.ndarray:
        """When the edges of some entries became known, int64 seconds [entry]."""
        return self.clock[entry].astype(np.int64) + self.epoch

    def on_clock(self, time: np.ndarray | np.integer | int | None) -> np.ndarray:
        """Times as the clock counts them, clipped to just before its first and just after its last reading, int64.

        None is the beginning of time.
        """
        if time is None:
            return np.int64(-1)  # type: ignore[return-value]
        clipped = np.clip(time, self.epoch - 1, self.epoch + max(_CLOCK_SPAN, self._span) + 1)
        return np.asarray(clipped - self.epoch, dtype=np.int64)[()]

    @property
    def nbytes(self) -> int:
        """Bytes that the index holds; a clock that stands still takes one reading."""
        clock = self.clock.itemsize if self.clock.strides == (0,) else self.clock.nbytes
        return self.indptr.nbytes + self.neighbour.nbytes + clock + (0 if self.order is None else self.order.nbytes)

    @property
    def _span(self) -> int:
        return int(self.clock.max(initial=0)) if self.clock.dtype == np.int64 else _CLOCK_SPAN


def build_csr(row: np.ndarray, neighbour: np.ndarray, time: np.ndarray, num_rows: int, num_neighbours: int) -> Csr:
    """Groups time-sorted edges by `row`; the grouping is stable, so rows stay sorted by time.

    Args:
        row: Node whose row the edge belongs to, [edge].
        neighbour: Node at the other end, [edge].
        time: Seconds, ascending, [edge].
        num_rows: Number of nodes on the row side.
        num_neighbours: Number of nodes on the other side.

    >>> csr = build_csr(np.array([1, 0, 1]), np.array([5, 6, 7]), np.array([10, 20, 30]), 2, 8)
    >>> csr.indptr.tolist(), csr.neighbour.tolist(), csr.time.tolist(), csr.edge.tolist()
    ([0, 1, 3], [6, 5, 7], [20, 10, 30], [1, 0, 2])
    """
    from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

    slot = np.zeros(len(row), dtype=narrow(len(row)))
    indptr = stable_groups(_contiguous(row), num_rows, slot)
    narrow_neighbour = neighbour.astype(narrow(num_neighbours))[slot]
    epoch = int(time[0]) if len(time) else 0
    span = int(time[-1]) - epoch if len(time) else 0
    kind = np.dtype(np.uint32) if span <= _CLOCK_SPAN else np.dtype(np.int64)
    clock = (time - epoch).astype(kind)[slot] if span else np.broadcast_to(np.zeros(1, dtype=kind), len(time))
    in_place = len(slot) == 0 or bool((slot == np.arange(len(slot), dtype=slot.dtype)).all())
    csr = Csr(indptr, narrow_neighbour, clock, epoch, None if in_place else slot)
    for array in (csr.indptr, csr.neighbour, csr.clock, csr.order):
        if array is not None:
            array.setflags(write=False)
    return csr


def narrow(count: int) -> np.dtype:
    """The narrower signed integer that numbers so many things.

    >>> narrow(2**31), narrow(2**31 + 1)
    (dtype('int32'), dtype('int64'))
    """
    return np.dtype(np.int32 if count <= 2**31 else np.int64)


def _contiguous(array: np.ndarray) -> np.ndarray:
    """A read-only int64 copy or view: one type for the kernels, which compile once per type of argument."""
    array = np.ascontiguousarray(array, dtype=np.int64).view()
    array.setflags(write=False)
    return array

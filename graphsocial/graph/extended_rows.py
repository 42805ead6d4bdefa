"""Compressed sparse rows with later edges merged in."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.csr import Csr, Direction, narrow
from graphsocial.graph.tables import EdgeTable, NodeTable


def extended_rows(
    old: Csr,
    edges: EdgeTable,
    cut: int,
    row_rank: np.ndarray | None,
    neighbour_rank: np.ndarray | None,
    nodes: NodeTable,
    direction: Direction,
) -> Csr | None:
    """Rows of all edges, from the rows of those that came before.

    Args:
        old: Rows of the edges from before.
        edges: All edges.
        cut: How many of the first edges stand where they stood.
        row_rank: Where each old node of the row side stands now, ascending; None: where it stood.
        neighbour_rank: The same of the other side.
        nodes: All nodes of the row side.
        direction: Rows of sources or of targets.

    Returns:
        None where the clock would have to be set anew; the rows are then built when they are asked for.
    """
    from graphsocial.graph.extended_rows_kernel import append_rows, merge_rows  # numba: imported when first needed

    span = int(edges.time[-1]) - old.epoch if len(edges) else 0
    if not cut or old.clock.dtype != np.uint32 or old.clock.strides == (0,) or span > np.iinfo(np.uint32).max:
        return None
    row, far = (edges.src, edges.dst) if direction == "out" else (edges.dst, edges.src)
    count = len(edges)
    indptr = np.empty(len(nodes) + 1, dtype=np.int64)
    neighbour = np.empty(count, dtype=old.neighbour.dtype)
    clock, order = np.empty(count, dtype=np.uint32), np.empty(count, dtype=narrow(count))
    before = old.indptr, old.neighbour, old.clock, np.empty(0, dtype=order.dtype) if old.order is None else old.order
    tail = [np.ascontiguousarray(part[cut:]) for part in (row, far, edges.time)]
    if row_rank is None and neighbour_rank is None and cut == len(old.neighbour):
        append_rows(*before, *tail, old.epoch, indptr, neighbour, clock, order)  # type: ignore[call-arg]
    else:
        nothing = np.empty(0, dtype=np.int64)
        ranks = [nothing if rank is None else rank for rank in (row_rank, neighbour_rank)]
        merge_rows(*before, *ranks, *tail, old.epoch, cut, indptr, neighbour, clock, order)  # type: ignore[call-arg]
    for array in (indptr, neighbour, clock, order):
        array.setflags(write=False)
    return Csr(indptr, neighbour, clock, old.epoch, order)

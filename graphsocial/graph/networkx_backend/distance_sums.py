"""Sums of distances over many sources at once, behind closeness, efficiency and mean path length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph


@dataclass(frozen=True, eq=False)
class DistanceSums:
    """What is known of the distances to each node from all sources that reach it.

    Attributes:
        reached: Sources that reach the node, int64 [node].
        total: Sum of their distances, int64 [node].
        inverse: Sum of one over each distance of at least 1, float64 [node].
        height: Largest distance from each source, int64 [source].
    """

    reached: np.ndarray
    total: np.ndarray
    inverse: np.ndarray
    height: np.ndarray


def distance_sums(graph: BackendGraph, sources: np.ndarray | None = None, backward: bool = False) -> DistanceSums:
    """Distances to every node from some sources, None meaning all; `backward`, from every node to them."""
    from graphsocial.graph.paths.bfs_kernels import spread  # numba: imported when first needed

    rows, size = graph.into if backward else graph.out, len(graph)
    source = np.arange(size) if sources is None else np.asarray(sources, dtype=np.int64)
    reached, total, height = (np.zeros(length, dtype=np.int64) for length in (size, size, len(source)))
    found = DistanceSums(reached, total, np.zeros(size), height)
    spread(
        0, len(source), source, rows.first, rows.last, rows.neighbour,
        found.reached, found.total, found.inverse, found.height,
    )  # fmt: skip
    return found

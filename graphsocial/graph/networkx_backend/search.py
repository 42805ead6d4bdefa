"""Breadth-first search over a `BackendGraph`, in NetworkX's order of discovery."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Label


@dataclass(frozen=True, eq=False)
class Found:
    """Nodes that a search found.

    Attributes:
        order: Numbers in the order of discovery, sources first, [found].
        distance: Steps from the nearest source, -1 where not found, int32 [node].
        parent: Node it was found from, -1 for sources, only valid where found, [node].
    """

    order: np.ndarray
    distance: np.ndarray
    parent: np.ndarray

    def lengths(self, graph: BackendGraph) -> dict[Label, int]:
        """Steps to every node that was found, in the order of discovery."""
        return dict(zip(graph.named(self.order), self.distance[self.order].tolist(), strict=True))


def search(
    graph: BackendGraph, sources: Sequence[int] | np.ndarray, limit: int | None = None, backward: bool = False
) -> Found:
    """Everything within `limit` steps of the sources, walking edges forward or backward."""
    from graphsocial.graph.paths.bfs_kernels import breadth_first  # numba: imported when first needed

    rows = graph.into if backward else graph.out
    size, kind = len(graph), rows.neighbour.dtype
    distance, parent, order = np.full(size, -1, dtype=np.int32), np.empty(size, dtype=kind), np.empty(size, dtype=kind)
    steps = size if limit is None else limit
    source = np.asarray(sources, dtype=np.int64)
    count = breadth_first(source, steps, rows.first, rows.last, rows.neighbour, distance, parent, order)
    return Found(order[:count], distance, parent)


def whole_steps(limit: Any, size: int) -> int:
    """Steps that a search may take which goes on while it has taken fewer than `limit`; None: as many as there are.

    >>> whole_steps(None, 9), whole_steps(2.5, 9), whole_steps(-1, 9), whole_steps(math.nan, 9)
    (9, 3, 0, 0)
    """
    if limit is None or limit >= size:
        return size
    return math.ceil(limit) if limit > 0 else 0


def known(graph: BackendGraph, label: Any, message: str) -> int:
    """Number of a node that has to be there; otherwise `NodeNotFound` with the message, which names it as `{}`."""
    number = graph.number(label)
    if number is None:
        raise nx.NodeNotFound(message.format(label))
    return number


def start(graph: BackendGraph, label: Any) -> int:
    """Number of the node that a traversal starts from.

    Raises:
        NetworkXError: The graph has no such node.
        TypeError: It is not hashable.
    """
    number = graph.number_of.get(label)
    if number is None:
        raise nx.NetworkXError(f"The node {label} is not in the {'di' if graph.is_directed() else ''}graph.")
    return number

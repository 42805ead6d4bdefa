"""Core numbers."""

from __future__ import annotations

import networkx as nx
import numpy as np

from graphsocial.graph.networkx_backend.backend_graph import BackendGraph, Label


def core_number(G: BackendGraph) -> dict[Label, int]:
    """`nx.core_number`; in a directed graph, edges either way are two."""
    from graphsocial.graph.kernels import stable_groups
    from graphsocial.graph.structure.core_kernel import core_values  # numba: imported when first needed

    if G.number_of_loops:
        raise nx.NetworkXNotImplemented(
            "Input graph has self loops which is not permitted; "
            "Consider using G.remove_edges_from(nx.selfloop_edges(G))."
        )
    first, last, neighbour = G.out.first, G.out.last, G.out.neighbour
    if G.is_directed():
        row = np.concatenate([G.out.row, G.into.row])
        order = np.empty(len(row), dtype=np.int64)
        indptr = stable_groups(row, len(G), order)
        first, last, neighbour = indptr[:-1], indptr[1:], np.concatenate([neighbour, G.into.neighbour])[order]
    return dict(zip(G, core_values(first, last, neighbour).tolist(), strict=True))

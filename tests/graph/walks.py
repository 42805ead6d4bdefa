"""A view as a NetworkX graph of `(node type, id)`, every step of a walk an edge, for tests against NetworkX."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx
import pyarrow as pa

from graphsocial.graph import SocialGraph
from graphsocial.schema import EdgeType, Schema

REPLY = ("user", "reply", "user")


def stepped(view: SocialGraph, walk: str, edge_types: Sequence[EdgeType] | None = None) -> nx.MultiDiGraph:
    """Nodes in the order of adjacencies, and one edge per step; either way takes two steps per edge."""
    chosen = sorted(view.edge_types if edge_types is None else edge_types)
    found = nx.MultiDiGraph()
    for node_type in sorted({t for e in chosen for t in (e[0], e[2])}):
        found.add_nodes_from((node_type, name) for name in view.node_ids(node_type))
    for e in chosen:
        edges, src, dst = view.edges(e), view.node_ids(e[0]), view.node_ids(e[2])
        for u, v in zip(edges.src, edges.dst, strict=True):
            there, back = (e[0], src[u]), (e[2], dst[v])
            if walk in ("out", "both") or (walk == "flow" and view.schema.flow_of(e) == "forward"):
                found.add_edge(there, back)
            if walk in ("in", "both") or (walk == "flow" and view.schema.flow_of(e) == "backward"):
                found.add_edge(back, there)
    return found


def undirected(view: SocialGraph, edge_types: Sequence[EdgeType] | None = None) -> nx.Graph:
    """Without directions, parallel edges and self-loops."""
    plain = nx.Graph(stepped(view, "out", edge_types))
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    return plain


def replies(pairs: str) -> SocialGraph:
    """A graph of replies between users named by letters: "ab cb" is a to b, then c to b."""
    sources, targets = [p[0] for p in pairs.split()], [p[1] for p in pairs.split()]
    table = pa.table(
        {
            "src": pa.array(sources, pa.string()),
            "dst": pa.array(targets, pa.string()),
            "time": pa.array(range(len(sources)), pa.int64()),
        }
    )
    return SocialGraph.build(Schema({"user": {}}, {REPLY: {}}), {}, {REPLY: table})

"""What is odd in a graph that exports gave: nothing to mend, but something to know."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.ingest.platforms.platform_schema import AUTHOR, REPOST


def graph_notes(graph: SocialGraph, conflicts: Mapping[str, int] | None = None) -> list[str]:
    """Sentences on placeholders, contradictions, self-reposts, and posts older than their author's account.

    Args:
        graph: Graph of a store.
        conflicts: Nodes per type of which two exports say different things.
    """
    found = []
    for node_type in graph.node_types:
        lacking = int((graph.row_known_at(node_type) == NEVER).sum())
        if lacking and len(graph.schema.nodes[node_type]) > len(graph.schema.measured_columns(node_type)):
            of_all = f"{lacking:,} of {graph.num_nodes(node_type):,} {node_type} nodes"
            found.append(f"{of_all} are named, but the exports do not hold them")
    for node_type, count in (conflicts or {}).items():
        found.append(f"{count:,} {node_type} nodes stand in rows that differ; the earliest row counts")
    if AUTHOR in graph.edge_types:
        written = graph.edges(AUTHOR)
        author = np.full(graph.num_nodes("post"), -1, dtype=np.int64)
        author[written.dst[::-1]] = written.src[::-1]
        if REPOST in graph.edge_types:
            passed = graph.edges(REPOST)
            own = int((author[passed.dst] == passed.src).sum())
            if own:
                found.append(f"{own:,} reposts are of the user's own post")
        if "created" in graph.schema.measured_columns("user"):
            created = graph.column("user", "created").fill_null(0).to_numpy()
            early = int((written.recorded & (written.time < created[written.src])).sum())
            if early:
                found.append(f"{early:,} posts are older than their author's account")
    return found
